"""Results manifests of both versions."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.results_manifest import (
    GeoMetadata,
    ManifestOutput,
    OutputFile,
    ParseResult,
    ResultsManifest,
)
from schemas.validation import is_storable
from tests.schemas.helpers import JSON, UNHURRIED, refusal, seed_example

STARTED = datetime(2015, 5, 15, 10, 34, 12, tzinfo=UTC)
ENDED = datetime(2015, 5, 15, 10, 36, 12, tzinfo=UTC)


def parsed(**fields: Any) -> ParseResult:
    [result] = ResultsManifest.parse({"parse_results": [{"filename": "f", **fields}]}).parse_results
    return result


def refused(**fields: Any) -> list[tuple[str, str]]:
    return refusal(ResultsManifest.parse, {"parse_results": [{"filename": "f", **fields}]})


def test_the_seed_s_example_with_an_output_is_read() -> None:
    path = "/tmp/job_exe_231/outputs/output.csv"  # noqa: S108 - the seed's example
    assert ResultsManifest.parse(seed_example("results-manifest-output")) == ResultsManifest(
        outputs=(ManifestOutput("output_file", (OutputFile(path),), is_list=False),)
    )


def test_the_seed_s_example_with_a_parsed_input_is_read() -> None:
    assert ResultsManifest.parse(seed_example("results-manifest-parsed")) == ResultsManifest(
        parse_results=(
            ParseResult(
                "myfile.h5", data_types=("H5", "VEG"), geo_metadata=GeoMetadata(STARTED, ENDED)
            ),
        )
    )


def test_version_1_0_is_converted_with_its_dates_and_its_path() -> None:
    manifest = ResultsManifest.parse({
        "version": "1.0",
        "files": [{"name": "one", "path": "a"}, {"name": "many", "paths": ["b", "c"]}],
        "parse_results": [{
            "filename": "f",
            "data_started": "2015-05-15T10:34:12Z",
            "data_ended": "2015-05-15T12:36:12+02:00",
            "data_types": ["H5"],
            "gis_data_path": "g.json",
        }],
    })  # fmt: skip
    assert manifest == ResultsManifest(
        outputs=(
            ManifestOutput("one", (OutputFile("a"),), is_list=False),
            ManifestOutput("many", (OutputFile("b"), OutputFile("c")), is_list=True),
        ),
        parse_results=(ParseResult("f", None, ("H5",), GeoMetadata(STARTED, ENDED), "g.json"),),
    )
    assert manifest.to_json()["version"] == "1.1"


def test_an_empty_manifest_is_read() -> None:
    assert ResultsManifest.parse({}) == ResultsManifest()


@UNHURRIED
@given(info=JSON)
def test_info_and_errors_may_hold_anything_and_are_kept_if_they_can_be(info: object) -> None:
    manifest = ResultsManifest.parse({"info": info, "errors": info})

    kept = (info, info) if is_storable(info) else (None, [])
    assert (manifest.info, manifest.errors) == kept
    assert ResultsManifest.parse(manifest.to_json()) == manifest


def test_errors_are_a_list_where_none_are_given_and_info_is_left_out() -> None:
    assert ResultsManifest.parse({}).to_json() == {
        "version": "1.1",
        "output_data": [],
        "parse_results": [],
        "errors": [],
    }


@pytest.mark.parametrize("text", ['"\\u0000"', '{"\\ud800": 1}', "1e999", "[" * 200 + "]" * 200])
def test_info_that_cannot_be_stored_is_left_out(text: str) -> None:
    manifest = ResultsManifest.parse({"info": json.loads(text), "errors": json.loads(text)})

    assert manifest == ResultsManifest()


def test_dates_are_read_from_the_entry_itself() -> None:
    result = parsed(data_started="2015-05-15T10:34:12Z", gis_data_path="g")
    assert result.geo_metadata == GeoMetadata(STARTED)
    assert result.gis_data_path == "g"


def test_dates_in_geo_metadata_win() -> None:
    geo_metadata = {"data_started": "2015-05-15T10:34:12Z", "data_ended": None}
    result = parsed(
        data_started="1999-01-01T00:00:00Z",
        data_ended="2015-05-15T10:36:12Z",
        geo_metadata=geo_metadata,
    )
    assert result.geo_metadata == GeoMetadata(STARTED, ENDED)


@pytest.mark.parametrize(
    "geo_json",
    [
        {"type": "Point", "coordinates": [1, 2]},
        {"type": "Polygon", "coordinates": [[[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 0, 0]]]},
        {"type": "Feature", "geometry": None, "properties": {"any": [1]}},
    ],
)
def test_a_geometry_in_two_or_three_dimensions_is_kept(geo_json: dict[str, Any]) -> None:
    assert parsed(geo_metadata={"geo_json": geo_json}).geo_metadata.geo_json == geo_json


def test_a_geometry_without_a_type_is_refused() -> None:
    assert refused(geo_metadata={"geo_json": {}}) == [
        ("$.parse_results[0].geo_metadata.geo_json.type", "this field is required.")
    ]


def test_a_geometry_of_an_unknown_type_is_refused() -> None:
    [(path, sentence)] = refused(geo_metadata={"geo_json": {"type": "Circle"}})
    assert path == "$.parse_results[0].geo_metadata.geo_json.type"
    assert sentence.startswith('expected one of "Point", ')


def test_a_date_without_a_zone_is_refused() -> None:
    assert refused(data_started="2015-05-15T10:34:12") == [
        (
            "$.parse_results[0].data_started",
            '"2015-05-15T10:34:12" has no time zone: end it with Z (UTC) or an offset.',
        )
    ]


@pytest.mark.parametrize(
    ("output", "path"),
    [
        ("file", "$.output_data[0].file.geo_metadata.data_ended"),
        ("files", "$.output_data[0].files[0].geo_metadata.data_ended"),
    ],
)
def test_a_wrong_date_of_an_output_is_refused(output: str, path: str) -> None:
    file = {"path": "p", "geo_metadata": {"data_ended": "soon"}}
    value = file if output == "file" else [file]
    [(found, sentence)] = refusal(
        ResultsManifest.parse, {"output_data": [{"name": "a", output: value}]}
    )
    assert found == path
    assert sentence.startswith('"soon" is not an ISO-8601 date and time')


@pytest.mark.parametrize(
    ("document", "path"),
    [
        ({"output_data": [{"name": "a", "files": []}] * 2}, "$.output_data[1].name"),
        ({"files": [{"name": "a", "path": "p"}] * 2}, "$.files[1].name"),
    ],
)
def test_an_output_given_twice_is_refused(document: object, path: str) -> None:
    assert refusal(ResultsManifest.parse, document) == [
        (
            path,
            'the name "a" is already used. Every output is given once; give its files as a list.',
        )
    ]


@pytest.mark.parametrize("given_files", [{}, {"file": {"path": "p"}, "files": []}])
def test_an_output_has_one_file_or_a_list(given_files: dict[str, Any]) -> None:
    [(path, sentence)] = refusal(
        ResultsManifest.parse, {"output_data": [{"name": "a", **given_files}]}
    )
    assert path == "$.output_data[0]"
    assert sentence == 'expected exactly one of "file" and "files", found an object.'


def test_a_new_workspace_path_is_relative() -> None:
    assert parsed(new_workspace_path="/archive/2015/").new_workspace_path == "archive/2015"


def test_a_new_path_that_leaves_the_workspace_is_refused() -> None:
    [(path, sentence)] = refused(new_workspace_path="../x")
    assert path == "$.parse_results[0].new_workspace_path"
    assert "must stay inside the workspace" in sentence


def test_an_unknown_field_is_refused() -> None:
    assert refused(geometry=1)[0][0] == "$.parse_results[0].geometry"


TIMES = st.none() | st.datetimes(timezones=st.just(UTC))
GEO = st.builds(
    GeoMetadata, TIMES, TIMES, st.none() | st.just({"type": "Point", "coordinates": [0, 1.5, 2]})
)
FILES = st.builds(OutputFile, st.text("ab/", min_size=1), GEO)
OUTPUTS = st.builds(
    lambda name, files, is_list: ManifestOutput(
        name, tuple(files) if is_list else tuple(files[:1]), is_list
    ),
    st.text("abc", min_size=1),
    st.lists(FILES, min_size=1, max_size=3),
    st.booleans(),
)
RESULTS = st.builds(
    ParseResult,
    st.text("ab", min_size=1),
    st.none() | st.just("a/b"),
    st.lists(st.text("ab", min_size=1)).map(tuple),
    GEO,
    st.none() | st.just("g.json"),
)


@UNHURRIED
@given(
    st.lists(OUTPUTS, unique_by=lambda output: output.name, max_size=3),
    st.lists(RESULTS, max_size=3),
)
def test_any_manifest_comes_back_the_same(
    outputs: list[ManifestOutput], results: list[ParseResult]
) -> None:
    manifest = ResultsManifest(tuple(outputs), tuple(results))
    assert ResultsManifest.parse(manifest.to_json()) == manifest
