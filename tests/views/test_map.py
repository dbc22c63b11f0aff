"""Maps, graphs and charts as numbers: what is drawn where."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from shapely.geometry import Point, box

from catalog.records.configuration import UsageRecord
from plugins.views.graph import Box, layered
from plugins.views.map import Footprint, bounds_of, bounds_text, map_of
from plugins.views.usage_chart import HEIGHT, WIDTH, usage_chart

LONGITUDES = st.floats(-180, 180)
LATITUDES = st.floats(-90, 90)


@given(LONGITUDES, LATITUDES, st.floats(0, 60), st.floats(0, 30))
@example(0.0, 0.0, 0.0, 6.5e-298)
@example(0.0, 0.0, 0.0, 0.0)
@example(2.2e-309, 1e-160, 1e-150, 1e-300)
def test_a_map_shows_all_of_a_footprint_inside_the_world(
    west: float, south: float, width: float, height: float
) -> None:
    east, north = min(west + width, 180.0), min(south + height, 90.0)

    made = map_of([Footprint(box(west, south, east, north), "a")])

    left, bottom, right, top = made.view
    assert -180 <= left <= west + 1e-9
    assert west <= right
    assert east <= right + 1e-9
    assert bottom <= south + 1e-9
    assert north <= top + 1e-9
    assert right <= 180 + 1e-9
    assert made.width == pytest.approx(2 * made.height)
    assert len(made.meridians) <= 11
    assert all(left <= each.at <= right for each in made.meridians)


@given(LONGITUDES, LATITUDES)
def test_zooming_in_and_out_stays_bounds(x: float, y: float) -> None:
    made = map_of([Footprint(Point(x, y), "a")])

    for inwards in (True, False):
        zoomed = bounds_of(made.zoomed(inwards=inwards))
        assert zoomed is not None
        assert (map_of([], view=zoomed).width < made.width) is inwards


@given(LONGITUDES, LATITUDES)
def test_a_small_footprint_is_marked_where_it_is(x: float, y: float) -> None:
    (shape,) = map_of([Footprint(Point(x, y), "a", "/a")]).shapes

    longitude, latitude = shape.markers.removeprefix("M").removesuffix("h0").split()
    assert float(longitude) == pytest.approx(x, abs=1e-6)
    assert -float(latitude) == pytest.approx(y, abs=1e-6)


def test_an_area_across_the_antimeridian_is_two_frames() -> None:
    assert len(map_of([], area=(170, -10, -170, 10)).chosen) == 2


@given(st.text(max_size=20))
def test_any_text_is_bounds_or_nothing(text: str) -> None:
    found = bounds_of(text)
    assert found is None or bounds_of(bounds_text(found)) is not None


def test_boxes_stand_to_the_right_of_what_they_follow() -> None:
    boxes = {"a": Box("", True), "b": Box(""), "c": Box(""), "d": Box("")}  # noqa: FBT003
    parents = {"b": {"a": ""}, "c": {"b": ""}, "d": {"a": "", "c": ""}}

    drawn = layered(boxes, parents)

    x = {each.name: each.x for each in drawn.nodes}
    assert x["a"] < x["b"] < x["c"] < x["d"]
    assert len(drawn.edges) == 4
    assert layered({}, {}).nodes == ()


def test_a_chart_has_a_gap_where_nothing_was_measured() -> None:
    step, end = timedelta(hours=1), datetime(2016, 1, 2, tzinfo=UTC)
    hours = (0, 1, 2, 5, 6)
    usage = [UsageRecord(end - timedelta(hours=24 - each), 50, 100, 40) for each in hours]

    chart = usage_chart(usage, end - timedelta(days=1), end, step)

    assert chart is not None
    assert len(chart.areas) == 2
    assert f",{HEIGHT / 2:.2f}" in chart.areas[0]
    assert all(0 <= each.x < WIDTH for each in chart.moments)
    assert usage_chart([], end - step, end, step) is None
