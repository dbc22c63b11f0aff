"""Files that a person may want to give to a recipe or job."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import func, select

from catalog.database import Database
from catalog.tables import ScaleFile

_MOST: Final = 30
_LOOKED_AT: Final = 50_000
_NEWEST: Final = (
    select(func.coalesce(func.max(ScaleFile.id), 0) - _LOOKED_AT).correlate(None).scalar_subquery()
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A file, by its name."""

    id: int
    file_name: str


class CandidateQueries:
    """Suggests files."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, media_types: Sequence[str]) -> tuple[Candidate, ...]:
        """Return the newest files of these media types, of any if there are none.

        Only the newest of all files are looked at: it is a suggestion, and must not take long
        where few files are of these types.
        """
        statement = (
            select(ScaleFile.id, ScaleFile.file_name)
            .where(ScaleFile.is_deleted.is_(False), ScaleFile.id > _NEWEST)
            .order_by(ScaleFile.id.desc())
            .limit(_MOST)
        )
        if media_types:
            statement = statement.where(ScaleFile.media_type.in_(media_types))
        with self._database.reading() as connection:
            return tuple(Candidate(row.id, row.file_name) for row in connection.execute(statement))
