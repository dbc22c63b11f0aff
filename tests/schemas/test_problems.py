"""How problems are told."""

import pickle

import pytest

from schemas.problems import DocumentError, Problem, json_path, nested, shown


def test_a_path_names_keys_and_positions() -> None:
    assert json_path("jobs", 0, "name") == "$.jobs[0].name"


def test_a_key_that_is_no_plain_name_is_quoted_in_a_path() -> None:
    assert json_path("exit_codes", "1") == '$.exit_codes["1"]'


def test_the_path_of_a_part_is_told_from_the_whole_document() -> None:
    assert list(nested("$.a[1]", [Problem("$.b", "wrong.")])) == [Problem("$.a[1].b", "wrong.")]


def test_an_error_reads_as_its_problems() -> None:
    error = DocumentError("job interface", [Problem("$.a", "wrong."), Problem("$.b", "bad.")])
    assert str(error) == "The job interface is not valid. $.a: wrong. $.b: bad."


def test_an_error_with_many_problems_counts_the_rest() -> None:
    error = DocumentError("job interface", [Problem(f"$[{n}]", "wrong.") for n in range(25)])
    assert str(error).endswith("There are 5 more problems.")


def test_an_error_survives_pickling() -> None:
    error = pickle.loads(pickle.dumps(DocumentError("x", [Problem("$", "wrong.")])))  # noqa: S301 - our own bytes
    assert (error.document, error.problems) == ("x", (Problem("$", "wrong."),))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a\nb", '"a\\nb"'),
        ("é", '"é"'),
        ("\ud800", '"\\ud800"'),
        ("a" * 100, '"' + "a" * 80 + '..."'),
        (None, "null"),
        (True, "true"),
        ({"a": 1}, "an object"),
        ([], "an empty list"),
        ([1], "a list"),
        (10**100, "1" + "0" * 79 + "..."),
        pytest.param(10**5000, "a value of type int", id="huge number"),
    ],
)
def test_a_value_is_shown_short_and_printable(value: object, text: str) -> None:
    assert shown(value) == text
