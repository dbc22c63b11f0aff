"""Store of the moves of files inside their workspaces."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import BigInteger, any_, delete, exists, func, literal, or_, select, update
from sqlalchemy.dialects.postgresql import ARRAY

from catalog.records.files import FileRecord, MoveRecord
from catalog.states import ExecutionStatus
from catalog.stores.store import Store
from catalog.tables import FileMove, Ingest, JobExecution, ScaleFile

_LONGEST_DELAY: Final = timedelta(hours=1)
_OVERLAP: Final = timedelta(minutes=1)
"""A job that begins while a file is moved may have been told its old path."""


class MoveStore(Store[MoveRecord]):
    """Rows of moves that were asked for and are not over."""

    table = FileMove
    record = MoveRecord
    noun = "move"

    def ask(self, file: FileRecord, directory: str) -> None:
        """Ask for a file to be moved to a directory of its workspace."""
        self.add(file_id=file.id, workspace_id=file.workspace_id, directory=directory)

    def next(self) -> MoveRecord | None:
        """Return a move with something to do now, locked until the end of the transaction.

        Moves of one file are done one after the other. The old copy of a file that was moved
        stays while a job runs that began before.
        """
        other = select(FileMove.id.label("id"), FileMove.file_id.label("file_id")).subquery()
        has_reader = exists().where(
            JobExecution.status == ExecutionStatus.RUNNING,
            JobExecution.started <= FileMove.moved + _OVERLAP,
        )
        row = self._session.scalars(
            select(FileMove)
            .where(
                FileMove.not_before <= func.clock_timestamp(),
                ~exists().where(other.c.file_id == FileMove.file_id, other.c.id < FileMove.id),
                or_(FileMove.moved.is_(None), ~has_reader),
            )
            .order_by(FileMove.id)
            .limit(1)
            .with_for_update(skip_locked=True, of=FileMove),
            execution_options={"populate_existing": True},
        ).first()
        return None if row is None else self._record(row)

    def lock_places(self, workspace_id: int) -> None:
        """Let one transaction at a time reserve paths of a workspace."""
        key = f"places {workspace_id}"
        self._session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(key, 0))))

    def is_taken(self, workspace_id: int, file_path: str) -> bool:
        """Say whether a path of a workspace belongs to a file, an ingest or another move."""
        return any(
            self._session.scalar(
                select(exists().where(table.workspace_id == workspace_id, column == file_path))
            )
            for table, column in (
                (ScaleFile, ScaleFile.file_path),
                (Ingest, Ingest.file_path),
                (FileMove, FileMove.new_path),
            )
        )

    def postpone(self, move: MoveRecord, problem: str) -> None:
        """Try again later, and keep the reason."""
        delay = min(timedelta(seconds=2.0 ** min(move.attempts, 12)), _LONGEST_DELAY)
        self._session.execute(
            update(FileMove)
            .where(FileMove.id == move.id)
            .values(
                attempts=FileMove.attempts + 1,
                problem=problem,
                not_before=func.clock_timestamp() + delay,
            )
        )

    def hasten(self, move_ids: Sequence[int] = ()) -> list[int]:
        """Let moves that failed be due now, all if none are named; return their ids."""
        statement = (
            update(FileMove)
            .where(FileMove.problem.is_not(None))
            .values(not_before=func.clock_timestamp())
            .returning(FileMove.id)
        )
        if move_ids:
            among = any_(literal(list(move_ids), ARRAY(BigInteger)))
            statement = statement.where(FileMove.id == among)
        return sorted(self._session.scalars(statement))

    def reserve(self, move_id: int, old_path: str, new_path: str) -> None:
        """Keep where a file comes from and where it goes."""
        self.update(move_id, {"old_path": old_path, "new_path": new_path})

    def moved(self, move_id: int, moment: datetime) -> None:
        """Note that the file has its new path; the old copy stays for a while at least."""
        later = {"not_before": moment + _OVERLAP, "problem": None, "attempts": 0}
        self.update(move_id, {"moved": moment, **later})

    def forget(self, move_id: int) -> None:
        """Note that a move is over."""
        self._session.execute(delete(FileMove).where(FileMove.id == move_id))
