"""Directories of workspaces, as the paths of the files in the catalogue make them.

An entry is found by one look into the index of paths, from the end of the entry before it (a loose
index scan): a directory takes as long as its entries that are shown, however much lies below them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, select, text

from catalog.database import Database
from catalog.states import FileKind
from catalog.tables import ScaleFile

MOST_ENTRIES: Final = 100
_AFTER_SLASH: Final = chr(ord("/") + 1)
_FIRST: Final = chr(1)
_LAST: Final = chr(0x10FFFF)
_PATHS: Final = text(
    """
    WITH RECURSIVE entry(path, number) AS (
        SELECT (SELECT file_path FROM scale_file
                WHERE workspace_id = :workspace AND NOT is_deleted
                  AND file_path >= :first AND file_path < :behind
                ORDER BY file_path LIMIT 1), 1
        UNION ALL
        SELECT (SELECT file_path FROM scale_file
                WHERE workspace_id = :workspace AND NOT is_deleted
                  AND file_path >= CASE
                      WHEN strpos(substr(entry.path, :start), '/') > 0
                      THEN left(entry.path, :start - 2 + strpos(substr(entry.path, :start), '/'))
                           || :after_slash
                      ELSE entry.path || :first_character END COLLATE "C"
                  AND file_path < :behind
                ORDER BY file_path LIMIT 1), number + 1
        FROM entry WHERE entry.path IS NOT NULL AND number < :most
    )
    SELECT path FROM entry WHERE path IS NOT NULL ORDER BY number
    """
)


@dataclass(frozen=True, slots=True)
class FileEntry:
    """A file of a directory; size in bytes."""

    id: int
    kind: FileKind
    file_size: int
    media_type: str
    created: datetime


@dataclass(frozen=True, slots=True)
class Entry:
    """A name in a directory; without a file it is a directory."""

    name: str
    file: FileEntry | None

    @property
    def key(self) -> str:
        """How paths begin that are this entry or lie below it; entries are in its order."""
        return self.name if self.file is not None else f"{self.name}/"


@dataclass(frozen=True, slots=True)
class Directory:
    """Some entries of a directory, and from which one it goes on; None at the end."""

    entries: tuple[Entry, ...]
    following: str | None


class DirectoryQueries:
    """Reads directories."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def read(
        self, workspace_id: int, path: str = "", start: str = "", size: int = MOST_ENTRIES
    ) -> Directory:
        """Return entries of a directory in the order of their characters.

        Parameters
        ----------
        path
            The directory, without slashes around it; empty for the workspace itself.
        start
            The first entry that is wanted: the name of a file, or of a directory with a slash.
        """
        prefix = f"{path}/" if path else ""
        with self._database.reading() as connection:
            paths = _paths(connection, workspace_id, prefix, start, size + 1)
            names = list(_names(paths, prefix))
            # what a path names whole is a file; the others are of something below a directory
            whole = [f"{prefix}{name}" for name in names]
            files = _files(connection, workspace_id, whole)
        entries = [Entry(name, files.get(path)) for name, path in zip(names, paths, strict=True)]
        following = entries[size].key if len(entries) > size else None
        return Directory(tuple(entries[:size]), following)


def _paths(
    connection: Connection, workspace_id: int, prefix: str, start: str, most: int
) -> Sequence[str]:
    """Return for each entry the first path that is it or lies below it."""
    behind = f"{prefix[:-1]}{_AFTER_SLASH}" if prefix else _LAST
    return connection.scalars(
        _PATHS,
        {
            "workspace": workspace_id,
            "first": f"{prefix}{start}",
            "behind": behind,
            "start": len(prefix) + 1,
            "after_slash": _AFTER_SLASH,
            "first_character": _FIRST,
            "most": most,
        },
    ).all()


def _names(paths: Sequence[str], prefix: str) -> Iterator[str]:
    for path in paths:
        yield path.removeprefix(prefix).partition("/")[0]


def _files(connection: Connection, workspace_id: int, paths: Sequence[str]) -> dict[str, FileEntry]:
    columns: list[Any] = [
        ScaleFile.file_path, ScaleFile.id, ScaleFile.kind, ScaleFile.file_size,
        ScaleFile.media_type, ScaleFile.created,
    ]  # fmt: skip
    rows = connection.execute(
        select(*columns).where(
            ScaleFile.workspace_id == workspace_id, ScaleFile.file_path.in_(paths)
        )
    )
    return {row.file_path: FileEntry(*row[1:]) for row in rows}
