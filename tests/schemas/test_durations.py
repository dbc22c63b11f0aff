"""ISO-8601 durations."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.durations import DurationError, format_duration, parse_duration
from tests.schemas.helpers import UNHURRIED


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("PT1H0M0S", 3600),
        ("P1DT1H30M", 91_800),
        ("PT0S", 0),
        ("P2D", 172_800),
        ("PT90M", 5400),
        ("PT0.5S", 0.5),
        ("PT1M0,25S", 60.25),
    ],
)
def test_a_duration_is_read_as_seconds(text: str, seconds: float) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize(
    "text",
    [
        "",
        "P",
        "PT",
        "P1DT",
        "1H",
        "PT1",
        "P1Y",
        "P1W",
        "PT1.5H",
        "-PT1H",
        "pt1h",
        "PT1H ",
        "PT\u0661H",
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(DurationError, match="is not an ISO-8601 duration"):
        parse_duration(text)


def test_a_duration_beyond_any_use_is_refused() -> None:
    with pytest.raises(DurationError, match="is longer than 100 years"):
        parse_duration("P99999999999999999999D")


@UNHURRIED
@given(st.integers(0, 10**9) | st.decimals(0, 10**9, places=9).map(float))
def test_a_written_duration_reads_the_same(seconds: float) -> None:
    assert parse_duration(format_duration(seconds)) == seconds


def test_a_duration_is_written_in_hours_minutes_and_seconds() -> None:
    assert format_duration(5430) == "PT1H30M30S"
