"""Expressions that users write."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.patterns import group_count, match_start, pattern_fault
from tests.schemas.helpers import UNHURRIED


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("*.txt", 'no argument for repetition operator "*" at character 1.'),
        ("a*b|*", 'no argument for repetition operator "*" at character 5.'),
        ("(a)(c", "missing ) at character 4."),
        ("a)", "unexpected ) at character 2."),
        ("[abc", "missing ] at character 1."),
        ("x[z-a]", 'invalid character class range "z-a" at character 3.'),
        ("é(?=b)", 'invalid perl operator "(?=" at character 2.'),
        (r"(a)\1", 'invalid escape sequence "\\\\1" at character 4.'),
        ("a{5000}", 'invalid repetition size "{5000}" at character 2.'),
        ("ab\\", "trailing \\ at character 3."),
    ],
)
def test_the_reason_and_the_position_of_a_fault_are_told(pattern: str, reason: str) -> None:
    fault = pattern_fault(pattern)
    assert fault is not None
    assert f" is not a valid regular expression: {reason}" in fault


def test_a_shell_pattern_is_answered_with_the_expression_for_it() -> None:
    assert str(pattern_fault("*.tx?")).endswith(r'the expression for it is ".*\\.tx.".')


def test_look_around_is_answered_with_the_reason_for_its_absence() -> None:
    assert "look-around" in str(pattern_fault("a(?!b)"))


@pytest.mark.parametrize("pattern", ["", ".*h5", r"(?i)^S2[AB]_\d{8}", "(?P<key>a)"])
def test_a_valid_expression_has_no_fault(pattern: str) -> None:
    assert pattern_fault(pattern) is None


def test_a_fault_writes_nothing_to_standard_error(capfd: pytest.CaptureFixture[str]) -> None:
    pattern_fault("(((")
    assert capfd.readouterr().err == ""


@UNHURRIED
@given(pattern=st.text(r"ab*+?()[]{}|\^$.,19:P<>=!é", max_size=12))
def test_any_text_is_an_expression_or_has_a_fault_with_a_position(pattern: str) -> None:
    fault = pattern_fault(pattern)
    if fault is None:
        match_start(pattern, "ab")
    else:
        position = int(fault.split(" at character ")[1].split(".")[0])
        assert 1 <= position <= len(pattern)


def test_groups_are_counted() -> None:
    assert group_count("(a)(?:b)(?P<c>c)") == 2


def test_a_pattern_that_would_take_for_ever_by_backtracking_comes_to_an_end() -> None:
    assert match_start("(a+)+$", "a" * 10_000 + "b") is None
