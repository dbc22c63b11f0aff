"""The store of tallies."""

from typing import Final

from sqlalchemy import text
from sqlalchemy.orm import Session

_LOCK: Final = 0x54414C59  # "TALY": one folds, the others leave it to that one
_FOLD: Final = text("""
WITH several AS (
    SELECT noun, day, type_id, status, place_id FROM tally
    GROUP BY noun, day, type_id, status, place_id HAVING count(*) > 1
), taken AS (
    DELETE FROM tally USING several
    WHERE tally.noun = several.noun AND tally.day = several.day
      AND tally.type_id = several.type_id AND tally.status = several.status
      AND tally.place_id = several.place_id
    RETURNING tally.*
), folded AS (
    INSERT INTO tally (noun, day, type_id, status, place_id, number)
    SELECT noun, day, type_id, status, place_id, sum(number) FROM taken
    GROUP BY noun, day, type_id, status, place_id HAVING sum(number) <> 0
    RETURNING 1
)
SELECT (SELECT count(*) FROM taken) - (SELECT count(*) FROM folded)
""")


class TallyStore:
    """Rows of tallies; triggers add them, and nobody else changes a sum."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def fold(self) -> int:
        """Make one row of all that count the same; return how many rows fewer there are.

        Only rows that this statement itself took away are summed up, so whoever adds rows or
        folds at the same time changes nothing.
        """
        is_ours = self._session.execute(
            text("SELECT pg_try_advisory_xact_lock(:key)"), {"key": _LOCK}
        ).scalar_one()
        return int(self._session.execute(_FOLD).scalar_one()) if is_ours else 0
