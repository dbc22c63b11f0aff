"""Stores of the versions of the DAG bundle, and of the files that configure it."""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from catalog.tables import ConfigurationFile, DagShard, DagSnapshot, Definitions

_DEFINITIONS_ID: Final = 1


class DefinitionStore:
    """The count of changes of what DAGs are made from, and the snapshots made of them."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def changed(self) -> None:
        """Count a change, in the transaction that makes it; changes wait for one another here."""
        self._session.execute(
            update(Definitions)
            .where(Definitions.id == _DEFINITIONS_ID)
            .values(revision=Definitions.revision + 1)
        )

    def release(self) -> None:
        """Let DAGs that were held back move on: the runs that waited for them may be made now."""
        self._session.execute(
            update(Definitions)
            .where(Definitions.id == _DEFINITIONS_ID, Definitions.is_held_back)
            .values(revision=Definitions.revision + 1, is_held_back=False)
        )

    def lock(self) -> None:
        """Let one transaction at a time edit what DAGs are made from; to be called before edits."""
        self._session.execute(
            select(Definitions.id).where(Definitions.id == _DEFINITIONS_ID).with_for_update()
        )

    def lock_stale(self) -> int | None:
        """Return the revision a new snapshot is due for, locked; None if there is no need."""
        return self._session.scalars(
            select(Definitions.revision)
            .where(
                Definitions.id == _DEFINITIONS_ID,
                Definitions.revision != Definitions.snapshot_revision,
            )
            .with_for_update()
        ).first()

    def fresh_version(self) -> str | None:
        """Return the version of the newest snapshot, None if definitions changed since."""
        return self._session.scalars(
            select(Definitions.snapshot_version).where(
                Definitions.revision == Definitions.snapshot_revision
            )
        ).first()

    def current_version(self) -> str | None:
        """Return the version of the newest snapshot, None before the first."""
        return self._session.scalars(select(Definitions.snapshot_version)).one()

    def keep(
        self,
        revision: int,
        version: str,
        files: Mapping[str, str],
        shards: Mapping[str, Any],
        *,
        is_held_back: bool,
    ) -> None:
        """Keep a snapshot as the current one. What exists under the same digest keeps its content.

        A shard that the last snapshot did not have counts as made now, also if it was there
        before: Airflow reads a file again only if it is younger than what it read last.

        Parameters
        ----------
        files
            File name to shard digest.
        shards
            Shard digest to content.
        is_held_back
            Whether some DAG has an older revision than its type, for runs that wait for it.
        """
        last = self._session.scalars(
            select(DagSnapshot.shards).join(
                Definitions, Definitions.snapshot_version == DagSnapshot.version
            )
        ).first()
        known = set((last or {}).values())
        new = [
            {"digest": digest, "content": content}
            for digest, content in shards.items()
            if digest not in known
        ]
        if new:
            self._session.execute(
                insert(DagShard).on_conflict_do_update(
                    index_elements=["digest"], set_={"created": func.clock_timestamp()}
                ),
                new,
            )
        self._session.execute(
            insert(DagSnapshot).values(version=version, shards=dict(files)).on_conflict_do_nothing()
        )
        self._session.execute(
            update(Definitions)
            .where(Definitions.id == _DEFINITIONS_ID)
            .values(snapshot_revision=revision, snapshot_version=version, is_held_back=is_held_back)
        )

    def shards_of(self, version: str) -> dict[str, tuple[dict[str, Any], float]]:
        """Return file name to (content, seconds since the epoch of its making) for a version.

        Raises
        ------
        LookupError
            Raised if there was never such a version.
        """
        files = self._session.scalars(
            select(DagSnapshot.shards).where(DagSnapshot.version == version)
        ).first()
        if files is None:
            message = f"There is no DAG bundle version {version!r} in the catalogue."
            raise LookupError(message)
        rows = self._session.scalars(
            select(DagShard).where(DagShard.digest.in_(list(files.values())))
        )
        content = {row.digest: (row.content, row.created.timestamp()) for row in rows}
        return {name: content[digest] for name, digest in files.items()}


class ConfigurationFileStore:
    """What became of each file of dags/recipes."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def digests(self) -> dict[str, str]:
        """Return path to sha256 of every file as it was last imported or refused."""
        rows = self._session.execute(select(ConfigurationFile.path, ConfigurationFile.sha256))
        return {path: digest for path, digest in rows}  # noqa: C416

    def problems(self) -> dict[str, str]:
        """Return path to problem of every file that was refused."""
        rows = self._session.execute(
            select(ConfigurationFile.path, ConfigurationFile.problem).where(
                ConfigurationFile.problem.is_not(None)
            )
        )
        return {path: problem for path, problem in rows if problem is not None}

    def record(self, path: str, sha256: str, problem: str | None) -> bool:
        """Keep the outcome of one import; `problem` is None when it succeeded.

        Returns
        -------
        bool
            Whether the file's problem is another than before, or there is none any more.
        """
        before = self._session.get(ConfigurationFile, path, populate_existing=True)
        has_changed = problem != (None if before is None else before.problem)
        row = insert(ConfigurationFile).values(path=path, sha256=sha256, problem=problem)
        self._session.execute(
            row.on_conflict_do_update(
                index_elements=["path"],
                set_={
                    "sha256": row.excluded.sha256,
                    "problem": row.excluded.problem,
                    "last_modified": func.clock_timestamp(),
                },
            )
        )
        return has_changed

    def forget(self, path: str) -> bool:
        """Forget a file that is gone; what it configured stays. Return whether it had a problem."""
        row = self._session.get(ConfigurationFile, path)
        if row is None:
            return False
        self._session.delete(row)
        self._session.flush()
        return row.problem is not None
