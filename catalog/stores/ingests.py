"""Store of ingests; their status changes by compare-and-set only."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Text,
    Update,
    and_,
    any_,
    column,
    func,
    literal,
    select,
    union_all,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import aliased

from catalog.errors import ConflictError
from catalog.records.convert import to_record
from catalog.records.files import IngestRecord, OpenIngest
from catalog.records.ingests import Conservation, DeferredIngest
from catalog.states import INGEST_TRANSITIONS, IngestStatus
from catalog.stores.bulk import insert_rows
from catalog.stores.store import Store
from catalog.tables import FileMove, Ingest, ScaleFile

_INSERTED_AT_ONCE: Final = 1000
_READ_AT_ONCE: Final = 5000
_OPEN: Final = (
    IngestStatus.TRANSFERRING,
    IngestStatus.TRANSFERRED,
    IngestStatus.QUEUED,
    IngestStatus.DEFERRED,
    IngestStatus.INGESTING,
)
_WAITING: Final = tuple(each for each in _OPEN if each is not IngestStatus.INGESTING)
_IN_FLIGHT: Final = tuple(each for each in _OPEN if each is not IngestStatus.DEFERRED)
_OPEN_COLUMNS: Final = (  # in the order of the fields of OpenIngest
    Ingest.id,
    Ingest.file_name,
    Ingest.status,
    Ingest.bytes_transferred,
    Ingest.mtime_ns,
    Ingest.transfer_path,
    Ingest.transfer_ended,
    Ingest.workspace_id,
    Ingest.file_path,
    Ingest.sha256,
    Ingest.change_mark,
)


class IngestStore(Store[IngestRecord]):
    """Rows of ingests."""

    table = Ingest
    record = IngestRecord
    noun = "ingest"

    def under_way(self, strike_id: int) -> list[OpenIngest]:
        """Return the ingests of a Strike process that are on their way, oldest first."""
        rows = self._session.execute(
            select(*_OPEN_COLUMNS)
            .where(Ingest.strike_id == strike_id, Ingest.status.in_(_IN_FLIGHT))
            .order_by(Ingest.id)
        )
        return [OpenIngest(*row) for row in rows]

    def open_many(self, ingest_ids: Iterable[int]) -> list[OpenIngest]:
        """Return those of these ingests that have not ended, oldest first."""
        rows = self._session.execute(
            select(*_OPEN_COLUMNS)
            .where(
                Ingest.id == any_(literal(list(ingest_ids), ARRAY(BigInteger))),
                Ingest.status.in_(_OPEN),
            )
            .order_by(Ingest.id)
        )
        return [OpenIngest(*row) for row in rows]

    def deferred_count(self, strike_id: int) -> int:
        """Return how many ingests of a Strike process are DEFERRED."""
        statement = select(func.count()).where(
            Ingest.strike_id == strike_id, Ingest.status == IngestStatus.DEFERRED
        )
        return self._session.scalar(statement) or 0

    def deferred_of(self, strike_id: int) -> Iterator[DeferredIngest]:
        """Yield what is DEFERRED of a Strike process, in no order; few are in memory at a time."""
        columns = Ingest.__table__.c
        rows = self._session.connection().execute(
            select(*(columns[name] for name in DeferredIngest._fields)).where(
                columns.strike_id == strike_id, columns.status == IngestStatus.DEFERRED
            ),
            execution_options={"yield_per": _READ_AT_ONCE},
        )
        return (DeferredIngest(*row) for row in rows)

    def add_open(self, rows: Sequence[Mapping[str, object]]) -> list[OpenIngest]:
        """Insert ingests that were just seen, in one statement for each thousand."""
        added: list[OpenIngest] = []
        for start in range(0, len(rows), _INSERTED_AT_ONCE):
            several = rows[start : start + _INSERTED_AT_ONCE]
            statement = insert_rows(Ingest, several).returning(*_OPEN_COLUMNS)
            added += [OpenIngest(*row) for row in self._session.execute(statement)]
        return added

    def lock_many(self, ingest_ids: Iterable[int]) -> list[IngestRecord]:
        """Return ingests by id, locked until the end of the transaction; unknown ids are left out.

        They are locked in the order of their ids, so that two callers never wait for each other.
        """
        return self._records(
            select(*self._columns)
            .where(Ingest.id == any_(literal(list(ingest_ids), ARRAY(BigInteger))))
            .order_by(Ingest.id)
            .with_for_update()
        )

    def end_many(
        self, status: IngestStatus, rows: Sequence[Mapping[str, object]]
    ) -> list[IngestRecord]:
        """End ingests that are INGESTING, in one statement; rows are as for `change_many`."""
        if not rows:
            return []
        return self._records(
            _changing(IngestStatus.INGESTING, status, rows, {})
            .returning(*self._columns)
            .execution_options(synchronize_session=False)
        )

    def change_many(
        self,
        seen: IngestStatus,
        status: IngestStatus,
        rows: Sequence[Mapping[str, object]],
        common: Mapping[str, object] | None = None,
    ) -> list[OpenIngest]:
        """Change many ingests in one statement; one that is not `seen` any more is left out.

        Parameters
        ----------
        seen
            The status the caller saw.
        status
            The status to write; the same as `seen` where only columns change.
        rows
            For each ingest its ``id`` and the columns to write; all rows have the same columns.
        common
            Columns that get the same value in every row.

        Raises
        ------
        ConflictError
            Raised if the transition is not allowed.
        """
        if status is not seen and status not in INGEST_TRANSITIONS[seen]:
            raise ConflictError(f"No ingest that is {seen} can become {status}.")
        if not rows:
            return []
        statement = (
            _changing(seen, status, rows, common or {})
            .returning(*_OPEN_COLUMNS)
            .execution_options(synchronize_session=False)
        )
        return [OpenIngest(*row) for row in self._session.execute(statement)]

    def transition(
        self,
        ingest: IngestRecord,
        status: IngestStatus,
        values: Mapping[str, object] | None = None,
    ) -> IngestRecord:
        """Change the status of an ingest if it still has the status in `ingest`.

        Raises
        ------
        ConflictError
            Raised if the transition is not allowed, or another process was first.
        """
        allowed = status in INGEST_TRANSITIONS[ingest.status]
        changed = (
            self._compare_and_set(ingest.id, ingest.status, status, values or {})
            if allowed
            else None
        )
        if changed is None:
            raise ConflictError(
                f"Ingest {ingest.id} of {ingest.file_name!r} was {ingest.status} and cannot become"
                f" {status}: it has ended already, or another process was first."
            )
        return changed

    def retryable(
        self, status: IngestStatus, ingest_ids: Sequence[int], strike_ids: Sequence[int]
    ) -> list[int]:
        """Return the ingests of a status that may be tried again, the newest of each path.

        Left out are those whose path has another generation that waits.

        Parameters
        ----------
        ingest_ids, strike_ids
            Which ingests, and of which Strike processes; all if empty.
        """
        waiting = aliased(Ingest)
        others = select(waiting.id).where(
            waiting.strike_id == Ingest.strike_id,
            waiting.transfer_path == Ingest.transfer_path,
            waiting.status.in_(_WAITING),
            waiting.id != Ingest.id,
        )
        conditions = [Ingest.status == status, ~others.exists()]
        for column_, wanted in ((Ingest.id, ingest_ids), (Ingest.strike_id, strike_ids)):
            if wanted:
                conditions.append(column_ == any_(literal(list(wanted), ARRAY(BigInteger))))
        statement = (
            select(func.max(Ingest.id))
            .where(*conditions)
            .group_by(Ingest.strike_id, Ingest.transfer_path)
        )
        return list(self._session.scalars(statement))

    def reserved(
        self, workspace_ids: Iterable[int], file_paths: Iterable[str]
    ) -> set[tuple[int, str]]:
        """Return which of these paths of workspaces belong to an ingest, or to a move.

        Until the transaction ends nobody else reserves paths of these workspaces.
        """
        wanted, paths = sorted(workspace_ids), list(file_paths)
        for workspace_id in wanted:
            key = f"places {workspace_id}"
            self._session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(key, 0))))
        rows = self._session.execute(
            union_all(
                *(
                    select(table.workspace_id, path).where(
                        table.workspace_id.in_(wanted),
                        path == any_(literal(paths, ARRAY(Text))),
                    )
                    for table, path in (
                        (Ingest, Ingest.file_path),
                        (FileMove, FileMove.new_path),
                    )
                )
            )
        )
        return {
            (workspace_id, path)
            for workspace_id, path in rows
            if workspace_id is not None and path is not None
        }

    def conservation(self, strike_id: int | None = None) -> Conservation:
        """Account for every ingest of one Strike process, or of all, in one query."""

        def counted(*conditions: Any) -> Any:
            return func.count().filter(*conditions)

        statement = (
            select(
                func.count().label("seen"),
                counted(Ingest.status == IngestStatus.INGESTED, ScaleFile.id.is_not(None)).label(
                    "ingested"
                ),
                counted(Ingest.status == IngestStatus.DUPLICATE, ScaleFile.id.is_not(None)).label(
                    "duplicate"
                ),
                counted(Ingest.status == IngestStatus.DEFERRED).label("deferred"),
                counted(Ingest.status == IngestStatus.ERRORED, Ingest.detail.is_not(None)).label(
                    "errored"
                ),
                counted(Ingest.status.in_(_IN_FLIGHT)).label("in_flight"),
            )
            .select_from(Ingest)
            .outerjoin(
                ScaleFile,
                and_(
                    ScaleFile.id == Ingest.source_file_id, ScaleFile.file_name == Ingest.file_name
                ),
            )
        )
        if strike_id is not None:
            statement = statement.where(Ingest.strike_id == strike_id)
        return to_record(Conservation, self._session.execute(statement).one())

    def counts(self, strike_id: int | None = None) -> dict[IngestStatus, int]:
        """Return how many ingests there are in each status, of one Strike process or of all."""
        statement = select(Ingest.status, func.count()).group_by(Ingest.status)
        if strike_id is not None:
            statement = statement.where(Ingest.strike_id == strike_id)
        found = {status: count for status, count in self._session.execute(statement)}  # noqa: C416
        return {status: found.get(status, 0) for status in IngestStatus}


def _changing(
    seen: IngestStatus,
    status: IngestStatus,
    rows: Sequence[Mapping[str, object]],
    common: Mapping[str, object],
) -> Update:
    data = _rows_of(rows)
    written = {name: data.c[name] for name in rows[0] if name != "id"}
    return (
        update(Ingest)
        .where(Ingest.id == data.c.id, Ingest.status == seen)
        .values(status=status, **written, **common)
    )


def _rows_of(rows: Sequence[Mapping[str, object]]) -> Any:
    """Return rows as a table of the statement: one array parameter for each column."""
    names = list(rows[0])
    types = {name: Ingest.__table__.c[name].type for name in names}
    arrays = [literal([row[name] for row in rows], ARRAY(types[name])) for name in names]
    columns = [column(name, types[name]) for name in names]
    return func.unnest(*arrays).table_valued(*columns, name="data").render_derived()
