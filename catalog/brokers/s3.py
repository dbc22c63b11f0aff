"""Files of a workspace in a bucket of S3, or of anything that speaks its protocol.

An object is there whole or not at all: a small one is one request, a large one a multipart upload
that is completed or aborted. The server checks each part by the checksum that the client sends.
"""

import errno
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from botocore.exceptions import BotoCoreError
from s3fs import S3FileSystem

from catalog.brokers.broker import CHUNK, Broker, Listed, Sizes, StoredFile, checked
from catalog.brokers.connections import s3_options

PART: Final = 8 * 1024 * 1024
"""Bytes of a part of a large upload; what is smaller is one request."""


@dataclass(frozen=True, slots=True)
class S3Broker(Broker):
    """Files below a prefix of a bucket, reached by a connection or by the environment."""

    bucket: str
    prefix: str = ""
    connection: str | None = None

    @property
    def files(self) -> S3FileSystem:
        """The client; one for each connection and process.

        Raises
        ------
        OSError
            Raised if the connection is not there.
        """
        options = s3_options(self.connection)
        return S3FileSystem(**options, use_listings_cache=False, max_concurrency=4)

    def where(self, file_path: str) -> str:
        """Return the address of an object."""
        return f"s3://{self._key(file_path)}"

    def local(self, file_path: str) -> Path | None:
        """Return None: there is no file system. The path is checked all the same."""
        checked(file_path)
        return None

    def put(self, source: Path, file_path: str) -> StoredFile:
        """Upload a file and see that it stands there with its size."""
        key = self._key(file_path)
        digest = hashlib.sha256()
        size = 0
        with source.open("rb") as reader, _as_os_errors(self.where(file_path)):
            writer = self.files.open(key, "wb", block_size=PART)
            try:
                while chunk := reader.read(CHUNK):
                    digest.update(chunk)
                    size += len(chunk)
                    writer.write(chunk)
            except BaseException:
                writer.closed = True  # closing would complete the upload of a part of the file
                writer.discard()
                raise
            writer.close()
        if self.size(file_path) != size:
            raise OSError(
                errno.EIO, f"the object has {self.size(file_path)} bytes instead of {size}", key
            )
        return StoredFile(size, digest.hexdigest())

    def size(self, file_path: str) -> int | None:
        """Return the size of an object in bytes, None if there is none."""
        try:
            with _as_os_errors(self.where(file_path)):
                found = self.files.info(self._key(file_path), refresh=True)
        except FileNotFoundError:
            return None
        return int(found["size"]) if found["type"] == "file" else None

    def stream(self, file_path: str, first: int = 0, length: int | None = None) -> Iterator[bytes]:
        """Yield the content of an object, a part of it at a time."""
        size = self.size(file_path)
        if size is None:
            raise FileNotFoundError(errno.ENOENT, "there is no such object", self.where(file_path))
        end = size if length is None else min(size, first + length)
        for start in range(first, end, PART):
            with _as_os_errors(self.where(file_path)):
                yield self.files.cat_file(
                    self._key(file_path), start=start, end=min(start + PART, end)
                )

    def duplicate(self, file_path: str, new_path: str) -> None:
        """Copy an object inside the bucket; the server does it."""
        with _as_os_errors(self.where(file_path)):
            self.files.cp_file(self._key(file_path), self._key(new_path))

    def remove(self, file_path: str) -> None:
        """Remove an object; one that is gone already stays gone."""
        try:
            with _as_os_errors(self.where(file_path)):
                self.files.rm_file(self._key(file_path))
        except FileNotFoundError:
            return

    def walk(self, directory: str = "") -> Iterator[Listed]:
        """Yield the objects below a prefix, in the order of their keys."""
        top = self._key(directory) if directory else self._root
        with _as_os_errors(f"s3://{top}"):
            found = self.files.find(top, detail=True, refresh=True)
        for key in sorted(found):
            if found[key]["type"] == "file" and key != top:
                yield Listed(key.removeprefix(f"{self._root}/"), int(found[key]["size"]))

    def sizes(self) -> Sizes | None:
        """Return that a bucket has no known limits, None while it cannot be reached."""
        try:
            with _as_os_errors(f"s3://{self.bucket}"):
                self.files.call_s3("head_bucket", Bucket=self.bucket)
        except OSError:
            return None
        return Sizes(None, None)

    @property
    def _root(self) -> str:
        return f"{self.bucket}/{self.prefix}" if self.prefix else self.bucket

    def _key(self, file_path: str) -> str:
        return f"{self._root}/{checked(file_path)}"


@contextmanager
def _as_os_errors(where: str) -> Iterator[None]:
    """Turn a failure of the client, such as a server that does not answer, into an `OSError`."""
    try:
        yield
    except BotoCoreError as error:
        raise OSError(errno.EIO, str(error), where) from error
