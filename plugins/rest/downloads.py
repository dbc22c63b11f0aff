"""Sending the bytes of a file as they stand in its workspace."""

import os
import re
import stat
from http import HTTPStatus
from pathlib import Path
from typing import Final

from fastapi import Request
from starlette.responses import FileResponse, Response

from catalog.brokers import broker_of
from catalog.errors import NotFoundError
from catalog.media_types import UNKNOWN
from catalog.queries.files import StoredContent

_MEDIA_TYPE: Final = re.compile(r"[\w.+-]+/[\w.+-]+", re.ASCII)


def content_response(http: Request, stored: StoredContent) -> Response:
    """Return the answer that sends a file, a part of it, or word that the caller has it already.

    Raises
    ------
    NotFoundError
        Raised if the file was deleted, or its bytes are not where the catalogue says.
    """
    path, status = _located(stored)
    etag = f'"{stored.sha256}"'
    if _is_known(http, etag):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers={"ETag": etag})
    return FileResponse(
        path,
        headers={
            "ETag": etag,
            "Cache-Control": "private, no-cache",
            # The content is the provider's: nothing of it may run as a page of this server.
            "Content-Security-Policy": "sandbox; default-src 'none'",
            "X-Content-Type-Options": "nosniff",
            "Content-Encoding": "identity",  # or Airflow compresses it, and hides its size
        },
        media_type=stored.media_type if _MEDIA_TYPE.fullmatch(stored.media_type) else UNKNOWN,
        filename=stored.file_name,
        stat_result=status,
    )


def _located(stored: StoredContent) -> tuple[Path, os.stat_result]:
    if stored.is_deleted:
        sentence = f"File {stored.id} ({stored.file_name!r}) was deleted; only its record is left."
        raise NotFoundError("file", stored.id, sentence)
    path = broker_of(stored.workspace.json_config).path(stored.file_path)
    try:
        status = path.stat()
    except OSError as error:
        raise _unreadable(stored, error.strerror or "cannot be read") from error
    if not stat.S_ISREG(status.st_mode):
        raise _unreadable(stored, "is not a regular file")
    return path, status


def _unreadable(stored: StoredContent, reason: str) -> NotFoundError:
    return NotFoundError(
        "file",
        stored.id,
        f"File {stored.id} is {stored.file_path!r} in workspace {stored.workspace.name!r}, but its"
        f" bytes are out of reach: {reason}. Check that the workspace is mounted on this host.",
    )


def _is_known(http: Request, etag: str) -> bool:
    known = http.headers.get("if-none-match", "")
    tags = [tag.strip().removeprefix("W/") for tag in known.split(",")]
    return etag in tags or known.strip() == "*"
