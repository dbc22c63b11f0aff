"""Whether the jobs of a recipe can be connected as its definition says, given their types."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from schemas.connections import Source, connection_problems, connection_warnings
from schemas.job_interface import JobInput, JobInterface
from schemas.problems import Problem, ValidationWarning, json_path, shown
from schemas.recipe_jobs import RecipeJob

Interfaces: TypeAlias = Mapping[tuple[str, str], JobInterface]


@dataclass(frozen=True, slots=True)
class _Feed:
    """One connection: its place, the input it feeds, and its source where that is known."""

    path: str
    input_field: str
    input_name: str
    source: Source | None


class Wiring:
    """The connections of one recipe.

    Parameters
    ----------
    inputs
        The inputs of the recipe.
    jobs
        The jobs of the recipe.
    interfaces
        The interfaces of the job types by name and version.
    """

    def __init__(
        self, inputs: Sequence[JobInput], jobs: Sequence[RecipeJob], interfaces: Interfaces
    ) -> None:
        self._inputs = {each.name: Source.of_recipe_input(each) for each in inputs}
        self._jobs = jobs
        self._interfaces = {job.name: interfaces.get(job.job_type) for job in jobs}
        self._outputs = {
            (name, output.name): Source.of_output(name, output)
            for name, interface in self._interfaces.items()
            if interface is not None
            for output in interface.outputs
        }

    def problems(self) -> Iterator[Problem]:
        """Yield what is wrong, job by job in document order."""
        for index, job in enumerate(self._jobs):
            path = json_path("jobs", index)
            interface = self._interfaces[job.name]
            if interface is None:
                yield Problem(
                    f"{path}.job_type",
                    f"there is no job type {shown(job.job_type_name)}"
                    f" in version {shown(job.job_type_version)}.",
                )
            else:
                yield from self._input_problems(path, job, interface)
            yield from self._output_problems(path, job)

    def warnings(self) -> Iterator[ValidationWarning]:
        """Yield a warning for each connection whose media types can never match."""
        for job in self._jobs:
            interface = self._interfaces[job.name]
            targets = {} if interface is None else {each.name: each for each in interface.inputs}
            for feed in self._feeds("", job):
                if feed.source is not None and feed.input_name in targets:
                    yield from connection_warnings(feed.source, targets[feed.input_name])

    def _input_problems(
        self, path: str, job: RecipeJob, interface: JobInterface
    ) -> Iterator[Problem]:
        targets = {each.name: each for each in interface.inputs}
        feeds = list(self._feeds(path, job))
        for feed in feeds:
            if feed.input_name not in targets:
                yield Problem(
                    f"{feed.path}.{feed.input_field}",
                    f"the job type has no input {shown(feed.input_name)};"
                    f" its inputs are: {_listed(targets)}.",
                )
            elif feed.source is not None:
                yield from connection_problems(feed.path, feed.source, targets[feed.input_name])
        fed = {feed.input_name for feed in feeds}
        for name, target in targets.items():
            if target.required and name not in fed:
                sentence = (
                    f"the required input {shown(name)} of {shown(job.name)} is not connected."
                )
                yield Problem(path, sentence)

    def _output_problems(self, path: str, job: RecipeJob) -> Iterator[Problem]:
        for place, dependency, connection in job.connections():
            parent = self._interfaces.get(dependency.name)
            if parent is not None and (dependency.name, connection.output) not in self._outputs:
                yield Problem(
                    f"{path}{place}.output",
                    f"the job {shown(dependency.name)} has no output {shown(connection.output)};"
                    f" its outputs are: {_listed(each.name for each in parent.outputs)}.",
                )

    def _feeds(self, path: str, job: RecipeJob) -> Iterator[_Feed]:
        for index, each in enumerate(job.recipe_inputs):
            source = self._inputs.get(each.recipe_input)
            yield _Feed(f"{path}.recipe_inputs[{index}]", "job_input", each.job_input, source)
        for place, dependency, connection in job.connections():
            source = self._outputs.get((dependency.name, connection.output))
            yield _Feed(f"{path}{place}", "input", connection.input, source)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(map(shown, names)) or "none"
