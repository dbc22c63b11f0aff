"""Ingest, parse and clock triggers."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.job_interface import InputType, JobInput
from schemas.trigger import ClockTrigger, FileTrigger, TriggerInput, TriggerType, parse_trigger
from schemas.trigger_connections import check_file_trigger, file_trigger_warnings
from tests.schemas.helpers import UNHURRIED, changed, refusal, seed_example, without

PAIR: dict[str, Any] = {
    "version": "1.1",
    "inputs": [
        {"input_data_name": "image", "media_type": "image/png"},
        {"input_data_name": "table", "filename_regex": r".+\.csv$", "data_types": ["geo"]},
    ],
    "group_by": r"(.+)\.(?:png|csv)$",
    "timeout": "PT1H",
    "data": {"workspace_name": "products"},
}


def test_the_seed_s_ingest_example_is_read() -> None:
    trigger = parse_trigger(TriggerType.INGEST, seed_example("ingest-trigger"))
    assert trigger == FileTrigger(
        inputs=(TriggerInput("my_file", "text/plain", ("foo", "bar")),),
        group_by=None,
        timeout_seconds=None,
        workspace_name="my_workspace",
        version="1.0",
    )


def test_the_seed_s_parse_example_is_read() -> None:
    ingest = parse_trigger(TriggerType.INGEST, seed_example("ingest-trigger"))
    assert parse_trigger(TriggerType.PARSE, seed_example("parse-trigger")) == ingest


def test_the_seed_s_clock_example_is_read() -> None:
    trigger = parse_trigger(TriggerType.CLOCK, seed_example("clock-trigger"))
    assert trigger == ClockTrigger("MY_METRICS", 3600)


def test_a_trigger_of_several_inputs_is_read() -> None:
    assert FileTrigger.parse(PAIR) == FileTrigger(
        inputs=(
            TriggerInput("image", "image/png"),
            TriggerInput("table", None, ("geo",), r".+\.csv$"),
        ),
        group_by=r"(.+)\.(?:png|csv)$",
        timeout_seconds=3600,
        workspace_name="products",
        version="1.1",
    )


def test_the_kind_of_the_trigger_is_named_in_its_error() -> None:
    with pytest.raises(ValueError, match="The parse trigger is not valid"):
        parse_trigger(TriggerType.PARSE, {})


@pytest.mark.parametrize("trigger", [PAIR, seed_example("ingest-trigger")])
def test_a_file_trigger_comes_back_the_same(trigger: object) -> None:
    read = FileTrigger.parse(trigger)
    assert FileTrigger.parse(read.to_json()) == read


@UNHURRIED
@given(st.integers(60, 86_400))
def test_a_clock_trigger_comes_back_the_same(seconds: int) -> None:
    trigger = ClockTrigger("X", seconds)
    assert ClockTrigger.parse(trigger.to_json()) == trigger


def test_a_trigger_without_a_condition_takes_every_file() -> None:
    trigger = FileTrigger.parse(without(seed_example("ingest-trigger"), "condition"))
    assert trigger.matching_inputs("any", "", ()) == ("my_file",)


def test_an_empty_media_type_means_any() -> None:
    example = changed(seed_example("ingest-trigger"), "condition", "media_type", "")
    trigger = FileTrigger.parse(example)
    assert trigger.matching_inputs("any", "image/png", ("foo", "bar")) == ("my_file",)


@pytest.mark.parametrize(
    ("media_type", "data_types", "names"),
    [
        ("text/plain", ("bar", "foo", "more"), ("my_file",)),
        ("text/plain", ("foo",), ()),
        ("text/csv", ("foo", "bar"), ()),
    ],
)
def test_a_file_needs_the_media_type_and_all_data_types(
    media_type: str, data_types: tuple[str, ...], names: tuple[str, ...]
) -> None:
    trigger = FileTrigger.parse(seed_example("ingest-trigger"))
    assert trigger.matching_inputs("any", media_type, data_types) == names


@pytest.mark.parametrize(
    ("name", "media_type", "names"),
    [
        ("a.png", "image/png", ("image",)),
        ("a.csv", "text/csv", ("table",)),
        ("a.csv", "image/png", ("image", "table")),
        ("a.txt", "text/plain", ()),
    ],
)
def test_a_file_feeds_every_input_whose_condition_it_meets(
    name: str, media_type: str, names: tuple[str, ...]
) -> None:
    assert FileTrigger.parse(PAIR).matching_inputs(name, media_type, ("geo",)) == names


def test_the_key_of_a_group_is_what_the_expression_captures() -> None:
    assert FileTrigger.parse(PAIR).group_key("scene_1.png") == "scene_1"


def test_a_name_that_does_not_match_has_no_key() -> None:
    assert FileTrigger.parse(PAIR).group_key("scene_1.txt") is None


def test_the_key_is_sought_from_the_start_of_the_name() -> None:
    trigger = FileTrigger.parse(changed(PAIR, "group_by", "s([0-9]+)"))
    assert trigger.group_key("s12_x") == "12"
    assert trigger.group_key("xs12") is None


def test_a_group_that_takes_no_part_in_the_match_gives_no_key() -> None:
    assert FileTrigger.parse(changed(PAIR, "group_by", "a|b(c)")).group_key("a") is None


def test_without_group_by_the_key_is_empty() -> None:
    assert FileTrigger.parse(seed_example("ingest-trigger")).group_key("any") == ""


@UNHURRIED
@given(st.text())
def test_any_name_can_be_asked_for(name: str) -> None:
    trigger = FileTrigger.parse(PAIR)
    trigger.matching_inputs(name, "", ())
    trigger.group_key(name + "\udcff")


@pytest.mark.parametrize(
    ("document", "path", "sentence"),
    [
        (changed(PAIR, "inputs", []), "$.inputs", "expected at least one input"),
        (without(PAIR, "group_by"), "$.group_by", "this field is required with more than one"),
        (changed(PAIR, "group_by", "(.+"), "$.group_by", '"(.+" is not a valid regular'),
        (changed(PAIR, "group_by", ".+"), "$.group_by", '".+" has 0 capture groups; exactly one'),
        (changed(PAIR, "group_by", "(.)(.)"), "$.group_by", '"(.)(.)" has 2 capture groups'),
        (changed(PAIR, "timeout", "1 hour"), "$.timeout", '"1 hour" is not an ISO-8601 duration'),
        (changed(PAIR, "timeout", "PT0S"), "$.timeout", "the timeout must be longer than nothing"),
        (
            changed(PAIR, "inputs", 1, "input_data_name", "image"),
            "$.inputs[1].input_data_name",
            'the name "image" is already used. An input can be fed only once.',
        ),
        (
            changed(PAIR, "inputs", 1, "filename_regex", "*.csv"),
            "$.inputs[1].filename_regex",
            '"*.csv" is not a valid regular expression',
        ),
        (without(PAIR, "data"), "$.data", "this field is required."),
        (changed(PAIR, "condition", {}), "$.condition", "unknown field"),
    ],
)
@pytest.mark.parametrize("trigger_type", [TriggerType.INGEST, TriggerType.PARSE])
def test_a_wrong_trigger_is_refused(
    document: object, path: str, sentence: str, trigger_type: TriggerType
) -> None:
    [found] = refusal(lambda value: parse_trigger(trigger_type, value), document)
    assert found[0] == path
    assert found[1].startswith(sentence)


def test_one_input_needs_no_group() -> None:
    one = without(without(PAIR, "group_by"), "inputs", 1)
    assert FileTrigger.parse(one).group_key("x") == ""


@pytest.mark.parametrize(
    ("schedule", "sentence"),
    [
        ("hourly", '"hourly" is not an ISO-8601 duration'),
        ("P1D", '"P1D" has days: write hours, PT24H for a day.'),
        ("PT59S", '"PT59S" is not between a minute and a day.'),
        ("PT25H", '"PT25H" is not between a minute and a day.'),
    ],
)
def test_a_wrong_schedule_is_refused(schedule: str, sentence: str) -> None:
    wrong = changed(seed_example("clock-trigger"), "schedule", schedule)
    [(path, found)] = refusal(ClockTrigger.parse, wrong)
    assert path == "$.schedule"
    assert found.startswith(sentence)


INPUTS = (
    JobInput("image", InputType.FILE, media_types=("image/tiff",)),
    JobInput("table", InputType.FILES),
    JobInput("note", InputType.PROPERTY, required=False),
)


def test_a_trigger_that_feeds_the_inputs_has_no_problem() -> None:
    assert check_file_trigger(FileTrigger.parse(PAIR), INPUTS) == ()


def test_a_trigger_cannot_feed_an_unknown_input() -> None:
    trigger = FileTrigger.parse(seed_example("ingest-trigger"))
    assert [str(problem) for problem in check_file_trigger(trigger, ())] == [
        '$.data.input_data_name: there is no input "my_file"; the inputs are: none.'
    ]


def test_a_trigger_cannot_feed_a_text() -> None:
    trigger = FileTrigger.parse(changed(PAIR, "inputs", 0, "input_data_name", "note"))
    found = [str(problem) for problem in check_file_trigger(trigger, INPUTS)]
    assert found == [
        (
            "$.inputs[0].input_data_name: the file of the trigger cannot be connected to the input"
            ' "note": one is a file and the other a property, and texts and files do not mix.'
        ),
        '$: the required input "image" is not fed by the trigger.',
    ]


def test_media_types_that_can_never_match_are_a_warning() -> None:
    [warning] = file_trigger_warnings(FileTrigger.parse(PAIR), INPUTS)
    assert warning.id == "media_type"
    assert warning.details == (
        'the file of the trigger gives image/png, but the input "image" accepts only image/tiff.'
    )
