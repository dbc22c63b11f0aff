"""What is read of recipes, by themselves and inside the details of a job."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from catalog.queries.listing import Listing
from catalog.queries.parts import (
    EVENT,
    EVENT_ROW,
    RECIPE_TYPE,
    RECIPE_TYPE_OF_RECIPE,
    RECIPE_TYPE_REV,
    RECIPE_TYPE_REV_ROW,
    EventBrief,
    EventRow,
    RecipeTypeBrief,
    RecipeTypeOfRecipe,
    RecipeTypeRevisionBrief,
    RecipeTypeRevisionRow,
)
from catalog.queries.shape import Shape
from catalog.tables import Recipe, RecipeType, RecipeTypeRevision, TriggerEvent, TriggerRule


@dataclass(frozen=True, slots=True)
class RecipeRow:
    """A recipe in a list."""

    id: int
    recipe_type: RecipeTypeBrief
    recipe_type_rev: RecipeTypeRevisionBrief
    event: EventBrief
    created: datetime
    completed: datetime | None
    last_modified: datetime


@dataclass(frozen=True, slots=True)
class RecipeWithData:
    """A recipe with its documents."""

    id: int
    recipe_type: RecipeTypeOfRecipe
    recipe_type_rev: RecipeTypeRevisionRow
    event: EventRow
    created: datetime
    completed: datetime | None
    last_modified: datetime
    data: dict[str, Any]


_JOINS: Final = (
    (RecipeType, RecipeType.id == Recipe.recipe_type_id),
    (RecipeTypeRevision, RecipeTypeRevision.id == Recipe.recipe_type_rev_id),
    (TriggerEvent, TriggerEvent.id == Recipe.event_id),
)
RECIPES: Final = Listing(
    noun="recipe",
    root=Recipe,
    shape=Shape(
        RecipeRow,
        Recipe,
        recipe_type=RECIPE_TYPE,
        recipe_type_rev=RECIPE_TYPE_REV,
        event=EVENT,
    ),
    joins=_JOINS,
)
RECIPES_WITH_DATA: Final = Listing(
    noun="recipe",
    root=Recipe,
    shape=Shape(
        RecipeWithData,
        Recipe,
        recipe_type=RECIPE_TYPE_OF_RECIPE,
        recipe_type_rev=RECIPE_TYPE_REV_ROW,
        event=EVENT_ROW,
    ),
    joins=(*_JOINS, (TriggerRule, TriggerRule.id == TriggerEvent.rule_id)),
)
