"""Collecting what a job made: nothing but what it wrote, checked against its interface."""

import json
import logging
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dag_factory.collection import Collection, collect
from dag_factory.failures import JobFailure
from schemas.job_interface import JobInterface
from tests.support.catalogues import interface

SEEN_AS = Path("/airscale/outputs")
INTERFACE = JobInterface.parse(
    interface(outputs={"one": "file", "many": "files"}, optional=["one", "many"])
)
POINT = {"type": "Point", "coordinates": [1, 2]}
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=10,
)
paths = st.sampled_from(["a.tif", "b/c.tif", "..", "/etc/passwd", "", ".", "loop", "b"]) | st.text(
    max_size=5
)
files = st.fixed_dictionaries({"path": paths}, optional={"geo_metadata": json_values})
manifests = st.fixed_dictionaries(
    {},
    optional={
        "version": st.sampled_from(["1.0", "1.1", "2"]),
        "output_data": st.lists(
            st.fixed_dictionaries(
                {"name": st.sampled_from(["one", "many", "other"])},
                optional={"file": files, "files": st.lists(files, max_size=3)},
            ),
            max_size=3,
        ),
        "parse_results": st.lists(
            st.fixed_dictionaries(
                {"filename": st.text(min_size=1, max_size=3)},
                optional={"gis_data_path": paths, "geo_metadata": json_values},
            ),
            max_size=2,
        ),
        "info": json_values,
    },
)


@pytest.fixture
def outputs(tmp_path: Path) -> Path:
    """Return an output directory with two files in it."""
    return filled(tmp_path / "outputs")


def filled(folder: Path) -> Path:
    (folder / "b").mkdir(parents=True, exist_ok=True)
    (folder / "a.tif").write_bytes(b"a")
    (folder / "b" / "c.tif").write_bytes(b"c")
    return folder


def write(outputs: Path, manifest: object) -> None:
    (outputs / "results_manifest.json").write_text(json.dumps(manifest))


def collected(
    outputs: Path, stdout: str = "", of: JobInterface = INTERFACE
) -> dict[str, list[str]]:
    """Collect, and return the relative paths by output."""
    collection = collect(of, outputs, SEEN_AS, stdout)
    return {
        name: [each.relative_path for each in found] for name, found in collection.files.items()
    }


def one(path: str, **more: Any) -> dict[str, Any]:
    """Return a manifest of one file for the output ``one``."""
    return {"version": "1.1", "output_data": [{"name": "one", "file": {"path": path, **more}}]}


def failure(outputs: Path, stdout: str = "", of: JobInterface = INTERFACE) -> str:
    """Demand that collecting fails the job as ``invalid-results``; return the sentence."""
    with pytest.raises(JobFailure) as caught:
        collect(of, outputs, SEEN_AS, stdout)
    assert caught.value.error_name == "invalid-results"
    return caught.value.detail


def test_a_manifest_1_1_names_files_and_lists(outputs: Path) -> None:
    many = {"name": "many", "files": [{"path": "b/c.tif"}]}
    write(outputs, {"version": "1.1", "output_data": [*one("a.tif")["output_data"], many]})
    assert collected(outputs) == {"one": ["a.tif"], "many": ["b/c.tif"]}


def test_a_manifest_1_0_is_read_with_what_it_says_of_sources(outputs: Path) -> None:
    (outputs / "places.json").write_text(json.dumps(POINT))
    parsed = {
        "filename": "scene.png",
        "data_started": "2015-05-03T00:00:00Z",
        "data_types": ["x"],
        "gis_data_path": "places.json",
    }
    write(
        outputs,
        {"version": "1.0", "files": [{"name": "one", "path": "a.tif"}], "parse_results": [parsed]},
    )
    collection = collect(INTERFACE, outputs, SEEN_AS, "")
    (result,) = collection.manifest.parse_results
    assert set(collection.files) == {"one"}
    assert (result.filename, result.data_types) == ("scene.png", ("x",))
    assert result.geo_metadata.data_started is not None
    assert result.geo_metadata.geo_json == POINT


def test_what_the_manifest_says_for_people_is_kept(outputs: Path) -> None:
    write(outputs, {"version": "1.1", **one("a.tif"), "info": {"scenes": 3}, "errors": ["cloudy"]})

    manifest = collect(INTERFACE, outputs, SEEN_AS, "ARTIFACT:many:b/c.tif\n").manifest

    assert (manifest.info, manifest.errors) == ({"scenes": 3}, ["cloudy"])


def test_what_the_manifest_says_of_a_place_wins_over_the_file_of_it(outputs: Path) -> None:
    (outputs / "places.json").write_text(json.dumps({"type": "Point", "coordinates": [9, 9]}))
    parsed = {
        "filename": "scene.png",
        "geo_metadata": {"geo_json": POINT},
        "gis_data_path": "places.json",
    }
    write(outputs, {"version": "1.1", "parse_results": [parsed]})
    (result,) = collect(INTERFACE, outputs, SEEN_AS, "").manifest.parse_results
    assert result.geo_metadata.geo_json == POINT


@pytest.mark.parametrize(
    "content", ["{", "[]", '{"type": "Nothing"}', '{"type": "Point", "x": "\\u0000"}']
)
def test_a_file_of_a_place_that_is_no_geojson_fails_the_job(outputs: Path, content: str) -> None:
    (outputs / "places.json").write_text(content)
    parsed = {"filename": "scene.png", "gis_data_path": "places.json"}
    write(outputs, {"version": "1.1", "parse_results": [parsed]})
    assert failure(outputs)


def test_lines_of_standard_output_name_artifacts(outputs: Path) -> None:
    stdout = "hello\nARTIFACT:one:a.tif\r\nno ARTIFACT:one:b.tif\nARTIFACT:many:b/c.tif\n"
    assert collected(outputs, stdout) == {"one": ["a.tif"], "many": ["b/c.tif"]}


def test_a_repeated_artifact_is_a_list(outputs: Path) -> None:
    stdout = "ARTIFACT:many:b/c.tif\nARTIFACT:many:a.tif"
    assert collected(outputs, stdout) == {"many": ["b/c.tif", "a.tif"]}
    assert "declared as one file" in failure(outputs, stdout.replace("many", "one"))


def test_the_manifest_wins_over_the_lines(outputs: Path) -> None:
    write(outputs, one("a.tif"))
    stdout = "ARTIFACT:one:b/c.tif\nARTIFACT:many:b/c.tif"
    assert collected(outputs, stdout) == {"one": ["a.tif"], "many": ["b/c.tif"]}


def test_an_output_that_is_not_declared_is_dropped_with_a_line_in_the_log(
    outputs: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        assert collected(outputs, "ARTIFACT:other:a.tif") == {}
    assert "'other' is not declared" in caplog.text


def test_a_required_output_that_is_missing_fails_the_job(outputs: Path) -> None:
    required = JobInterface.parse(interface(outputs={"one": "file"}))
    assert "'one' was not produced" in failure(outputs, of=required)


def test_an_empty_list_is_no_required_output(outputs: Path) -> None:
    required = JobInterface.parse(interface(outputs={"many": "files"}))
    write(outputs, {"version": "1.1", "output_data": [{"name": "many", "files": []}]})
    assert "'many' was not produced" in failure(outputs, of=required)


@pytest.mark.parametrize(
    ("output", "words"),
    [
        ({"name": "one", "files": [{"path": "a.tif"}]}, "declared as one file, but a list"),
        ({"name": "many", "file": {"path": "a.tif"}}, "declared as files, but one file"),
    ],
)
def test_a_file_for_files_or_the_other_way_round_fails_the_job(
    outputs: Path, output: dict[str, Any], words: str
) -> None:
    write(outputs, {"version": "1.1", "output_data": [output]})
    assert words in failure(outputs)


def test_an_absolute_path_as_the_job_saw_it_is_found(outputs: Path) -> None:
    write(outputs, one(f"{SEEN_AS}/b/c.tif"))
    assert collected(outputs) == {"one": ["b/c.tif"]}


@pytest.mark.parametrize(
    "path",
    [
        "..",
        ".",
        "b",
        "../secret",
        "b/../../secret",
        "/etc/passwd",
        f"{SEEN_AS}/../secret",
        f"{SEEN_AS}",
        "to-secret",
        "to-parent/secret",
        "loop",
        "missing.tif",
        "a.tif/b",
        "x" * 300,
        "pipe",
        "to-null",
    ],
)
def test_a_path_that_is_no_file_of_the_output_directory_fails_the_job(
    outputs: Path, path: str
) -> None:
    secret = outputs.parent / "secret"
    secret.write_text("secret")
    (outputs / "to-secret").symlink_to(secret)
    (outputs / "to-parent").symlink_to(outputs.parent)
    (outputs / "to-null").symlink_to("/dev/null")
    (outputs / "loop").symlink_to("loop")
    os.mkfifo(outputs / "pipe")
    write(outputs, one(path))
    with pytest.raises(JobFailure) as caught:
        collect(INTERFACE, outputs, SEEN_AS, "")
    assert caught.value.error_name in {"invalid-results", "filesystem-io"}


def test_a_link_to_another_file_of_the_output_directory_is_that_file(outputs: Path) -> None:
    (outputs / "link.tif").symlink_to("a.tif")
    write(outputs, one("link.tif"))
    assert collected(outputs) == {"one": ["a.tif"]}


def test_an_output_directory_behind_a_link_is_no_way_out(outputs: Path) -> None:
    link = outputs.parent / "link"
    link.symlink_to(outputs)
    write(outputs, one("a.tif"))
    assert collected(link) == {"one": ["a.tif"]}


@pytest.mark.parametrize("how", ["across", "within"])
def test_a_file_that_is_given_twice_fails_the_job(outputs: Path, how: str) -> None:
    twice = [{"path": "a.tif"}, {"path": f"{SEEN_AS}/a.tif"}]
    many = {"name": "many", "files": twice if how == "within" else twice[:1]}
    given_outputs = [many] if how == "within" else [*one("a.tif")["output_data"], many]
    write(outputs, {"version": "1.1", "output_data": given_outputs})
    assert "'a.tif' is given twice" in failure(outputs)


def test_a_name_with_control_characters_fails_the_job(outputs: Path) -> None:
    (outputs / "a\tb.tif").touch()
    write(outputs, one("a\tb.tif"))
    assert "control characters" in failure(outputs)


def test_a_name_of_any_script_is_fine(outputs: Path) -> None:
    (outputs / "日本 \u3000é.tif").touch()
    write(outputs, one("日本 \u3000é.tif"))
    assert collected(outputs) == {"one": ["日本 \u3000é.tif"]}


@pytest.mark.parametrize("content", ["", "{", "[]", "7", "[" * 100_000, '{"version": "9"}', "\xff"])
def test_a_manifest_that_is_none_fails_the_job(outputs: Path, content: str) -> None:
    (outputs / "results_manifest.json").write_bytes(content.encode("latin-1"))
    assert "results_manifest.json" in failure(outputs)


@pytest.mark.parametrize("kind", ["link", "dangling", "pipe", "directory"])
def test_a_manifest_that_is_no_plain_file_fails_the_job(outputs: Path, kind: str) -> None:
    path = outputs / "results_manifest.json"
    elsewhere = outputs.parent / "elsewhere.json"
    match kind:
        case "link":
            elsewhere.write_text(json.dumps(one("a.tif")))
            path.symlink_to(elsewhere)
        case "dangling":
            path.symlink_to(elsewhere)
        case "pipe":
            os.mkfifo(path)
        case _:
            path.mkdir()
    assert "is not a plain file" in failure(outputs)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    manifest=json_values | manifests,
    stdout=st.text() | st.just("ARTIFACT:one:") | paths.map("ARTIFACT:one:{}".format),
)
def test_whatever_a_job_leaves_collecting_ends_with_files_or_its_failure(
    tmp_path: Path, manifest: object, stdout: str
) -> None:
    outputs = filled(tmp_path / "outputs")
    if not (outputs / "loop").is_symlink():
        (outputs / "loop").symlink_to("loop")
    write(outputs, manifest)
    try:
        collection = collect(INTERFACE, outputs, SEEN_AS, stdout)
    except JobFailure:
        return
    assert isinstance(collection, Collection)
    found = [each.path for members in collection.files.values() for each in members]
    assert all(each.is_relative_to(outputs) for each in found)
