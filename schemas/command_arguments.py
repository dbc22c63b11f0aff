"""The placeholders in a job's command arguments: ``${NAME}`` and ``${FLAG:NAME}``."""

from __future__ import annotations

import re
from dataclasses import dataclass

JOB_OUTPUT_DIR = "job_output_dir"

_PLACEHOLDER = re.compile(r"\$\{(?P<content>[^}]*)\}")


@dataclass(frozen=True, slots=True)
class Placeholder:
    """One ``${[FLAG:]NAME}`` (seed 001, "Job Interface Specification").

    Parameters
    ----------
    flag
        The text before the last colon, put directly before the value; empty without one.
    name
        An input, a shared resource or ``job_output_dir``.
    start, end
        The place of the whole placeholder in the text.
    """

    flag: str
    name: str
    start: int
    end: int


def placeholders(command_arguments: str) -> tuple[Placeholder, ...]:
    """Return the placeholders in the order of the text.

    A name has no colon, so the last colon ends the flag, and a flag may have colons.
    """
    found = []
    for match in _PLACEHOLDER.finditer(command_arguments):
        flag, _, name = match["content"].rpartition(":")
        found.append(Placeholder(flag, name, match.start(), match.end()))
    return tuple(found)


def has_unclosed_placeholder(command_arguments: str) -> bool:
    """Say whether a ``${`` has no ``}`` after it."""
    return "${" in _PLACEHOLDER.sub(" ", command_arguments)
