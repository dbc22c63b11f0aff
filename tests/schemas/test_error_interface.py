"""Error interfaces."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.error_interface import ErrorMapping
from tests.schemas.helpers import UNHURRIED, refusal, seed_example


def test_the_seed_s_example_is_read() -> None:
    assert ErrorMapping.parse(seed_example("error-interface")) == ErrorMapping({1: "unknown"})


def test_an_exit_code_gives_the_name_of_its_error() -> None:
    mapping = ErrorMapping.parse({"exit_codes": {"-9": "killed", "2": "bad-data"}})
    assert (mapping.name_for(-9), mapping.name_for(2), mapping.name_for(3)) == (
        "killed",
        "bad-data",
        None,
    )


@pytest.mark.parametrize("code", ["", "one", "1.5", " 1", "+1", "\u0661", "1" * 5000])
def test_an_exit_code_that_is_no_whole_number_is_refused(code: str) -> None:
    [(path, sentence)] = refusal(ErrorMapping.parse, {"exit_codes": {code: "x"}})
    assert path.startswith("$.exit_codes")
    assert sentence.endswith("is not an exit code: write a whole number.")


def test_an_exit_code_given_twice_is_refused() -> None:
    assert refusal(ErrorMapping.parse, {"exit_codes": {"1": "x", "01": "y"}}) == [
        ('$.exit_codes["01"]', '"01" is the same exit code as "1": keep one.')
    ]


def test_the_exit_codes_are_required() -> None:
    assert refusal(ErrorMapping.parse, {}) == [("$.exit_codes", "this field is required.")]


def test_an_error_without_a_name_is_refused() -> None:
    assert refusal(ErrorMapping.parse, {"exit_codes": {"1": ""}}) == [
        ('$.exit_codes["1"]', 'expected the name of an error, found "".')
    ]


@UNHURRIED
@given(st.dictionaries(st.integers(-(10**9), 10**9), st.text("ab-", min_size=1)))
def test_any_mapping_comes_back_the_same(exit_codes: dict[int, str]) -> None:
    mapping = ErrorMapping(exit_codes)
    assert ErrorMapping.parse(mapping.to_json()) == mapping
