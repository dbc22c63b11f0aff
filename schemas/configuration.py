"""Errors, job types and recipe types carried between installations (seed 001, "Import/Export")."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Self

from schemas.configuration_entries import (
    ErrorEntry,
    JobTypeEntry,
    RecipeTypeEntry,
    TriggerRuleEntry,
)
from schemas.problems import Problem, ProblemCollector, json_path, shown
from schemas.validation import Document, JsonObject, schema, validate

__all__ = [
    "Configuration",
    "ErrorEntry",
    "JobTypeEntry",
    "RecipeTypeEntry",
    "TriggerRuleEntry",
    "fields_of",
]

_SECTIONS = {"errors": "error", "job_types": "job_type", "recipe_types": "recipe_type"}


@dataclass(frozen=True, slots=True)
class Configuration:
    """A configuration, checked by itself.

    Parameters
    ----------
    errors, job_types, recipe_types
        In document order.
    read_only_fields
        The JSON paths of the fields that an export carries and an import does not use, for
        warnings; they do not count when configurations are compared.
    """

    errors: tuple[ErrorEntry, ...] = ()
    job_types: tuple[JobTypeEntry, ...] = ()
    recipe_types: tuple[RecipeTypeEntry, ...] = ()
    read_only_fields: tuple[str, ...] = field(default=(), compare=False)

    @classmethod
    def parse(cls, value: object) -> Self:
        """Read a configuration.

        Raises
        ------
        DocumentError
            For a wrong shape, a record given twice, or a problem in a part of a record.
        """
        _, document = validate(Document.CONFIGURATION, value)
        found = ProblemCollector(Document.CONFIGURATION.label)
        found.add(_repeated(document))
        job_types = [
            found.part(json_path("job_types", index), JobTypeEntry.parse, each)
            for index, each in enumerate(document.get("job_types", ()))
        ]
        recipe_types = [
            found.part(json_path("recipe_types", index), RecipeTypeEntry.parse, each)
            for index, each in enumerate(document.get("recipe_types", ()))
        ]
        if found:
            raise found.error()
        return cls(
            errors=tuple(map(ErrorEntry.from_json, document.get("errors", ()))),
            job_types=tuple(each for each in job_types if each is not None),
            recipe_types=tuple(each for each in recipe_types if each is not None),
            read_only_fields=tuple(_read_only(document)),
        )

    def to_json(self) -> JsonObject:
        """Return the document in version 1.0, without read-only fields."""
        return {
            "version": "1.0",
            "errors": [each.to_json() for each in self.errors],
            "job_types": [each.to_json() for each in self.job_types],
            "recipe_types": [each.to_json() for each in self.recipe_types],
        }


def fields_of(kind: str, *, is_read_only: bool | None = None) -> frozenset[str]:
    """Return the names of the fields that an entry of a configuration may have.

    Parameters
    ----------
    kind
        ``error``, ``job_type``, ``recipe_type`` or ``trigger_rule``.
    is_read_only
        Only those that cannot be set, or only those that can; by default both.
    """
    known: JsonObject = schema(Document.CONFIGURATION, "1.0")["$defs"][kind]["properties"]
    return frozenset(
        name
        for name, field_ in known.items()
        if is_read_only in (None, field_.get("readOnly", False))
    )


def _repeated(document: JsonObject) -> Iterator[Problem]:
    for section, kind in _SECTIONS.items():
        used: set[tuple[str, str | None]] = set()
        for index, each in enumerate(document.get(section, ())):
            key = (each["name"], each.get("version"))
            if key in used:
                version = f" in version {shown(key[1])}" if key[1] is not None else ""
                sentence = f"the {kind.replace('_', ' ')} {shown(key[0])}{version} is given twice."
                yield Problem(json_path(section, index), sentence)
            used.add(key)


def _read_only(document: JsonObject) -> Iterator[str]:
    for section, kind in _SECTIONS.items():
        for index, each in enumerate(document.get(section, ())):
            path = json_path(section, index)
            yield from _read_only_of(path, each, kind)
            rule = each.get("trigger_rule")
            if rule is not None:
                yield from _read_only_of(f"{path}.trigger_rule", rule, "trigger_rule")


def _read_only_of(path: str, value: JsonObject, kind: str) -> Iterator[str]:
    names = fields_of(kind, is_read_only=True)
    yield from (f"{path}.{name}" for name in value if name in names)
