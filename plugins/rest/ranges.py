"""Range requests of one part (RFC 9110, section 14); several parts are answered with the whole."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

_RANGE: Final = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})", re.ASCII)


class UnsatisfiableError(ValueError):
    """The part that was asked for lies beyond the end."""


@dataclass(frozen=True, slots=True)
class Part:
    """Some bytes of a file."""

    first: int
    length: int


def part_of(headers: Mapping[str, str], size: int, etag: str) -> Part | None:
    """Return the part of a file that a request asks for, None for the whole.

    Parameters
    ----------
    size
        Bytes of the whole file.
    etag
        Of the file as it is; a condition on another one is answered with the whole.

    Raises
    ------
    UnsatisfiableError
        Raised if the part lies beyond the end.
    """
    match = _RANGE.fullmatch(headers.get("range", "").replace(" ", ""))
    if match is None or headers.get("if-range", etag) != etag:
        return None
    first, last = match.groups()
    if not first:
        return _suffix(last, size)
    begin = int(first)
    end = min(int(last), size - 1) if last else size - 1
    if last and int(last) < begin:
        return None
    if begin >= size:
        raise UnsatisfiableError
    return Part(begin, end - begin + 1)


def _suffix(length: str, size: int) -> Part | None:
    """Return the last bytes of a file."""
    if not length:
        return None
    wanted = min(int(length), size)
    if not wanted:
        raise UnsatisfiableError
    return Part(size - wanted, wanted)
