"""A bucket whose every request has a time limit, and that is left in peace when it does not answer.

Its client is that of workspaces in buckets, with the connections of those; see docs/workspaces.md.
"""

import asyncio
import errno
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic
from typing import Any, Final

from aiohttp import ClientError
from botocore.exceptions import BotoCoreError
from fsspec.asyn import sync
from s3fs import S3FileSystem

from catalog.brokers.connections import s3_options

PART: Final = 5 * 1024 * 1024
"""Bytes of a part of a large upload: the least that the protocol allows."""
_AT_ONCE: Final = 1000
"""How many objects one request names at most, by the protocol."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An object, or an upload that was never completed: its key, bytes, and when it was written."""

    key: str
    size: int
    written: datetime
    upload: str = ""


@dataclass(slots=True)
class Bucket:
    """Objects of one bucket; shared by the threads of a process.

    Parameters
    ----------
    connection
        Id of an Airflow connection; None for what the environment says.
    seconds
        How long one request may take.
    pause
        How many seconds no request is made after one was not answered.
    upload_seconds
        How long an upload of many parts may take.
    """

    name: str
    connection: str | None = None
    seconds: float = 10.0
    pause: float = 15.0
    upload_seconds: float = 60.0
    _silent_until: float = field(default=0.0, init=False)

    def put(self, key: str, content: bytes) -> None:
        """Write an object, whole or not at all."""
        self.ask("put_object", Key=key, Body=content)

    def get(self, key: str, first: int, length: int) -> bytes:
        """Return `length` bytes of an object, or as many as it has from `first`.

        Raises
        ------
        FileNotFoundError
            Raised if there is no such object.
        """
        return bytes(
            self.ask("get_object", Key=key, Range=f"bytes={first}-{first + length - 1}")["Body"]
        )

    def list(self, prefix: str) -> Iterator[Entry]:
        """Yield the objects whose keys begin so, in their order: a request for each thousand."""
        token: dict[str, str] = {}
        while True:
            answer = self.ask("list_objects_v2", Prefix=prefix, **token)
            for each in answer.get("Contents", ()):
                yield Entry(each["Key"], int(each["Size"]), each["LastModified"])
            if not answer.get("IsTruncated"):
                return
            token = {"ContinuationToken": answer["NextContinuationToken"]}

    def remove(self, keys: Iterable[str]) -> None:
        """Remove objects; those that are gone already stay gone."""
        names = [{"Key": each} for each in keys]
        for begin in range(0, len(names), _AT_ONCE):
            batch = {"Objects": names[begin : begin + _AT_ONCE], "Quiet": True}
            failed = self.ask("delete_objects", Delete=batch).get("Errors", ())
            for each in failed:
                raise OSError(errno.EACCES, each.get("Message", "it stays"), self._at(each["Key"]))

    def upload(self, key: str, pieces: Iterable[bytes], size: int) -> None:
        """Write an object of any size, whole or not at all; a part of it at a time is in memory."""
        if size <= PART:
            self.put(key, b"".join(pieces))
            return
        identity = self.ask("create_multipart_upload", Key=key)["UploadId"]
        try:
            self._send(key, identity, _parts_of(pieces))
        except BaseException:
            with suppress(OSError):
                self.abort(key, identity)
            raise

    def uploads(self, prefix: str) -> Iterator[Entry]:
        """Yield the uploads below a prefix that were never completed, at most a thousand."""
        answer = self.ask("list_multipart_uploads", Prefix=prefix)
        for each in answer.get("Uploads", ()):
            yield Entry(each["Key"], 0, each["Initiated"], each["UploadId"])

    def abort(self, key: str, upload: str) -> None:
        """Remove what was sent of an upload."""
        self.ask("abort_multipart_upload", Key=key, UploadId=upload)

    def _send(self, key: str, identity: str, parts: Iterator[bytes]) -> None:
        until = monotonic() + self.upload_seconds
        done = []
        for number, content in enumerate(parts, 1):
            if monotonic() > until:
                raise TimeoutError(
                    errno.ETIMEDOUT,
                    f"the upload takes longer than {self.upload_seconds:g} s",
                    self._at(key),
                )
            sent = self.ask(
                "upload_part", Key=key, UploadId=identity, PartNumber=number, Body=content
            )
            done.append({"ETag": sent["ETag"], "PartNumber": number})
        self.ask(
            "complete_multipart_upload",
            Key=key,
            UploadId=identity,
            MultipartUpload={"Parts": done},
        )

    def ask(self, method: str, **arguments: Any) -> dict[str, Any]:
        """Make one request.

        Raises
        ------
        OSError
            Raised if it is refused, not answered in time, or not made because the last was not.
        """
        where = self._at(arguments.get("Key", arguments.get("Prefix", "")))
        left = self._silent_until - monotonic()
        if left > 0:
            raise TimeoutError(
                errno.ETIMEDOUT, f"it did not answer, and is asked again in {left:.0f} s", where
            )
        try:
            files = self._files
            return dict(sync(files.loop, self._answer, files, method, arguments))
        except FileNotFoundError as error:
            if method == "get_object":
                raise
            raise OSError(errno.ENXIO, f"there is no such bucket ({error})", where) from error
        except (BotoCoreError, ClientError, TimeoutError, ConnectionError) as error:
            self._silent_until = monotonic() + self.pause
            reason = str(error) or f"no answer in {self.seconds:g} s"
            raise TimeoutError(errno.ETIMEDOUT, reason, where) from error

    async def _answer(self, files: Any, method: str, arguments: dict[str, Any]) -> dict[str, Any]:
        async with asyncio.timeout(self.seconds):
            answer = await files._call_s3(method, Bucket=self.name, **arguments)  # noqa: SLF001  # the only way to do it in its loop
            if method == "get_object":
                async with answer["Body"] as body:
                    return {"Body": await body.read()}
            return dict(answer)

    @property
    def _files(self) -> Any:
        """The client; one for each connection and process."""
        limits = {
            "connect_timeout": self.seconds,
            "read_timeout": self.seconds,
            "retries": {"total_max_attempts": 2},
        }
        return S3FileSystem(
            **s3_options(self.connection), use_listings_cache=False, config_kwargs=limits
        )

    def _at(self, key: str) -> str:
        return f"s3://{self.name}/{key}"


def _parts_of(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the same bytes in parts of one size; only the last is smaller."""
    buffer = bytearray()
    for piece in pieces:
        buffer += piece
        while len(buffer) >= PART:
            yield bytes(buffer[:PART])
            del buffer[:PART]
    if buffer:
        yield bytes(buffer)
