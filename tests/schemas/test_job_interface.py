"""Job interfaces and their placeholders."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.command_arguments import Placeholder, placeholders
from schemas.job_interface import (
    InputType,
    JobInput,
    JobInterface,
    JobOutput,
    OutputType,
    SharedResource,
)
from tests.schemas.helpers import NAMES, UNHURRIED, changed, refusal, seed_example

BARE = {"command": "run", "command_arguments": ""}
FILE = {"name": "image", "type": "file"}


def refused(**fields: object) -> list[tuple[str, str]]:
    return refusal(JobInterface.parse, {**BARE, **fields})


def test_the_seed_s_example_is_read() -> None:
    interface = JobInterface.parse(seed_example("job-interface"))
    assert interface == JobInterface(
        command="python make_geotiff.py",
        command_arguments="${image} ${georeference_data} ${job_output_dir}",
        inputs=(
            JobInput("image", InputType.FILE, media_types=("image/png",)),
            JobInput("georeference_data", InputType.FILE, media_types=("text/csv",)),
        ),
        outputs=(JobOutput("geo_image", OutputType.FILE, media_type="image/tiff"),),
    )


def test_the_seed_s_second_example_is_read() -> None:
    interface = JobInterface.parse(seed_example("job-interface-detect-points"))
    assert interface.outputs[0].media_type == "application/vnd.geo+json"


def test_what_is_left_out_has_its_default() -> None:
    interface = JobInterface.parse({**BARE, "input_data": [FILE], "output_data": [
        {"name": "out", "type": "files"},
    ]})  # fmt: skip
    assert interface.inputs == (JobInput("image", InputType.FILE, required=True, media_types=()),)
    assert interface.outputs == (JobOutput("out", OutputType.FILES, required=True),)
    assert interface.shared_resources == ()


def test_shared_resources_are_accepted() -> None:
    resource = {"name": "db", "type": "db-connection", "required": False}
    interface = JobInterface.parse({**BARE, "shared_resources": [resource]})
    assert interface.shared_resources == (SharedResource("db", "db-connection", required=False),)


def test_an_empty_media_type_of_an_output_is_none() -> None:
    output = {"name": "out", "type": "file", "media_type": ""}
    assert JobInterface.parse({**BARE, "output_data": [output]}).outputs[0].media_type is None


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"input_data": [FILE, {"name": "image", "type": "property"}]}, "$.input_data[1].name"),
        ({"input_data": [FILE], "output_data": [FILE]}, "$.output_data[0].name"),
        ({"input_data": [FILE], "shared_resources": [FILE]}, "$.shared_resources[0].name"),
    ],
)
def test_a_name_used_twice_is_refused(fields: dict[str, object], path: str) -> None:
    assert refused(**fields) == [
        (
            path,
            (
                'the name "image" is already used.'
                " Every input, output and shared resource needs a name of its own."
            ),
        )
    ]


def test_an_input_cannot_have_the_name_of_the_output_directory() -> None:
    [(path, sentence)] = refused(input_data=[{"name": "job_output_dir", "type": "file"}])
    assert path == "$.input_data[0].name"
    assert "stands for the output directory" in sentence


def test_a_placeholder_that_names_nothing_is_refused() -> None:
    [(path, sentence)] = refused(command_arguments="${-i :imag}", input_data=[FILE])
    assert path == "$.command_arguments"
    assert sentence == (
        '"${-i :imag}" names no input and no shared resource; use one of "image", "job_output_dir".'
    )


def test_a_placeholder_cannot_name_an_output() -> None:
    [(path, _)] = refused(command_arguments="${out}", output_data=[{"name": "out", "type": "file"}])
    assert path == "$.command_arguments"


def test_a_placeholder_may_name_an_input_a_resource_or_the_output_directory() -> None:
    interface = JobInterface.parse({
        **BARE,
        "command_arguments": "${-i :image} ${db} ${job_output_dir}",
        "input_data": [FILE],
        "shared_resources": [{"name": "db", "type": "x"}],
    })  # fmt: skip
    assert [each.name for each in placeholders(interface.command_arguments)] == [
        "image",
        "db",
        "job_output_dir",
    ]


def test_a_placeholder_without_an_end_is_refused() -> None:
    [(path, sentence)] = refused(command_arguments="-i ${image", input_data=[FILE])
    assert path == "$.command_arguments"
    assert sentence == 'a "${" is never closed: end the placeholder with "}".'


@pytest.mark.parametrize("name", ["", "a" * 256, "a.b", "é", "a/b"])
def test_a_name_with_other_characters_or_length_is_refused(name: str) -> None:
    [(path, sentence)] = refused(input_data=[{**FILE, "name": name}])
    assert path == "$.input_data[0].name"
    assert sentence.startswith("expected a name of 1 to 255 letters, digits, spaces, '_' or '-'")


def test_an_unknown_field_is_refused() -> None:
    example = changed(seed_example("job-interface"), "output_data", 0, "media_types", ["x"])
    assert refusal(JobInterface.parse, example) == [
        ("$.output_data[0].media_types", 'unknown field; did you mean "media_type"?')
    ]


def test_the_flag_of_a_placeholder_ends_at_the_last_colon() -> None:
    assert placeholders("a ${--at=12:30 :when}") == (Placeholder("--at=12:30 ", "when", 2, 21),)


@st.composite
def interfaces(draw: st.DrawFn) -> JobInterface:
    names = draw(st.lists(NAMES.filter(lambda n: n != "job_output_dir"), unique=True, max_size=6))
    kinds = [draw(st.sampled_from("ior")) for _ in names]
    inputs = []
    for name in (name for name, kind in zip(names, kinds, strict=True) if kind == "i"):
        input_type = draw(st.sampled_from(InputType))
        types = () if input_type is InputType.PROPERTY else draw(st.sampled_from([(), ("a/b",)]))
        inputs.append(JobInput(name, input_type, draw(st.booleans()), types))
    usable = [name for name, kind in zip(names, kinds, strict=True) if kind in "ir"]
    flags = st.text("-=: x", max_size=4)
    arguments = draw(st.lists(st.tuples(flags, st.sampled_from([*usable, "job_output_dir"]))))
    return JobInterface(
        command=draw(st.text("abc ", max_size=5)),
        command_arguments=" ".join(f"${{{flag}:{name}}}" for flag, name in arguments),
        inputs=tuple(inputs),
        outputs=tuple(
            JobOutput(
                name,
                draw(st.sampled_from(OutputType)),
                draw(st.booleans()),
                draw(st.sampled_from([None, "image/tiff"])),
            )
            for name, kind in zip(names, kinds, strict=True)
            if kind == "o"
        ),
        shared_resources=tuple(
            SharedResource(name, "x", draw(st.booleans()))
            for name, kind in zip(names, kinds, strict=True)
            if kind == "r"
        ),
    )


@UNHURRIED
@given(interfaces())
def test_any_interface_comes_back_the_same(interface: JobInterface) -> None:
    assert JobInterface.parse(interface.to_json()) == interface


@UNHURRIED
@given(st.text("${}:ab ", max_size=20))
def test_placeholders_are_the_text_they_stand_in(text: str) -> None:
    for each in placeholders(text):
        whole = text[each.start : each.end]
        assert whole in ("${" + each.name + "}", "${" + each.flag + ":" + each.name + "}")


def test_gpus_are_none_by_default_and_kept_when_asked_for() -> None:
    document = {"version": "1.0", "command": "run", "command_arguments": ""}
    assert JobInterface.parse(document).gpus_required == 0
    asking = JobInterface.parse({**document, "gpus_required": 2})
    assert asking.gpus_required == 2
    assert JobInterface.parse(asking.to_json()) == asking


def test_a_negative_number_of_gpus_is_refused() -> None:
    document = {"version": "1.0", "command": "run", "command_arguments": "", "gpus_required": -1}
    with pytest.raises(ValueError, match="gpus_required"):
        JobInterface.parse(document)
