"""Creating and editing recipe types (seed 001, Recipe Types Services)."""

from http import HTTPStatus

from fastapi import Request, Response

from plugins.rest.dependencies import CatalogueDep
from plugins.rest.parameters import RowId
from plugins.rest.routing import SlashRouter
from plugins.rest.scale.body_schemas import NewRecipeType, RecipeTypeChanges
from plugins.rest.scale.models.cautions import Warnings
from plugins.rest.scale.models.recipes import RecipeTypeDetails
from plugins.rest.wire import Links

router = SlashRouter(tags=["types"])


@router.post("/recipe-types/", summary="Create a recipe type", status_code=HTTPStatus.CREATED)
def create_recipe_type(
    http: Request, response: Response, catalogue: CatalogueDep, body: NewRecipeType
) -> RecipeTypeDetails:
    """Create a recipe type with its definition and trigger rule."""
    recipe_type = catalogue.recipe_types.create(body)
    response.headers["Location"] = Links.of(http).to(f"/recipe-types/{recipe_type.id}/")
    return RecipeTypeDetails.of(http, catalogue.queries.recipe_types.one(recipe_type.id))


@router.post("/recipe-types/validation/", summary="Check a recipe type")
def validate_recipe_type(catalogue: CatalogueDep, body: NewRecipeType) -> Warnings:
    """Return what saving a recipe type, new or edited, would warn of; nothing is saved."""
    return Warnings.about(catalogue.recipe_types.validate(body))


@router.patch("/recipe-types/{recipe_type_id}/", summary="Edit a recipe type")
def edit_recipe_type(
    http: Request, catalogue: CatalogueDep, recipe_type_id: RowId, body: RecipeTypeChanges
) -> RecipeTypeDetails:
    """Change what is given; a changed definition is a new revision, a null rule is removed."""
    catalogue.recipe_types.edit(recipe_type_id, body)
    return RecipeTypeDetails.of(http, catalogue.queries.recipe_types.one(recipe_type_id))
