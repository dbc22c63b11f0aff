"""No document, however wrong, is answered with anything but a document error."""

from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.configuration import Configuration
from schemas.error_interface import ErrorMapping
from schemas.job_data import JobData
from schemas.job_interface import JobInterface
from schemas.problems import DocumentError, Problem
from schemas.recipe_data import RecipeData
from schemas.recipe_definition import RecipeDefinition
from schemas.results_manifest import ResultsManifest
from schemas.strike_configuration import StrikeConfiguration
from schemas.trigger import ClockTrigger, FileTrigger
from schemas.workspace_configuration import WorkspaceConfiguration
from tests.schemas.helpers import JSON, UNHURRIED, mutated, seed_example

TRIGGER_1_1 = {
    "version": "1.1",
    "inputs": [
        {"input_data_name": "a", "media_type": "x/y", "data_types": ["t"], "filename_regex": "a_"},
        {"input_data_name": "b"},
    ],
    "group_by": "._([0-9]+)",
    "timeout": "PT1H",
    "data": {"workspace_name": "w"},
}
MANIFEST_1_0 = {
    "version": "1.0",
    "files": [{"name": "a", "path": "p"}, {"name": "b", "paths": ["q"]}],
    "parse_results": [{"filename": "f", "data_started": "2015-05-15T10:34:12Z"}],
}
DOCUMENTS: list[tuple[Callable[[object], object], object]] = [
    (JobInterface.parse, seed_example("job-interface")),
    (JobData.parse, seed_example("job-data")),
    (RecipeDefinition.parse, seed_example("recipe-definition")),
    (RecipeData.parse, seed_example("recipe-data")),
    (ResultsManifest.parse, seed_example("results-manifest-parsed")),
    (ResultsManifest.parse, MANIFEST_1_0),
    (ErrorMapping.parse, seed_example("error-interface")),
    (StrikeConfiguration.parse, seed_example("strike")),
    (FileTrigger.parse, seed_example("ingest-trigger")),
    (FileTrigger.parse, TRIGGER_1_1),
    (ClockTrigger.parse, seed_example("clock-trigger")),
    (WorkspaceConfiguration.parse, seed_example("workspace")),
    (Configuration.parse, seed_example("configuration")),
]
PARSERS = [parse for parse, _ in DOCUMENTS]


@UNHURRIED
@given(value=JSON, parse=st.sampled_from(PARSERS))
def test_any_json_is_parsed_or_refused(value: object, parse: Callable[[object], object]) -> None:
    with suppress(DocumentError):
        parse(value)


@pytest.mark.parametrize(("parse", "example"), DOCUMENTS)
@UNHURRIED
@given(data=st.data())
def test_a_document_with_any_place_replaced_is_parsed_or_refused(
    parse: Callable[[object], object], example: object, data: st.DataObject
) -> None:
    problems, told = problems_and_text(parse, data.draw(mutated(example)))
    assert told.isprintable()
    assert len(set(problems)) == len(problems)


def problems_and_text(
    parse: Callable[[object], object], value: object
) -> tuple[tuple[Problem, ...], str]:
    try:
        parse(value)
    except DocumentError as error:
        return error.problems, str(error)
    return (), ""


@pytest.mark.parametrize(("parse", "example"), DOCUMENTS)
def test_the_example_is_parsed_and_comes_back_the_same(
    parse: Callable[[object], object], example: object
) -> None:
    record = parse(example)
    assert parse(record.to_json()) == record  # type: ignore[attr-defined]  # every record has it
