"""Stores of files and Strike processes."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import BigInteger, Text, any_, delete, func, literal, select, text, update
from sqlalchemy.dialects.postgresql import ARRAY, insert

from catalog.records.files import FileRecord, ScanRecord, StrikeRecord
from catalog.states import FileKind
from catalog.stores.store import Store
from catalog.tables import FileAncestry, JobExecution, Preview, ScaleFile, Scan, Strike

_LOCK_KEYS: Final = text(
    """
    SELECT pg_advisory_xact_lock(wanted.key)
    FROM (SELECT DISTINCT hashtextextended(name, 0) AS key
          FROM unnest(CAST(:keys AS text[])) AS name ORDER BY key OFFSET 0) AS wanted
    """
)


class FileStore(Store[FileRecord]):
    """Rows of source and product files, and of the ancestry between them."""

    table = ScaleFile
    record = FileRecord
    noun = "file"

    def at(self, workspace_id: int, file_path: str) -> FileRecord | None:
        """Return the file stored at a path of a workspace, if any."""
        return self._first(ScaleFile.workspace_id == workspace_id, ScaleFile.file_path == file_path)

    def same_source(self, workspace_id: int, file_name: str, sha256: str) -> FileRecord | None:
        """Return the source with this name and content in a workspace, if any."""
        return self._first(
            ScaleFile.kind == FileKind.SOURCE,
            ScaleFile.workspace_id == workspace_id,
            ScaleFile.file_name == file_name,
            ScaleFile.sha256 == sha256,
            ScaleFile.is_deleted.is_(False),
        )

    def sources_named(self, names: Iterable[tuple[int, str]]) -> list[FileRecord]:
        """Return the sources that have one of these names in its workspace, newest first."""
        wanted = set(names)
        files = self._records(
            select(*self._columns)
            .where(
                ScaleFile.kind == FileKind.SOURCE,
                ScaleFile.file_name == any_(literal([name for _, name in wanted], ARRAY(Text))),
                ScaleFile.is_deleted.is_(False),
            )
            .order_by(ScaleFile.id.desc())
        )
        return [each for each in files if (each.workspace_id, each.file_name) in wanted]

    def mark_deleted(self, file_ids: Iterable[int]) -> None:
        """Note that files are not to be used any more; their previews go."""
        ids = literal(list(file_ids), ARRAY(BigInteger))
        self._session.execute(delete(Preview).where(Preview.file_id == any_(ids)))
        self._session.execute(
            update(ScaleFile)
            .where(ScaleFile.id == any_(ids))
            .values(is_deleted=True, deleted=datetime.now(UTC))
        )

    def places_of_names(
        self, workspace_ids: Iterable[int], file_names: Iterable[str]
    ) -> set[tuple[int, str, str]]:
        """Return workspace id, name and path of the files that have one of these names."""
        rows = self._session.execute(
            select(ScaleFile.workspace_id, ScaleFile.file_name, ScaleFile.file_path).where(
                ScaleFile.workspace_id.in_(list(workspace_ids)),
                # One parameter, for a statement has 65,535 at most, and there may be more names.
                ScaleFile.file_name == any_(literal(list(file_names), ARRAY(Text))),
            )
        )
        return {(workspace_id, name, path) for workspace_id, name, path in rows}

    def lock_name(self, workspace_id: int, file_name: str) -> None:
        """Let one transaction at a time decide whether a workspace has a source of this name."""
        self.lock_names([(workspace_id, file_name)])

    def lock_names(self, names: Iterable[tuple[int, str]]) -> None:
        """Lock many names, in the order of their keys, so that two callers never wait crosswise."""
        keys = [f"source {workspace_id} {file_name}" for workspace_id, file_name in names]
        self._session.execute(_LOCK_KEYS, {"keys": keys})

    def lock_products(self, job_type_id: int) -> None:
        """Let one transaction at a time publish products of a job type.

        Otherwise two executions that end at once could each miss the products of the other, and
        both would stay published.
        """
        key = f"products {job_type_id}"
        self._session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(key, 0))))

    def unpublish_superseded(self, product_uuids: Iterable[str], job_exe_id: int) -> None:
        """Unpublish older products that the ones of this execution replace (same uuid)."""
        self._session.execute(
            update(ScaleFile)
            .where(
                ScaleFile.uuid.in_(list(product_uuids)),
                ScaleFile.kind == FileKind.PRODUCT,
                ScaleFile.is_published,
                ScaleFile.job_exe_id != job_exe_id,
            )
            .values(is_published=False, unpublished=datetime.now(UTC))
        )

    def add_ancestry(
        self, descendant_ids: Iterable[int], parent_ids: Sequence[int], job_exe_id: int
    ) -> None:
        """Record that an execution made files from `parent_ids`, and so from their ancestors."""
        if not parent_ids:
            return
        older = self._session.scalars(
            select(FileAncestry.ancestor_id)
            .where(FileAncestry.descendant_id.in_(parent_ids))
            .distinct()
        ).all()
        ancestors = {**dict.fromkeys(older, False), **dict.fromkeys(parent_ids, True)}
        rows = [
            {
                "descendant_id": descendant,
                "ancestor_id": ancestor,
                "is_direct": is_direct,
                "job_exe_id": job_exe_id,
            }
            for descendant in descendant_ids
            for ancestor, is_direct in ancestors.items()
        ]
        if rows:
            self._session.execute(insert(FileAncestry).on_conflict_do_nothing(), rows)

    def sources_of(self, file_ids: Iterable[int]) -> list[FileRecord]:
        """Return the source files among these files and their ancestors, by id."""
        wanted = list(file_ids)
        ancestors = select(FileAncestry.ancestor_id).where(FileAncestry.descendant_id.in_(wanted))
        rows = self._session.scalars(
            select(ScaleFile)
            .where(
                ScaleFile.kind == FileKind.SOURCE,
                ScaleFile.id.in_(wanted) | ScaleFile.id.in_(ancestors),
            )
            .order_by(ScaleFile.id)
        )
        return [self._record(row) for row in rows]

    def made_by(self, job_id: int) -> list[FileRecord]:
        """Return the files that all executions of a job made and nobody deleted, by id."""
        executions = select(JobExecution.id).where(JobExecution.job_id == job_id)
        rows = self._session.scalars(
            select(ScaleFile)
            .where(ScaleFile.job_exe_id.in_(executions), ScaleFile.is_deleted.is_(False))
            .order_by(ScaleFile.id)
        )
        return [self._record(row) for row in rows]

    def products_of(self, job_exe_id: int) -> list[FileRecord]:
        """Return the products of one execution, by id."""
        rows = self._session.scalars(
            select(ScaleFile).where(ScaleFile.job_exe_id == job_exe_id).order_by(ScaleFile.id)
        )
        return [self._record(row) for row in rows]


class StrikeStore(Store[StrikeRecord]):
    """Rows of Strike processes."""

    table = Strike
    record = StrikeRecord
    noun = "Strike process"

    def find(self, name: str) -> StrikeRecord | None:
        """Return the Strike process of this name, if any."""
        return self._first(Strike.name == name)

    def active(self) -> list[StrikeRecord]:
        """Return every Strike process that is to run, by name."""
        rows = self._session.scalars(select(Strike).where(Strike.is_active).order_by(Strike.name))
        return [self._record(row) for row in rows]


class ScanStore(Store[ScanRecord]):
    """Rows of scans."""

    table = Scan
    record = ScanRecord
    noun = "scan"

    def find(self, name: str) -> ScanRecord | None:
        """Return the scan of this name, if any."""
        return self._first(Scan.name == name)
