"""Configurations: what is read, kept, told and refused."""

from typing import Any

import pytest

from schemas.configuration import Configuration, ErrorEntry
from schemas.error_interface import ErrorMapping
from schemas.job_interface import JobInterface
from schemas.recipe_definition import RecipeDefinition
from schemas.trigger import FileTrigger, TriggerType
from tests.schemas.helpers import changed, refusal, seed_example, without

EXAMPLE = seed_example("configuration")
CLOCK = {
    "type": "CLOCK",
    "is_active": False,
    "configuration": {"event_type": "X", "schedule": "PT1H"},
}


def refused(*path_and_new: Any) -> list[tuple[str, str]]:
    return refusal(Configuration.parse, changed(EXAMPLE, *path_and_new))


def test_the_seed_s_error_is_read() -> None:
    assert Configuration.parse(EXAMPLE).errors == (
        ErrorEntry("my-error", "My Error", "My error description.", "DATA"),
    )


def test_the_seed_s_job_type_is_read() -> None:
    [job_type] = Configuration.parse(EXAMPLE).job_types
    written = EXAMPLE["job_types"][0]
    for field in written.keys() - {"interface", "error_mapping", "trigger_rule"}:
        assert getattr(job_type, field) == written[field]
    assert job_type.interface == JobInterface.parse(written["interface"])
    assert job_type.error_mapping == ErrorMapping({1: "my-error"})
    assert job_type.given == written.keys()


def test_the_seed_s_recipe_type_is_read() -> None:
    [recipe_type] = Configuration.parse(EXAMPLE).recipe_types
    written = EXAMPLE["recipe_types"][0]
    assert (recipe_type.name, recipe_type.version) == ("my-recipe", "1.0.0")
    assert recipe_type.definition == RecipeDefinition.parse(written["definition"])


def test_the_seed_s_trigger_rule_is_read() -> None:
    rule = Configuration.parse(EXAMPLE).job_types[0].trigger_rule
    written = EXAMPLE["job_types"][0]["trigger_rule"]["configuration"]
    assert rule is not None
    assert (rule.type, rule.name, rule.is_active) == (TriggerType.PARSE, "my-rule", True)
    assert rule.configuration == FileTrigger.parse(written)


def test_every_section_is_optional() -> None:
    assert Configuration.parse({}) == Configuration()


def test_a_clock_rule_is_read() -> None:
    configuration = Configuration.parse(changed(EXAMPLE, "job_types", 0, "trigger_rule", CLOCK))
    rule = configuration.job_types[0].trigger_rule
    assert rule is not None
    assert not rule.is_active
    assert Configuration.parse(configuration.to_json()) == configuration


def test_a_field_that_is_null_is_told_from_one_that_is_absent() -> None:
    [job_type] = Configuration.parse(
        {"job_types": [{
            "name": "n", "version": "1", "trigger_rule": None,
            "interface": {"command": "", "command_arguments": ""},
        }]}
    ).job_types  # fmt: skip
    assert job_type.trigger_rule is None
    assert job_type.error_mapping is None
    assert job_type.given == {"name", "version", "trigger_rule", "interface"}


def test_a_count_written_with_a_fraction_of_zero_is_a_whole_number() -> None:
    document = changed(EXAMPLE, "job_types", 0, "timeout", 1800.0)
    timeout = Configuration.parse(document).job_types[0].timeout
    assert (timeout, type(timeout)) == (1800, int)


READ_ONLY = {
    "id": 3,
    "is_system": False,
    "is_active": True,
    "revision_num": 1,
    "created": "2015-03-11T00:00:00Z",
    "archived": None,
    "paused": None,
    "last_modified": "2015-03-11T00:00:00Z",
    "errors": [],
    "job_counts_6h": [{"status": "QUEUED"}],
    "job_counts_12h": [],
    "job_counts_24h": [],
}


def test_the_read_only_fields_of_a_job_type_are_accepted_and_told() -> None:
    job_type = {**EXAMPLE["job_types"][0], **READ_ONLY}
    configuration = Configuration.parse({"job_types": [job_type]})
    assert configuration.read_only_fields == tuple(f"$.job_types[0].{name}" for name in READ_ONLY)
    assert configuration == Configuration.parse({"job_types": EXAMPLE["job_types"]})


def test_the_other_settings_of_an_export_are_accepted() -> None:
    settings = {
        "is_long_running": False,
        "is_paused": True,
        "uses_docker": True,
        "docker_image": "algorithm:1",
        "max_scheduled": None,
    }
    document = changed(EXAMPLE, "job_types", 0, {**EXAMPLE["job_types"][0], **settings})
    configuration = Configuration.parse(document)
    [job_type] = configuration.job_types
    assert {name: getattr(job_type, name) for name in settings} == settings
    assert configuration.read_only_fields == ()


def test_the_read_only_fields_of_the_other_records_are_told() -> None:
    document = changed(EXAMPLE, "errors", 0, "id", 1)
    document = changed(document, "recipe_types", 0, "job_types", [])
    document = changed(document, "recipe_types", 0, "trigger_rule", "id", 12)
    assert Configuration.parse(document).read_only_fields == (
        "$.errors[0].id",
        "$.recipe_types[0].job_types",
        "$.recipe_types[0].trigger_rule.id",
    )


@pytest.mark.parametrize(
    ("section", "sentence"),
    [
        ("errors", 'the error "my-error" is given twice.'),
        ("job_types", 'the job type "my-job" in version "1.0.0" is given twice.'),
        ("recipe_types", 'the recipe type "my-recipe" in version "1.0.0" is given twice.'),
    ],
)
def test_a_record_given_twice_is_refused(section: str, sentence: str) -> None:
    assert refused(section, EXAMPLE[section] * 2) == [(f"$.{section}[1]", sentence)]


def test_two_versions_of_a_job_type_are_no_repetition() -> None:
    other = {**EXAMPLE["job_types"][0], "version": "2.0.0"}
    document = changed(EXAMPLE, "job_types", [*EXAMPLE["job_types"], other])
    assert len(Configuration.parse(document).job_types) == 2


@pytest.mark.parametrize(
    ("place", "new", "path"),
    [
        (("job_types", 0, "interface", "command"), 5, "$.job_types[0].interface.command"),
        (
            ("job_types", 0, "interface", "command_arguments"),
            "${x}",
            "$.job_types[0].interface.command_arguments",
        ),
        (
            ("job_types", 0, "error_mapping", "exit_codes"),
            {"x": "y"},
            "$.job_types[0].error_mapping.exit_codes.x",
        ),
        (("job_types", 0, "trigger_rule", "type"), "FTP", "$.job_types[0].trigger_rule.type"),
        (
            ("job_types", 0, "trigger_rule", "configuration", "data", "workspace_name"),
            "",
            "$.job_types[0].trigger_rule.configuration.data.workspace_name",
        ),
        (
            ("job_types", 0, "trigger_rule", "configuration", "data", "input_data_name"),
            "other",
            "$.job_types[0].trigger_rule.configuration.data.input_data_name",
        ),
        (("job_types", 0, "priority"), -1, "$.job_types[0].priority"),
        (("job_types", 0, "cpus_required"), "1", "$.job_types[0].cpus_required"),
        (("job_types", 0, "colour"), "red", "$.job_types[0].colour"),
        (
            ("recipe_types", 0, "definition", "jobs"),
            [{"name": "a"}],
            "$.recipe_types[0].definition.jobs[0].job_type",
        ),
        (
            ("recipe_types", 0, "definition", "input_data", 0, "name"),
            "other",
            "$.recipe_types[0].trigger_rule.configuration.data.input_data_name",
        ),
        (("errors", 0, "category"), "SYSTEM", "$.errors[0].category"),
    ],
)
def test_a_problem_in_a_part_is_told_with_its_whole_path(
    place: tuple[Any, ...], new: object, path: str
) -> None:
    assert path in [found for found, _ in refused(*place, new)]


def test_a_system_error_is_refused_with_the_reason() -> None:
    [(_, sentence)] = refused("errors", 0, "category", "SYSTEM")
    assert sentence == (
        'expected "ALGORITHM" or "DATA" (SYSTEM errors belong to each system), found "SYSTEM".'
    )


def test_a_rule_that_leaves_a_required_input_unfed_is_refused() -> None:
    document = changed(EXAMPLE, "recipe_types", 0, "definition", "input_data", [
        *EXAMPLE["recipe_types"][0]["definition"]["input_data"],
        {"name": "more", "type": "file"},
    ])  # fmt: skip
    assert refusal(Configuration.parse, document) == [
        (
            "$.recipe_types[0].trigger_rule.configuration",
            'the required input "more" is not fed by the trigger.',
        )
    ]


def test_the_problems_of_all_parts_are_told_at_once() -> None:
    document = changed(EXAMPLE, "job_types", 0, "interface", "command_arguments", "${x}")
    document = changed(document, "job_types", 0, "error_mapping", "exit_codes", {"x": "y"})
    document = changed(document, "errors", EXAMPLE["errors"] * 2)
    assert [path for path, _ in refusal(Configuration.parse, document)] == [
        "$.errors[1]",
        "$.job_types[0].interface.command_arguments",
        "$.job_types[0].error_mapping.exit_codes.x",
    ]


@pytest.mark.parametrize("field", ["name", "version", "interface"])
def test_a_job_type_needs_its_identity_and_interface(field: str) -> None:
    found = refusal(Configuration.parse, without(EXAMPLE, "job_types", 0, field))
    assert found == [(f"$.job_types[0].{field}", "this field is required.")]
