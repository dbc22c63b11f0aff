"""Recipe definitions against the interfaces of their job types."""

from typing import Any

import pytest

from schemas.job_interface import JobInterface
from schemas.recipe_definition import (
    RecipeDefinition,
    check_recipe_definition,
    recipe_definition_warnings,
)
from tests.schemas.helpers import seed_example

SEED_INTERFACES = {
    ("geotiff-maker", "1.2.3"): JobInterface.parse(seed_example("job-interface")),
    ("point-detector", "4.5.6"): JobInterface.parse(seed_example("job-interface-detect-points")),
}


def interface(
    inputs: list[dict[str, Any]], outputs: tuple[dict[str, Any], ...] = ()
) -> JobInterface:
    return JobInterface.parse({
        "command": "", "command_arguments": "", "input_data": inputs, "output_data": list(outputs),
    })  # fmt: skip


def from_recipe_input(source: dict[str, Any], target: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the problems of one recipe input that feeds one job input."""
    definition = RecipeDefinition.parse({
        "input_data": [{"name": "source", **source}],
        "jobs": [{
            "name": "job", "job_type": {"name": "t", "version": "1"},
            "recipe_inputs": [{"recipe_input": "source", "job_input": "target"}],
        }],
    })  # fmt: skip
    interfaces = {("t", "1"): interface([{"name": "target", **target}])}
    found = check_recipe_definition(definition, interfaces)
    return [(problem.path, problem.sentence) for problem in found]


def chain(output: dict[str, Any], target: dict[str, Any], **names: str) -> tuple[Any, Any]:
    """Return a recipe of a job that feeds another, and the interfaces."""
    connection = {"output": names.get("from_", "out"), "input": names.get("to", "in")}
    definition = RecipeDefinition.parse({
        "jobs": [
            {"name": "parent", "job_type": {"name": "p", "version": "1"}},
            {
                "name": "child", "job_type": {"name": "c", "version": "1"},
                "dependencies": [{"name": "parent", "connections": [connection]}],
            },
        ],
    })  # fmt: skip
    return definition, {
        ("p", "1"): interface([], ({"name": "out", **output},)),
        ("c", "1"): interface([{"name": "in", **target}]),
    }


def from_output(output: dict[str, Any], target: dict[str, Any], **names: str) -> list[Any]:
    found = check_recipe_definition(*chain(output, target, **names))
    return [(problem.path, problem.sentence) for problem in found]


RECIPE_FEED = "$.jobs[0].recipe_inputs[0]"
OUTPUT_FEED = "$.jobs[1].dependencies[0].connections[0]"


def test_the_seed_s_example_has_no_problem() -> None:
    definition = RecipeDefinition.parse(seed_example("recipe-definition"))
    assert check_recipe_definition(definition, SEED_INTERFACES) == ()
    assert recipe_definition_warnings(definition, SEED_INTERFACES) == ()


def test_an_unknown_job_type_is_a_problem() -> None:
    definition = RecipeDefinition.parse(seed_example("recipe-definition"))
    found = check_recipe_definition(definition, {})
    assert [(problem.path, problem.sentence) for problem in found] == [
        ("$.jobs[0].job_type", 'there is no job type "geotiff-maker" in version "1.2.3".'),
        ("$.jobs[1].job_type", 'there is no job type "point-detector" in version "4.5.6".'),
    ]


def test_an_unknown_job_input_is_a_problem() -> None:
    found = from_output({"type": "file"}, {"type": "file", "required": False}, to="other")
    assert found == [
        (f"{OUTPUT_FEED}.input", 'the job type has no input "other"; its inputs are: "in".')
    ]


def test_an_unknown_output_is_a_problem() -> None:
    assert from_output({"type": "file"}, {"type": "file"}, from_="other") == [
        (
            f"{OUTPUT_FEED}.output",
            'the job "parent" has no output "other"; its outputs are: "out".',
        )
    ]


def test_a_required_input_that_is_not_connected_is_a_problem() -> None:
    definition = RecipeDefinition.parse(
        {"jobs": [{"name": "job", "job_type": {"name": "t", "version": "1"}}]}
    )
    interfaces = {("t", "1"): interface([{"name": "in", "type": "file"}])}
    [problem] = check_recipe_definition(definition, interfaces)
    assert problem.path == "$.jobs[0]"
    assert problem.sentence == 'the required input "in" of "job" is not connected.'


def test_a_list_cannot_go_to_one_file_from_a_recipe_input() -> None:
    assert from_recipe_input({"type": "files"}, {"type": "file"}) == [
        (
            RECIPE_FEED,
            (
                'the recipe input "source" cannot be connected to the input "target":'
                " a list of files cannot go to an input for one file."
            ),
        )
    ]


def test_a_list_cannot_go_to_one_file_from_an_output() -> None:
    assert from_output({"type": "files"}, {"type": "file"}) == [
        (
            OUTPUT_FEED,
            (
                'the output "out" of "parent" cannot be connected to the input "in":'
                " a list of files cannot go to an input for one file."
            ),
        )
    ]


def test_one_file_can_go_to_a_list() -> None:
    assert from_recipe_input({"type": "file"}, {"type": "files"}) == []
    assert from_output({"type": "file"}, {"type": "files"}) == []


def test_an_optional_recipe_input_cannot_feed_a_required_input() -> None:
    [(path, sentence)] = from_recipe_input({"type": "file", "required": False}, {"type": "file"})
    assert path == RECIPE_FEED
    assert sentence.endswith("it is optional and the input is required.")


def test_an_optional_output_cannot_feed_a_required_input() -> None:
    [(path, sentence)] = from_output({"type": "file", "required": False}, {"type": "file"})
    assert path == OUTPUT_FEED
    assert sentence.endswith("it is optional and the input is required.")


def test_an_optional_output_can_feed_an_optional_input() -> None:
    optional = {"type": "file", "required": False}
    assert from_output(optional, optional) == []


@pytest.mark.parametrize(
    ("source", "target"), [("property", "file"), ("file", "property"), ("files", "property")]
)
def test_texts_and_files_do_not_mix(source: str, target: str) -> None:
    [(path, sentence)] = from_recipe_input({"type": source}, {"type": target})
    assert path == RECIPE_FEED
    assert sentence.endswith(
        f": one is a {source} and the other a {target}, and texts and files do not mix."
    )


def test_an_output_cannot_feed_a_text() -> None:
    [(path, _)] = from_output({"type": "file"}, {"type": "property"})
    assert path == OUTPUT_FEED


def test_media_types_that_can_never_match_are_a_warning_and_no_problem() -> None:
    recipe = chain(
        {"type": "file", "media_type": "image/png"},
        {"type": "file", "media_types": ["image/tiff", "image/jp2"]},
    )
    assert check_recipe_definition(*recipe) == ()
    [warning] = recipe_definition_warnings(*recipe)
    assert warning.id == "media_type"
    assert warning.details == (
        'the output "out" of "parent" gives image/png,'
        ' but the input "in" accepts only image/tiff, image/jp2.'
    )


@pytest.mark.parametrize(
    ("output", "target"),
    [
        ({"media_type": "image/png"}, {}),
        ({}, {"media_types": ["image/png"]}),
        ({"media_type": "image/png"}, {"media_types": ["a/b", "image/png"]}),
    ],
)
def test_media_types_that_may_match_are_no_warning(
    output: dict[str, Any], target: dict[str, Any]
) -> None:
    recipe = chain({"type": "file", **output}, {"type": "file", **target})
    assert recipe_definition_warnings(*recipe) == ()
