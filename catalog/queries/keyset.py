"""Lists that are read from a place in them: as fast at the end as at the beginning.

Rows are ordered by id, newest first. There is no count: that is what takes long in a long list.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

RowT = TypeVar("RowT")


@dataclass(frozen=True, slots=True)
class Slice(Generic[RowT]):
    """Some rows of a list.

    Parameters
    ----------
    rows
        Newest first.
    newer
        ``after`` of the rows before these; None at the beginning of the list.
    older
        ``before`` of the rows that follow; None at the end.
    """

    rows: tuple[RowT, ...]
    newer: int | None
    older: int | None


@dataclass(frozen=True, slots=True)
class SliceRequest:
    """Which rows are wanted: those older than ``before``, or the next newer than ``after``."""

    before: int | None = None
    after: int | None = None
    size: int = 50

    def cut(self, found: Sequence[Any]) -> Slice[Any]:
        """Return the slice of rows with an ``id``, read newest first with one more than wanted."""
        has_more = len(found) > self.size
        if self.after is not None:
            rows = tuple(found[-self.size :])
            has_newer, has_older = has_more, True
        else:
            rows = tuple(found[: self.size])
            has_newer, has_older = self.before is not None, has_more
        if not rows:
            return Slice((), None, None)
        return Slice(
            rows,
            rows[0].id if has_newer else None,
            rows[-1].id if has_older else None,
        )
