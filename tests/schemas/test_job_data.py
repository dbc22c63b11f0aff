"""Job data, by itself and against an interface."""

from typing import Any

import pytest

from schemas.job_data import FilesValue, JobData, PropertyValue, check_job_data
from schemas.job_interface import JobInterface
from tests.schemas.helpers import refusal, seed_example

INTERFACE = JobInterface.parse({
    "command": "run",
    "command_arguments": "",
    "input_data": [
        {"name": "text", "type": "property"},
        {"name": "one", "type": "file"},
        {"name": "many", "type": "files", "required": False},
    ],
    "output_data": [{"name": "out", "type": "file", "required": False}],
})  # fmt: skip
FITTING: dict[str, Any] = {
    "input_data": [{"name": "text", "value": "x"}, {"name": "one", "file_id": 7}],
    "output_data": [{"name": "out", "workspace_id": 3}],
}


def misfits(*inputs: dict[str, Any], **fields: Any) -> list[tuple[str, str]]:
    data = JobData.parse({**FITTING, "input_data": [*FITTING["input_data"], *inputs], **fields})
    return [(problem.path, problem.sentence) for problem in check_job_data(INTERFACE, data)]


def test_the_seed_s_example_is_read() -> None:
    assert JobData.parse(seed_example("job-data")) == JobData(
        inputs={
            "image": FilesValue((1234,), is_list=False),
            "georeference_data": FilesValue((1235,), is_list=False),
        },
        output_workspaces={"geo_image": 12},
    )


def test_the_seed_s_example_fits_the_seed_s_interface() -> None:
    interface = JobInterface.parse(seed_example("job-interface"))
    assert check_job_data(interface, JobData.parse(seed_example("job-data"))) == ()


def test_each_kind_of_value_comes_back_the_same() -> None:
    data = JobData(
        {
            "a": PropertyValue(""),
            "b": FilesValue((1,), is_list=False),
            "c": FilesValue((1, 2), is_list=True),
        },
        {"d": 1},
    )
    assert JobData.parse(data.to_json()) == data


def test_an_id_written_with_a_fraction_of_zero_is_a_whole_number() -> None:
    value = JobData.parse({"input_data": [{"name": "a", "file_id": 5.0}]}).inputs["a"]
    assert isinstance(value, FilesValue)
    assert isinstance(value.file_ids[0], int)


@pytest.mark.parametrize(
    ("document", "path"),
    [
        ({"input_data": [{"name": "a", "value": ""}] * 2}, "$.input_data[1].name"),
        ({"output_data": [{"name": "a", "workspace_id": 1}] * 2}, "$.output_data[1].name"),
        (
            {
                "input_data": [{"name": "a", "value": ""}],
                "output_data": [{"name": "a", "workspace_id": 1}],
            },
            "$.output_data[0].name",
        ),
    ],
)
def test_a_name_given_twice_is_refused(document: object, path: str) -> None:
    assert refusal(JobData.parse, document) == [
        (path, 'the name "a" is already used. Every input and output is given once.')
    ]


@pytest.mark.parametrize("value", [{}, {"value": "x", "file_id": 1}])
def test_an_input_has_exactly_one_kind_of_value(value: dict[str, Any]) -> None:
    [(path, sentence)] = refusal(JobData.parse, {"input_data": [{"name": "a", **value}]})
    assert path == "$.input_data[0]"
    assert sentence.startswith('expected exactly one of "value", "file_id" and "file_ids"')


@pytest.mark.parametrize("file_id", [0, -1, 2**63, 1.5, True, "1"])
def test_what_cannot_be_an_id_is_refused(file_id: object) -> None:
    [(path, _)] = refusal(JobData.parse, {"input_data": [{"name": "a", "file_id": file_id}]})
    assert path == "$.input_data[0].file_id"


def test_an_empty_list_of_files_is_refused() -> None:
    [(path, sentence)] = refusal(JobData.parse, {"input_data": [{"name": "a", "file_ids": []}]})
    assert path == "$.input_data[0].file_ids"
    assert sentence.startswith("expected at least one file id; leave the whole input out")


def test_data_that_fits_has_no_problem() -> None:
    assert misfits({"name": "many", "file_ids": [1, 2]}) == []


def test_a_list_input_accepts_one_file() -> None:
    assert misfits({"name": "many", "file_id": 1}) == []


def test_a_required_input_that_is_missing_is_a_problem() -> None:
    assert misfits(input_data=[{"name": "text", "value": "x"}]) == [
        ("$.input_data", 'the required input "one" is not given.')
    ]


def test_an_unknown_input_is_a_problem() -> None:
    assert misfits({"name": "other", "value": "x"}) == [
        (
            "$.input_data[2].name",
            'there is no input "other"; the inputs are: "text", "one", "many".',
        )
    ]


@pytest.mark.parametrize(
    ("entry", "sentence"),
    [
        ({"name": "text", "file_id": 1}, 'the input "text" takes a text: give "value".'),
        ({"name": "one", "value": "x"}, 'the input "one" takes one file: give "file_id".'),
        ({"name": "one", "file_ids": [1]}, 'the input "one" takes one file: give "file_id".'),
        (
            {"name": "many", "value": "x"},
            'the input "many" takes files: give "file_ids" or "file_id".',
        ),
    ],
)
def test_a_value_of_the_wrong_kind_is_a_problem(entry: dict[str, Any], sentence: str) -> None:
    others = [each for each in FITTING["input_data"] if each["name"] != entry["name"]]
    assert misfits(input_data=[entry, *others]) == [("$.input_data[0]", sentence)]


def test_an_output_without_a_workspace_is_a_problem() -> None:
    assert misfits(output_data=[]) == [("$.output_data", 'the output "out" has no workspace.')]


def test_an_unknown_output_is_a_problem() -> None:
    outputs = [*FITTING["output_data"], {"name": "other", "workspace_id": 1}]
    assert misfits(output_data=outputs) == [
        ("$.output_data[1].name", 'there is no output "other"; the outputs are: "out".')
    ]
