"""What saving an error, job type or recipe type has in common, by import and one at a time.

One entry is read as a configuration document with that entry alone, so that both ways obey the
same rules and say the same of what is wrong.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from catalog.errors import InvalidError
from schemas.configuration import Configuration
from schemas.problems import DocumentError, Problem, ValidationWarning

RecordT = TypeVar("RecordT")
ROOT: Final = "$"


@dataclass(frozen=True, slots=True)
class Caution:
    """Something a person should know that does not stop what was asked for."""

    id: str
    details: str


@dataclass(frozen=True, slots=True)
class Saved(Generic[RecordT]):
    """What came of saving an entry.

    Parameters
    ----------
    record
        The entry as it is now.
    changes_dags
        Whether DAGs may look different now.
    cautions
        What a person should know.
    """

    record: RecordT
    changes_dags: bool
    cautions: tuple[Caution, ...] = ()


def read_configuration(document: object) -> Configuration:
    """Read a configuration document; raises `InvalidError` with every problem and its place."""
    try:
        return Configuration.parse(document)
    except DocumentError as error:
        raise InvalidError(sentences(error.problems)) from error


def read_entry(section: str, value: Mapping[str, Any]) -> Configuration:
    """Read one entry of a section of a configuration; the places of problems are in the entry."""
    try:
        return Configuration.parse({"version": "1.0", section: [dict(value)]})
    except DocumentError as error:
        within = f"$.{section}[0]"
        problems = [
            Problem(each.path.replace(within, ROOT, 1), each.sentence) for each in error.problems
        ]
        raise InvalidError(sentences(problems)) from error


def has_values(existing: object, values: Mapping[str, object]) -> bool:
    """Say whether a record has these values already."""
    return all(getattr(existing, name) == value for name, value in values.items())


def sentences(problems: Iterable[Problem], within: str = ROOT) -> str:
    """Return all problems as one text, with their places below `within`."""
    return "; ".join(
        f"{within}{each.path.removeprefix(ROOT)}: {each.sentence}" for each in problems
    )


def cautions(warnings: Iterable[ValidationWarning]) -> tuple[Caution, ...]:
    """Return the warnings of documents as cautions."""
    return tuple(Caution(each.id, each.details) for each in warnings)


def read_only_cautions(configuration: Configuration, section: str | None = None) -> list[Caution]:
    """Return a caution for each field that was given and cannot be set.

    Parameters
    ----------
    configuration
        What was read.
    section
        The section of an entry that was read alone.
    """
    within = ROOT if section is None else f"$.{section}[0]"
    return [
        Caution("read-only", f"{path} cannot be set and was left as it is.")
        for path in (each.replace(within, ROOT, 1) for each in configuration.read_only_fields)
    ]
