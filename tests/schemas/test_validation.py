"""The schemas themselves and the check of a document's shape."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

import schemas
from schemas.validation import Document, schema, validate
from tests.schemas.helpers import refusal, seed_example

KNOWN = [(document, version) for document in Document for version in document.versions]


@pytest.mark.parametrize(("document", "version"), KNOWN)
def test_every_schema_is_a_valid_schema(document: Document, version: str) -> None:
    Draft202012Validator.check_schema(schema(document, version))


@pytest.mark.parametrize(("document", "version"), KNOWN)
def test_every_schema_says_what_it_is(document: Document, version: str) -> None:
    found = schema(document, version)
    assert found["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert found["$id"] == f"urn:airscale:{document}-{version}"
    assert found["title"].lower() == f"{document.label} {version}".lower()
    assert found["description"].endswith(".")


def test_every_schema_file_is_a_known_version() -> None:
    folder = Path(schemas.__file__).parent / "documents"
    files = {file.stem for file in folder.iterdir()}
    assert files == {f"{document}-{version}" for document, version in KNOWN}


@pytest.mark.parametrize(("document", "version"), KNOWN)
def test_every_reference_between_schemas_resolves(document: Document, version: str) -> None:
    def references(part: object) -> set[str]:
        if isinstance(part, dict):
            own = {part["$ref"]} if "$ref" in part else set()
            return own.union(*map(references, part.values()))
        return set().union(*map(references, part)) if isinstance(part, list) else set()

    ids = {schema(*known)["$id"]: schema(*known) for known in KNOWN}
    for reference in references(schema(document, version)):
        base, _, pointer = reference.partition("#")
        target = ids[base] if base else schema(document, version)
        for step in pointer.split("/")[1:]:
            target = target[step]


@pytest.mark.parametrize("document", list(Document))
@pytest.mark.parametrize("value", [None, [], "text", 1, True])
def test_what_is_not_an_object_is_refused(document: Document, value: object) -> None:
    [(path, sentence)] = refusal(lambda given: validate(document, given), value)
    assert path == "$"
    assert sentence.startswith("expected an object, found ")


@pytest.mark.parametrize("document", list(Document))
@pytest.mark.parametrize("version", ["9.9", 1.0, None, ["1.0"]])
def test_an_unknown_version_is_refused(document: Document, version: object) -> None:
    [(path, sentence)] = refusal(lambda given: validate(document, given), {"version": version})
    assert path == "$.version"
    assert "is not a known version; known: " in sentence


def test_the_latest_version_is_the_default() -> None:
    assert validate(Document.RESULTS_MANIFEST, {"output_data": []})[0] == "1.1"


def test_a_manifest_with_files_and_no_version_is_1_0() -> None:
    assert validate(Document.RESULTS_MANIFEST, {"files": []})[0] == "1.0"


def test_a_trigger_of_the_old_shape_and_no_version_is_1_0() -> None:
    example = seed_example("ingest-trigger")
    del example["version"]
    assert validate(Document.INGEST_TRIGGER, example)[0] == "1.0"


def test_a_trigger_with_inputs_and_no_version_is_1_1() -> None:
    trigger = {"inputs": [{"input_data_name": "a"}], "data": {"workspace_name": "w"}}
    assert validate(Document.PARSE_TRIGGER, trigger)[0] == "1.1"


def test_all_problems_are_told_at_once_in_the_order_of_their_places() -> None:
    document = {
        "comand": "x",
        "command_arguments": 5,
        "input_data": [
            {"name": "a/b", "type": "fil"},
            {"type": "property", "name": "p", "media_types": []},
            "text",
        ],
    }
    assert refusal(lambda given: validate(Document.JOB_INTERFACE, given), document) == [
        ("$.comand", 'unknown field; did you mean "command"?'),
        ("$.command", "this field is required."),
        ("$.command_arguments", "expected text, found 5."),
        (
            "$.input_data[0].name",
            "expected a name of 1 to 255 letters, digits, spaces, '_' or '-', found \"a/b\".",
        ),
        ("$.input_data[0].type", 'expected one of "property", "file", "files", found "fil".'),
        (
            "$.input_data[1].media_types",
            "A property is text and has no media types: remove this field.",
        ),
        ("$.input_data[2]", 'expected an object, found "text".'),
    ]


def test_an_unknown_field_without_a_close_name_lists_the_known_ones() -> None:
    [(path, sentence)] = refusal(lambda given: validate(Document.JOB_DATA, given), {"zzz": 1})
    assert path == "$.zzz"
    assert sentence == (
        'unknown field; the fields here are "version", "input_data", "output_data".'
    )


@pytest.mark.parametrize(
    ("value", "ending"),
    [
        ("a\x00b", "NUL or half of a surrogate pair)."),
        ("\udc80", "NUL or half of a surrogate pair)."),
        (float("nan"), "is not a number that JSON knows."),
        (float("inf"), "is not a number that JSON knows."),
    ],
)
def test_what_the_database_cannot_store_is_refused(value: object, ending: str) -> None:
    manifest = {
        "output_data": [
            {
                "name": "a",
                "file": {"path": "p", "geo_metadata": {"geo_json": {"type": "Point", "x": value}}},
            }
        ]
    }
    [(path, sentence)] = refusal(lambda given: validate(Document.RESULTS_MANIFEST, given), manifest)
    assert path == "$.output_data[0].file.geo_metadata.geo_json.x"
    assert sentence.endswith(ending)


def test_a_field_name_that_cannot_be_stored_is_refused() -> None:
    found = refusal(
        lambda given: validate(Document.ERROR_INTERFACE, given), {"exit_codes": {"\x00": "x"}}
    )
    assert found[0][0] == "$.exit_codes"


def test_a_name_with_a_line_end_is_refused() -> None:
    data = {"input_data": [{"name": "a\n", "value": "x"}]}
    assert refusal(lambda given: validate(Document.JOB_DATA, given), data)[0][0] == (
        "$.input_data[0].name"
    )


def test_validation_gives_the_document_itself() -> None:
    manifest = {"info": {"anything": [None, 1.5, "x"]}}
    assert validate(Document.RESULTS_MANIFEST, manifest) == ("1.1", manifest)


@pytest.mark.parametrize(("document", "version"), KNOWN)
def test_no_schema_file_says_a_field_twice(document: Document, version: str) -> None:
    def unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
        assert len(dict(pairs)) == len(pairs)
        return dict(pairs)

    file = Path(schemas.__file__).parent / "documents" / f"{document}-{version}.json"
    json.loads(file.read_text(encoding="utf-8"), object_pairs_hook=unique)
