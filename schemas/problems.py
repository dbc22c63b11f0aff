"""What is wrong with a document: every problem with its place and a sentence for a person."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

Part = TypeVar("Part")
Given = TypeVar("Given")

_PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SHOWN_CHARACTERS = 80
_SHOWN_PROBLEMS = 20


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong in a document.

    Parameters
    ----------
    path
        The JSON path of the place, such as ``$.jobs[0].name``.
    sentence
        What is wrong there, why, and what to do.
    """

    path: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.path}: {self.sentence}"


@dataclass(frozen=True, slots=True)
class ValidationWarning:
    """Something allowed that is probably a mistake (seed 001, "Validate Job Type").

    Parameters
    ----------
    id
        The identifier of the kind of warning, such as ``media_type``.
    details
        A sentence for a person.
    """

    id: str
    details: str


class DocumentError(ValueError):
    """A document is refused, with all of its problems.

    Parameters
    ----------
    document
        The kind of the document, such as ``job interface``.
    problems
        At least one problem.
    """

    def __init__(self, document: str, problems: Iterable[Problem]) -> None:
        self.document = document
        self.problems = tuple(problems)
        super().__init__(document, self.problems)

    def __str__(self) -> str:
        sentences = [f"The {self.document} is not valid."]
        sentences.extend(str(problem) for problem in self.problems[:_SHOWN_PROBLEMS])
        if len(self.problems) > _SHOWN_PROBLEMS:
            sentences.append(f"There are {len(self.problems) - _SHOWN_PROBLEMS} more problems.")
        return " ".join(sentences)


class ProblemCollector:
    """Gathers the problems of the parts of one document, so that all are reported at once.

    Parameters
    ----------
    document
        The kind of the document, for the error.
    """

    def __init__(self, document: str) -> None:
        self._document = document
        self._problems: list[Problem] = []

    def part(self, path: str, parse: Callable[[Given], Part], value: Given) -> Part | None:
        """Parse one part; on refusal keep its problems and return None."""
        try:
            return parse(value)
        except DocumentError as error:
            self.add(nested(path, error.problems))
            return None

    def add(self, problems: Iterable[Problem]) -> None:
        """Keep these problems."""
        self._problems.extend(problems)

    def __bool__(self) -> bool:
        return bool(self._problems)

    def error(self) -> DocumentError:
        """Return the error that says all problems found."""
        return DocumentError(self._document, self._problems)


def refuse(document: str, problems: Iterable[Problem]) -> None:
    """Raise `DocumentError` when there is any problem."""
    found = tuple(problems)
    if found:
        raise DocumentError(document, found)


def json_path(*parts: str | int) -> str:
    """Return the JSON path of keys and list positions, such as ``$.jobs[0].name``."""
    return "$" + "".join(_step(part) for part in parts)


def _step(part: str | int) -> str:
    if isinstance(part, int):
        return f"[{part}]"
    return f".{part}" if _PLAIN_KEY.fullmatch(part) else f"[{json.dumps(part)}]"


def nested(path: str, problems: Iterable[Problem]) -> Iterator[Problem]:
    """Yield the problems of a part, with paths from the whole document.

    Parameters
    ----------
    path
        The place of the part in the whole document.
    problems
        The problems, with paths from the part.
    """
    for problem in problems:
        yield Problem(path + problem.path.removeprefix("$"), problem.sentence)


def shown(value: object) -> str:
    """Return a JSON value for a sentence: short, on one line, and printable anywhere."""
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "a list" if value else "an empty list"
    if isinstance(value, str):
        text = _shortened(value)
        return json.dumps(text, ensure_ascii=not text.isprintable())
    try:
        return _shortened(json.dumps(value))
    except (TypeError, ValueError):  # not JSON, or more digits than Python writes
        return f"a value of type {type(value).__name__}"


def _shortened(text: str) -> str:
    return text if len(text) <= _SHOWN_CHARACTERS else text[:_SHOWN_CHARACTERS] + "..."


def duplicates(places: Iterable[tuple[str, str]], rule: str) -> Iterator[Problem]:
    """Yield a problem at every name that was already used before.

    Parameters
    ----------
    places
        Pairs of path and name, in document order.
    rule
        The rule that is broken, a whole sentence.
    """
    used: set[str] = set()
    for path, name in places:
        if name in used:
            yield Problem(path, f"the name {shown(name)} is already used. {rule}")
        used.add(name)
