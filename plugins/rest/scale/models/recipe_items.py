"""Recipes in lists, and inside the details of a job (seed 001, Recipe Services)."""

from pydantic import Field

from plugins.rest.scale.models.events import EventBrief
from plugins.rest.wire import Reference, Time, WireModel


class RecipeTypeBrief(WireModel):
    """The recipe type of a recipe."""

    id: int
    name: str
    version: str
    title: str
    description: str | None


class RecipeTypeRevisionBrief(WireModel):
    """Which revision of its recipe type a recipe has."""

    id: int
    recipe_type: Reference = Field(validation_alias="recipe_type_id")
    revision_num: int


class RecipeItem(WireModel):
    """A recipe in a list."""

    id: int
    recipe_type: RecipeTypeBrief
    recipe_type_rev: RecipeTypeRevisionBrief
    event: EventBrief
    created: Time
    completed: Time | None
    last_modified: Time
