"""The data of a recipe: its inputs and the workspace of its products (seed 001, "Recipe Data")."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from schemas.job_data import InputValue, check_inputs, input_data_json, input_values
from schemas.problems import Problem, duplicates, json_path, refuse
from schemas.recipe_definition import RecipeDefinition
from schemas.validation import Document, JsonObject, validate


@dataclass(frozen=True, slots=True)
class RecipeData:
    """Recipe data, checked by itself; `check_recipe_data` checks it against a definition.

    Parameters
    ----------
    inputs
        The values by the name of their input, in document order.
    workspace_id
        The workspace of every product of the recipe, or None.
    """

    inputs: Mapping[str, InputValue]
    workspace_id: int | None = None

    @classmethod
    def parse(cls, value: object) -> Self:
        """Read recipe data.

        Raises
        ------
        DocumentError
            For a wrong shape or a name used twice.
        """
        _, document = validate(Document.RECIPE_DATA, value)
        places = [
            (json_path("input_data", index, "name"), each["name"])
            for index, each in enumerate(document.get("input_data", []))
        ]
        refuse(Document.RECIPE_DATA.label, duplicates(places, "Every input is given once."))
        workspace_id = document.get("workspace_id")
        return cls(
            inputs=input_values(document),
            workspace_id=None if workspace_id is None else int(workspace_id),
        )

    def to_json(self) -> JsonObject:
        """Return the document in version 1.0."""
        value: JsonObject = {"version": "1.0", "input_data": input_data_json(self.inputs)}
        if self.workspace_id is not None:
            value["workspace_id"] = self.workspace_id
        return value


def check_recipe_data(
    definition: RecipeDefinition, data: RecipeData, *, needs_workspace: bool
) -> tuple[Problem, ...]:
    """Return what keeps recipe data from fitting a definition; media types are not looked at.

    Parameters
    ----------
    definition
        The definition of the recipe.
    data
        The data.
    needs_workspace
        Whether a job of the recipe has an output, which needs a workspace to go to.
    """
    problems = list(check_inputs(definition.inputs, data.inputs))
    if needs_workspace and data.workspace_id is None:
        sentence = "a job of this recipe has outputs: say the workspace that stores them."
        problems.append(Problem("$.workspace_id", sentence))
    return tuple(problems)
