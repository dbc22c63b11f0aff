"""Recipe data, by itself and against a definition."""

from schemas.job_data import FilesValue
from schemas.recipe_data import RecipeData, check_recipe_data
from schemas.recipe_definition import RecipeDefinition
from tests.schemas.helpers import refusal, seed_example, without

DEFINITION = RecipeDefinition.parse(seed_example("recipe-definition"))


def test_the_seed_s_example_is_read() -> None:
    assert RecipeData.parse(seed_example("recipe-data")) == RecipeData(
        inputs={
            "image": FilesValue((1234,), is_list=False),
            "georeference_data": FilesValue((1235,), is_list=False),
        },
        workspace_id=12,
    )


def test_the_seed_s_example_fits_the_seed_s_definition() -> None:
    data = RecipeData.parse(seed_example("recipe-data"))
    assert check_recipe_data(DEFINITION, data, needs_workspace=True) == ()


def test_data_without_a_workspace_comes_back_the_same() -> None:
    data = RecipeData.parse({})
    assert data == RecipeData(inputs={}, workspace_id=None)
    assert RecipeData.parse(data.to_json()) == data


def test_an_input_given_twice_is_refused() -> None:
    assert refusal(RecipeData.parse, {"input_data": [{"name": "a", "value": ""}] * 2}) == [
        ("$.input_data[1].name", 'the name "a" is already used. Every input is given once.')
    ]


def test_a_missing_workspace_is_a_problem_where_there_are_outputs() -> None:
    data = RecipeData.parse(without(seed_example("recipe-data"), "workspace_id"))
    [problem] = check_recipe_data(DEFINITION, data, needs_workspace=True)
    assert problem.path == "$.workspace_id"
    assert problem.sentence == (
        "a job of this recipe has outputs: say the workspace that stores them."
    )


def test_a_missing_workspace_is_no_problem_without_outputs() -> None:
    data = RecipeData.parse(without(seed_example("recipe-data"), "workspace_id"))
    assert check_recipe_data(DEFINITION, data, needs_workspace=False) == ()


def test_a_missing_required_input_is_a_problem() -> None:
    data = RecipeData.parse(without(seed_example("recipe-data"), "input_data", 0))
    [problem] = check_recipe_data(DEFINITION, data, needs_workspace=True)
    assert str(problem) == '$.input_data: the required input "image" is not given.'
