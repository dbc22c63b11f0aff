"""ISO-8601 times."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.times import TimeError, format_time, parse_time
from tests.schemas.helpers import UNHURRIED


def test_a_time_with_an_offset_is_read_as_utc() -> None:
    assert parse_time("2015-05-15T12:34:12+02:00") == datetime(2015, 5, 15, 10, 34, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("2015-05-15T10:34:12", '"2015-05-15T10:34:12" has no time zone'),
        ("2015-05-15", "has no time zone"),
        ("yesterday", '"yesterday" is not an ISO-8601 date and time'),
        ("2015-13-01T00:00:00Z", "is not an ISO-8601 date and time"),
        ("0001-01-01T00:00:00+10:00", "is outside the years 1 to 9999"),
    ],
)
def test_a_time_that_cannot_be_used_is_refused(text: str, sentence: str) -> None:
    with pytest.raises(TimeError, match=sentence):
        parse_time(text)


@UNHURRIED
@given(st.datetimes(timezones=st.just(UTC)))
def test_a_written_time_reads_the_same(time: datetime) -> None:
    assert parse_time(format_time(time)) == time
