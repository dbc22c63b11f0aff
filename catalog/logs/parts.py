"""The parts of a stream in a bucket: fixed ranges of it, and what there is of them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, Self

from catalog.logs.bucket import Entry

SMALL: Final = 64 * 1024
"""Bytes of a part of the first MiB of a stream."""
LARGE: Final = 1024 * 1024
"""Bytes of the parts after it."""


def range_of(offset: int) -> tuple[int, int]:
    """Return where the part that an offset belongs to begins, and where it ends."""
    size = SMALL if offset < LARGE else LARGE
    begin = offset - offset % size
    return begin, begin + size


@dataclass(slots=True)
class Standing:
    """What is in the bucket of one stream: the bytes of its parts by their begins, of the whole."""

    parts: dict[int, int] = field(default_factory=dict)
    whole: int | None = None

    @classmethod
    def of(cls, entries: Iterable[Entry]) -> Self:
        """Read it from the objects of a stream."""
        found = cls()
        for each in entries:
            suffix = each.key.rpartition(".")[2]
            if suffix == "log":
                found.whole = each.size
            elif suffix.isdecimal():
                found.parts[int(suffix)] = each.size
        return found

    @property
    def size(self) -> int:
        """How many bytes can be read, from the beginning without a gap."""
        if self.whole is not None:
            return self.whole
        end = 0
        for begin in sorted(self.parts):
            if begin > end:
                break
            end = max(end, begin + self.parts[begin])
        return end

    def part_at(self, offset: int) -> tuple[int, int]:
        """Return where the part begins that has the byte at an offset below the size, and its end.

        Parts of another version of this program may overlap: the one that reaches farthest counts.
        """
        ends = {begin: begin + size for begin, size in self.parts.items() if begin <= offset}
        begin = max(ends, key=ends.__getitem__)
        return begin, ends[begin]
