"""What the exit codes of an algorithm mean (seed 001, "Errors Interface")."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Self

from schemas.problems import Problem, json_path, refuse, shown
from schemas.validation import Document, JsonObject, validate

_EXIT_CODE = re.compile(r"-?[0-9]{1,10}")


@dataclass(frozen=True, slots=True)
class ErrorMapping:
    """An error interface, checked.

    Parameters
    ----------
    exit_codes
        The names of the errors by exit code, in document order.
    """

    exit_codes: Mapping[int, str]

    @classmethod
    def parse(cls, value: object) -> Self:
        """Read an error interface.

        Raises
        ------
        DocumentError
            For a wrong shape, or an exit code that is no whole number or is given twice.
        """
        _, document = validate(Document.ERROR_INTERFACE, value)
        exit_codes: dict[str, str] = document["exit_codes"]
        refuse(Document.ERROR_INTERFACE.label, _code_problems(exit_codes))
        return cls({int(code): name for code, name in exit_codes.items()})

    def to_json(self) -> JsonObject:
        """Return the document in version 1.0."""
        codes = {str(code): name for code, name in self.exit_codes.items()}
        return {"version": "1.0", "exit_codes": codes}

    def name_for(self, exit_code: int) -> str | None:
        """Return the name of the error that an exit code stands for, or None."""
        return self.exit_codes.get(exit_code)


def _code_problems(exit_codes: Mapping[str, str]) -> Iterator[Problem]:
    used: dict[int, str] = {}
    for text in exit_codes:
        path = json_path("exit_codes", text)
        if _EXIT_CODE.fullmatch(text) is None:
            yield Problem(path, f"{shown(text)} is not an exit code: write a whole number.")
        elif int(text) in used:
            first = shown(used[int(text)])
            yield Problem(path, f"{shown(text)} is the same exit code as {first}: keep one.")
        else:
            used[int(text)] = text
