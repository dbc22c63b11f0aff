"""What every store shares."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar, Generic, TypeVar

from sqlalchemy import BigInteger, Executable, any_, insert, literal, select, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from catalog.errors import NotFoundError
from catalog.records.convert import field_names, to_record
from catalog.stores.bulk import insert_rows

RecordT = TypeVar("RecordT")


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
        return self._record(self._row(row_id))

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
        statement = insert(self.table).values(**values).returning(self.table)
        return self._record(self._session.scalars(statement).one())

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
        statement = (
            update(self.table).where(self.table.id == row_id).values(**values).returning(self.table)
        )
        row = self._session.scalars(
            statement, execution_options={"populate_existing": True}
        ).first()
        if row is None:
            raise NotFoundError(self.noun, row_id)
        return self._record(row)

    def _compare_and_set(
        self, row_id: int, seen: object, status: object, values: Mapping[str, object]
    ) -> RecordT | None:
        """Change the status of a row that still has the status `seen`; None if it has not."""
        statement = (
            update(self.table)
            .where(self.table.id == row_id, self.table.status == seen)
            .values(status=status, **values)
            .returning(self.table)
        )
        row = self._session.scalars(
            statement, execution_options={"populate_existing": True}
        ).first()
        return None if row is None else self._record(row)

    def _row(self, row_id: int) -> Any:
        row = self._session.get(self.table, row_id, populate_existing=True)
        if row is None:
            raise NotFoundError(self.noun, row_id)
        return row

    @property
    def _columns(self) -> list[Any]:
        """The columns of a record, in the order of its fields."""
        return [getattr(self.table, name) for name in field_names(self.record)]

    def _records(self, statement: Executable) -> list[RecordT]:
        """Return a record for each row of `_columns`: several times as fast as by objects."""
        return [self.record(*row) for row in self._session.execute(statement)]

    def _record(self, row: object) -> RecordT:
        return to_record(self.record, row)

    def _first(self, *conditions: Any) -> RecordT | None:
        row = self._session.scalars(
            select(self.table).where(*conditions), execution_options={"populate_existing": True}
        ).first()
        return None if row is None else self._record(row)


def _id_of(record: Any) -> int:
    row_id: int = record.id
    return row_id
