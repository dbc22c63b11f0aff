"""The jobs of a recipe and what they are connected to (seed 001, "Recipe Definition")."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

from schemas.validation import JsonObject


@dataclass(frozen=True, slots=True)
class RecipeInputConnection:
    """A recipe input that is passed to an input of a job."""

    recipe_input: str
    job_input: str


@dataclass(frozen=True, slots=True)
class Connection:
    """An output of the job depended upon that is passed to an input of the dependent job."""

    output: str
    input: str


@dataclass(frozen=True, slots=True)
class Dependency:
    """A job that must be completed first, and what it passes on."""

    name: str
    connections: tuple[Connection, ...] = ()


@dataclass(frozen=True, slots=True)
class RecipeJob:
    """One job of a recipe.

    Parameters
    ----------
    name
        Unique within the recipe.
    job_type_name, job_type_version
        The job type to run.
    recipe_inputs, dependencies
        Where the inputs of the job come from, in document order.
    """

    name: str
    job_type_name: str
    job_type_version: str
    recipe_inputs: tuple[RecipeInputConnection, ...] = ()
    dependencies: tuple[Dependency, ...] = ()

    @property
    def job_type(self) -> tuple[str, str]:
        """The name and version of the job type."""
        return self.job_type_name, self.job_type_version

    def connections(self) -> Iterator[tuple[str, Dependency, Connection]]:
        """Yield every connection to another job, with its JSON path from this job."""
        for index, dependency in enumerate(self.dependencies):
            for number, connection in enumerate(dependency.connections):
                yield f".dependencies[{index}].connections[{number}]", dependency, connection

    @classmethod
    def from_json(cls, value: JsonObject) -> Self:
        """Return the job of a document whose shape has been checked."""
        return cls(
            name=value["name"],
            job_type_name=value["job_type"]["name"],
            job_type_version=value["job_type"]["version"],
            recipe_inputs=tuple(
                RecipeInputConnection(each["recipe_input"], each["job_input"])
                for each in value.get("recipe_inputs", ())
            ),
            dependencies=tuple(
                Dependency(
                    each["name"],
                    tuple(Connection(c["output"], c["input"]) for c in each.get("connections", ())),
                )
                for each in value.get("dependencies", ())
            ),
        )

    def to_json(self) -> JsonObject:
        """Return the job as it stands in a document."""
        return {
            "name": self.name,
            "job_type": {"name": self.job_type_name, "version": self.job_type_version},
            "recipe_inputs": [
                {"recipe_input": each.recipe_input, "job_input": each.job_input}
                for each in self.recipe_inputs
            ],
            "dependencies": [
                {
                    "name": each.name,
                    "connections": [
                        {"output": c.output, "input": c.input} for c in each.connections
                    ],
                }
                for each in self.dependencies
            ],
        }
