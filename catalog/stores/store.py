"""What every store shares."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, ClassVar, Final, Generic, TypeVar

from sqlalchemy import (
    BigInteger,
    Executable,
    Select,
    any_,
    bindparam,
    insert,
    literal,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from catalog.errors import NotFoundError
from catalog.records.convert import field_names, to_record
from catalog.stores.bulk import insert_rows

RecordT = TypeVar("RecordT")
_ROW_ID: Final = "row_id"


class Store(Generic[RecordT]):
    """The rows of one table, inside the transaction of one session.

    A subclass names its table, its record and the word a person knows the noun by.
    """

    table: ClassVar[Any]
    record: type[RecordT]
    noun: ClassVar[str]

    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, row_id: int) -> RecordT:
        """Return the record with this id.

        Raises
        ------
        NotFoundError
            Raised if there is none.
        """
        return self._found(_by_id(self.table, self._kind), row_id)

    def lock(self, row_id: int) -> RecordT:
        """Return the record with this id, locked until the end of the transaction.

        Raises
        ------
        NotFoundError
            Raised if there is none.
        """
        return self._found(_by_id_locked(self.table, self._kind), row_id)

    def get_many(self, row_ids: Iterable[int]) -> dict[int, RecordT]:
        """Return the records with these ids, by id; ids that do not exist are left out."""
        wanted = list(row_ids)
        if not wanted:
            return {}
        among = any_(literal(wanted, ARRAY(BigInteger)))
        statement = select(*self._columns).where(self.table.id == among)
        return {_id_of(each): each for each in self._records(statement)}

    def add(self, **values: object) -> RecordT:
        """Insert a row and return it with its id and the columns the database filled in."""
        rows = self.table.__table__
        return self._records(insert(rows).values(**values).returning(*self._columns))[0]

    def add_many(self, rows: Sequence[Mapping[str, object]]) -> list[RecordT]:
        """Insert rows of the same columns in one statement; return them in the order given."""
        if not rows:
            return []
        statement = insert_rows(self.table, rows).returning(*self._columns)
        return sorted(self._records(statement), key=_id_of)

    def update(self, row_id: int, values: Mapping[str, object]) -> RecordT:
        """Change columns of one row; state columns have compare-and-set methods of their own.

        Raises
        ------
        NotFoundError
            Raised if there is no such row.
        """
        rows = self.table.__table__
        statement = update(rows).where(rows.c.id == row_id).values(**values)
        changed = self._records(statement.returning(*self._columns))
        if not changed:
            raise NotFoundError(self.noun, row_id)
        return changed[0]

    def _compare_and_set(
        self, row_id: int, seen: object, status: object, values: Mapping[str, object]
    ) -> RecordT | None:
        """Change the status of a row that still has the status `seen`; None if it has not."""
        rows = self.table.__table__
        statement = (
            update(rows)
            .where(rows.c.id == row_id, rows.c.status == seen)
            .values(status=status, **values)
            .returning(*self._columns)
        )
        return next(iter(self._records(statement)), None)

    def _found(self, statement: Executable, row_id: int) -> RecordT:
        row = self._session.execute(statement, {_ROW_ID: row_id}).first()
        if row is None:
            raise NotFoundError(self.noun, row_id)
        return self.record(*row)

    @property
    def _kind(self) -> Any:
        """The record, as mypy takes it for something that may be a key."""
        return self.record

    @property
    def _columns(self) -> tuple[Any, ...]:
        """The columns of a record, in the order of its fields."""
        return columns_of(self.table, self._kind)

    def _records(self, statement: Executable, **values: object) -> list[RecordT]:
        """Return a record for each row of `_columns`: several times as fast as by objects.

        Parameters
        ----------
        values
            Of the parameters of a statement that is made once.
        """
        return [self.record(*row) for row in self._session.execute(statement, values)]

    def _record(self, row: object) -> RecordT:
        return to_record(self.record, row)

    def _first(self, *conditions: Any) -> RecordT | None:
        return next(iter(self._records(select(*self._columns).where(*conditions))), None)


@cache
def columns_of(table: Any, record: Any) -> tuple[Any, ...]:
    """Return the columns of a table that make a record, in the order of its fields."""
    return tuple(table.__table__.c[name] for name in field_names(record))


@cache
def _by_id(table: Any, record: Any) -> Select[Any]:
    """Return the statement of `Store.get`; making it anew each time costs more than its answer."""
    wanted = bindparam(_ROW_ID, type_=BigInteger)
    return select(*columns_of(table, record)).where(table.__table__.c.id == wanted)


@cache
def _by_id_locked(table: Any, record: Any) -> Select[Any]:
    return _by_id(table, record).with_for_update()


def _id_of(record: Any) -> int:
    row_id: int = record.id
    return row_id
