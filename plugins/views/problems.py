"""What is wrong with a form, taken apart so that each sentence stands at its field."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from catalog.errors import CatalogueError

ELSEWHERE: Final = ""
_NEXT: Final = re.compile(r"(?:^|;? )(?=\$[\w.\[\]\"-]*: )")
_PLACED: Final = re.compile(r"(?P<path>\$[\w.\[\]\"-]*): (?P<sentence>.*)", re.DOTALL)

Problems = Mapping[str, list[str]]


@dataclass(frozen=True, slots=True)
class Placed:
    """A sentence with the JSON path of its place; empty where it is about the whole."""

    path: str
    sentence: str


def placed(error: CatalogueError) -> list[Placed]:
    """Return the sentences of an error, each with its place."""
    found = []
    for part in _NEXT.split(str(error)):
        match = _PLACED.fullmatch(part.strip())
        if match is not None:
            found.append(Placed(match["path"], match["sentence"]))
        elif part.strip():
            found.append(Placed("", part.strip()))
    return found


def by_field(error: CatalogueError, fields: Iterable[str]) -> Problems:
    """Return the sentences of an error by the field of the form that they are about.

    Parameters
    ----------
    error
        Its places are JSON paths in the document that the form makes.
    fields
        The names of the document's fields; what is about none of them is `ELSEWHERE`.
    """
    found: dict[str, list[str]] = {}
    names = sorted(fields, key=len, reverse=True)
    for each in placed(error):
        name = next((name for name in names if _is_within(each.path, name)), ELSEWHERE)
        rest = each.path.removeprefix(f"$.{name}")
        sentence = f"${rest}: {each.sentence}" if rest and name else each.sentence
        found.setdefault(name, []).append(sentence)
    return found


def _is_within(path: str, name: str) -> bool:
    return re.match(rf"\$\.{re.escape(name)}(?![\w-])", path) is not None
