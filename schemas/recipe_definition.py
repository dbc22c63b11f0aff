"""The definition of a recipe: inputs, jobs and connections (seed 001, "Recipe Definition")."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from typing import Self

from schemas.job_interface import JobInput
from schemas.problems import Problem, ValidationWarning, duplicates, json_path, refuse, shown
from schemas.recipe_jobs import Connection, Dependency, RecipeInputConnection, RecipeJob
from schemas.recipe_wiring import Interfaces, Wiring
from schemas.validation import Document, JsonObject, validate

__all__ = [
    "Connection",
    "Dependency",
    "Interfaces",
    "RecipeDefinition",
    "RecipeInputConnection",
    "RecipeJob",
    "check_recipe_definition",
    "recipe_definition_warnings",
]


@dataclass(frozen=True, slots=True)
class RecipeDefinition:
    """A recipe definition, checked by itself; `check_recipe_definition` knows the job types.

    Parameters
    ----------
    inputs, jobs
        In document order.
    """

    inputs: tuple[JobInput, ...] = ()
    jobs: tuple[RecipeJob, ...] = ()

    @classmethod
    def parse(cls, value: object) -> Self:
        """Read a recipe definition.

        Raises
        ------
        DocumentError
            For a wrong shape, a name used twice, an unknown recipe input or job, an input fed
            twice, or jobs that depend on each other in a circle.
        """
        _, document = validate(Document.RECIPE_DEFINITION, value)
        definition = cls(
            inputs=tuple(map(JobInput.from_json, document.get("input_data", ()))),
            jobs=tuple(map(RecipeJob.from_json, document["jobs"])),
        )
        refuse(Document.RECIPE_DEFINITION.label, _own_problems(definition))
        return definition

    def to_json(self) -> JsonObject:
        """Return the document in version 1.0 with every field that has a default."""
        return {
            "version": "1.0",
            "input_data": [each.to_json() for each in self.inputs],
            "jobs": [each.to_json() for each in self.jobs],
        }

    def topological_jobs(self) -> tuple[RecipeJob, ...]:
        """Return the jobs so that each follows those it depends on.

        Among the jobs that are ready, the one first in the document comes first.
        """
        position = {job.name: index for index, job in enumerate(self.jobs)}
        sorter = _sorter(self.jobs)
        sorter.prepare()
        ready = [position[name] for name in sorter.get_ready()]
        heapq.heapify(ready)
        ordered = []
        while ready:
            job = self.jobs[heapq.heappop(ready)]
            ordered.append(job)
            sorter.done(job.name)
            for name in sorter.get_ready():
                heapq.heappush(ready, position[name])
        return tuple(ordered)

    def children(self, name: str) -> tuple[RecipeJob, ...]:
        """Return the jobs that depend directly on this one, in document order."""
        return tuple(
            job for job in self.jobs if any(each.name == name for each in job.dependencies)
        )


def check_recipe_definition(
    definition: RecipeDefinition, interfaces: Interfaces
) -> tuple[Problem, ...]:
    """Return what keeps the jobs of a recipe from being connected as it says.

    Parameters
    ----------
    definition
        The definition of the recipe.
    interfaces
        The interfaces of the job types by name and version.
    """
    return tuple(Wiring(definition.inputs, definition.jobs, interfaces).problems())


def recipe_definition_warnings(
    definition: RecipeDefinition, interfaces: Interfaces
) -> tuple[ValidationWarning, ...]:
    """Return a warning ``media_type`` for each connection whose media types can never match."""
    return tuple(Wiring(definition.inputs, definition.jobs, interfaces).warnings())


def _own_problems(definition: RecipeDefinition) -> Iterator[Problem]:
    """Yield the problems that need no other document."""
    inputs = [each.name for each in definition.inputs]
    jobs = [each.name for each in definition.jobs]
    yield from duplicates(
        ((json_path("input_data", index, "name"), name) for index, name in enumerate(inputs)),
        "Every recipe input needs a name of its own.",
    )
    yield from duplicates(
        ((json_path("jobs", index, "name"), name) for index, name in enumerate(jobs)),
        "Every job of a recipe needs a name of its own.",
    )
    known_inputs, known_jobs = frozenset(inputs), frozenset(jobs)
    for index, job in enumerate(definition.jobs):
        path = json_path("jobs", index)
        yield from _unknown_inputs(path, job, known_inputs)
        yield from _unknown_jobs(path, job, known_jobs)
        yield from duplicates(_fed(path, job), "An input can be fed only once.")
    yield from _circle(definition)


def _unknown_inputs(path: str, job: RecipeJob, known: frozenset[str]) -> Iterator[Problem]:
    for index, each in enumerate(job.recipe_inputs):
        if each.recipe_input not in known:
            sentence = f"the recipe has no input {shown(each.recipe_input)}."
            yield Problem(f"{path}.recipe_inputs[{index}].recipe_input", sentence)


def _unknown_jobs(path: str, job: RecipeJob, known: frozenset[str]) -> Iterator[Problem]:
    for index, dependency in enumerate(job.dependencies):
        place = f"{path}.dependencies[{index}].name"
        if dependency.name == job.name:
            yield Problem(place, f"the job {shown(job.name)} depends on itself.")
        elif dependency.name not in known:
            yield Problem(place, f"the recipe has no job {shown(dependency.name)}.")


def _fed(path: str, job: RecipeJob) -> Iterator[tuple[str, str]]:
    """Yield the place and name of each job input that a connection feeds."""
    for index, each in enumerate(job.recipe_inputs):
        yield f"{path}.recipe_inputs[{index}].job_input", each.job_input
    for place, _, connection in job.connections():
        yield f"{path}{place}.input", connection.input


def _circle(definition: RecipeDefinition) -> Iterator[Problem]:
    try:
        _sorter(definition.jobs).prepare()
    except CycleError as error:
        circle = " -> ".join(error.args[1])
        yield Problem("$.jobs", f"the jobs depend on each other in a circle: {circle}.")


def _sorter(jobs: tuple[RecipeJob, ...]) -> TopologicalSorter[str]:
    """Return a sorter of the jobs by dependency; self-dependency and unknown jobs left out."""
    names = {job.name for job in jobs}
    sorter: TopologicalSorter[str] = TopologicalSorter()
    for job in jobs:
        parents = (each.name for each in job.dependencies)
        sorter.add(job.name, *(name for name in parents if name in names and name != job.name))
    return sorter
