"""Recipes and recipe types (seed 001, Recipe Services and Recipe Types Services)."""

from typing import Any

from pydantic import Field

from plugins.rest.scale.models.events import EventDetails
from plugins.rest.scale.models.files import FileItem
from plugins.rest.scale.models.job_types import JobTypeWithInterface, RuleDetails
from plugins.rest.scale.models.jobs import JobOfRecipe
from plugins.rest.wire import Reference, Time, WireModel


class RecipeTypeOfRecipe(WireModel):
    """The recipe type of a recipe, as it is now."""

    id: int
    name: str
    version: str
    title: str
    description: str | None
    is_active: bool
    definition: dict[str, Any]
    revision_num: int
    created: Time
    last_modified: Time
    archived: Time | None


class RecipeTypeItem(RecipeTypeOfRecipe):
    """A recipe type in a list."""

    trigger_rule: Reference | None = Field(validation_alias="trigger_rule_id")


class RecipeTypeDetails(RecipeTypeOfRecipe):
    """A recipe type with its rule and the job types it uses."""

    trigger_rule: RuleDetails | None
    job_types: list[JobTypeWithInterface]


class RecipeTypeRevisionDetails(WireModel):
    """The revision of its recipe type that a recipe has."""

    id: int
    recipe_type: Reference = Field(validation_alias="recipe_type_id")
    revision_num: int
    definition: dict[str, Any]
    created: Time


class JobInRecipe(WireModel):
    """A job and its name in a recipe."""

    job_name: str
    job: JobOfRecipe


class RecipeDetails(WireModel):
    """A recipe with its documents, input files and jobs."""

    id: int
    recipe_type: RecipeTypeOfRecipe
    recipe_type_rev: RecipeTypeRevisionDetails
    event: EventDetails
    created: Time
    completed: Time | None
    last_modified: Time
    data: dict[str, Any]
    input_files: list[FileItem]
    jobs: list[JobInRecipe]
