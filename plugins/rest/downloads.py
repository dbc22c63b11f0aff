"""Sending the bytes of a file as they stand in its workspace."""

import os
import re
import stat
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Final

from fastapi import Request
from starlette.responses import FileResponse, Response, StreamingResponse

from catalog.brokers import Broker, broker_of
from catalog.errors import NotFoundError
from catalog.media_types import UNKNOWN
from catalog.queries.file_rows import StoredContent
from plugins.rest.ranges import Part, UnsatisfiableError, part_of

_MEDIA_TYPE: Final = re.compile(r"[\w.+-]+/[\w.+-]+", re.ASCII)


def content_response(http: Request, stored: StoredContent) -> Response:
    """Return the answer that sends a file, a part of it, or word that the caller has it already.

    Raises
    ------
    NotFoundError
        Raised if the file was deleted, or its bytes are not where the catalogue says.
    """
    if stored.is_deleted:
        sentence = f"File {stored.id} ({stored.file_name!r}) was deleted; only its record is left."
        raise NotFoundError("file", stored.id, sentence)
    etag = f'"{stored.sha256}"'
    broker = broker_of(stored.workspace.json_config)
    path = broker.local(stored.file_path)
    if path is None:
        return _streamed(http, stored, broker, etag)
    status = _status(stored, path)
    if _is_known(http, etag):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers={"ETag": etag})
    return FileResponse(
        path,
        headers=_headers(etag),
        media_type=_media_type(stored),
        filename=stored.file_name,
        stat_result=status,
    )


def _streamed(http: Request, stored: StoredContent, broker: Broker, etag: str) -> Response:
    """Return the answer that sends a file of a broker without a file system, as it is read."""
    size = _size(stored, broker)
    if _is_known(http, etag):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers={"ETag": etag})
    try:
        part = part_of(http.headers, size, etag)
    except UnsatisfiableError:
        return Response(
            status_code=HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE,
            headers={"Content-Range": f"bytes */{size}"},
        )
    whole = part is None
    sent = Part(0, size) if part is None else part
    # The headers of a file of a file system are made there; these are the same.
    template = FileResponse(
        stored.file_name, media_type=_media_type(stored), filename=stored.file_name
    )
    headers = {
        "Content-Disposition": template.headers["Content-Disposition"],
        "Content-Length": str(sent.length),
        "Accept-Ranges": "bytes",
        **_headers(etag),
    }
    if not whole:
        headers["Content-Range"] = f"bytes {sent.first}-{sent.first + sent.length - 1}/{size}"
    content: Iterator[bytes] = iter(())
    if http.method != "HEAD":
        content = broker.stream(stored.file_path, sent.first, sent.length)
    return StreamingResponse(
        content,
        status_code=HTTPStatus.OK if whole else HTTPStatus.PARTIAL_CONTENT,
        headers=headers,
        media_type=_media_type(stored),
    )


def _headers(etag: str) -> dict[str, str]:
    return {
        "ETag": etag,
        "Cache-Control": "private, no-cache",
        # The content is the provider's: nothing of it may run as a page of this server.
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "X-Content-Type-Options": "nosniff",
        "Content-Encoding": "identity",  # or Airflow compresses it, and hides its size
    }


def _media_type(stored: StoredContent) -> str:
    return stored.media_type if _MEDIA_TYPE.fullmatch(stored.media_type) else UNKNOWN


def _status(stored: StoredContent, path: Path) -> os.stat_result:
    try:
        status = path.stat()
    except OSError as error:
        raise _unreadable(stored, error.strerror or "cannot be read") from error
    if not stat.S_ISREG(status.st_mode):
        raise _unreadable(stored, "is not a regular file")
    return status


def _size(stored: StoredContent, broker: Broker) -> int:
    try:
        size = broker.size(stored.file_path)
    except OSError as error:
        raise _unreadable(stored, error.strerror or "cannot be read") from error
    if size is None:
        raise _unreadable(stored, "there is no such object")
    return size


def _unreadable(stored: StoredContent, reason: str) -> NotFoundError:
    return NotFoundError(
        "file",
        stored.id,
        f"File {stored.id} is {stored.file_path!r} in workspace {stored.workspace.name!r}, but its"
        f" bytes are out of reach: {reason}. Check that the workspace is mounted on this host, or"
        " that its storage answers.",
    )


def _is_known(http: Request, etag: str) -> bool:
    known = http.headers.get("if-none-match", "")
    tags = [tag.strip().removeprefix("W/") for tag in known.split(",")]
    return etag in tags or known.strip() == "*"
