"""Records of previews."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Preview:
    """A small picture of a file's content as PNG, or why there is none; sizes in pixels."""

    png: bytes | None = None
    width: int | None = None
    height: int | None = None
    problem: str | None = None
