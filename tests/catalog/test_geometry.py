"""GeoJSON to footprints."""

from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import from_wkt
from shapely.geometry import box, mapping

from catalog.errors import InvalidError
from catalog.geometry import footprint_of

SQUARE: Final = {"type": "Polygon", "coordinates": [[[0, 0], [2, 0], [2, 2], [0, 2], [0, 0]]]}
KINDS: Final = [
    "Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon",
    "GeometryCollection", "Feature", "FeatureCollection",
]  # fmt: skip
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["type", "coordinates", "geometry", "features", "geometries", "x"]),
            inner,
        )
    ),
    max_leaves=12,
)


def point(longitude: float, latitude: float) -> dict[str, Any]:
    return {"type": "Point", "coordinates": [longitude, latitude]}


def feature(geometry: object, **properties: object) -> dict[str, Any]:
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def test_no_document_has_no_footprint() -> None:
    assert footprint_of(None) is None


def test_a_feature_gives_its_geometry_its_centre_and_its_properties() -> None:
    footprint = footprint_of(feature(SQUARE, cloud=3))
    assert footprint is not None
    assert footprint.geometry == "POLYGON ((0 0, 2 0, 2 2, 0 2, 0 0))"
    assert footprint.center_point == "POINT (1 1)"
    assert footprint.properties == {"cloud": 3}


def test_a_collection_gives_the_union_and_the_first_properties_there_are() -> None:
    collection = {
        "type": "FeatureCollection",
        "features": [feature(point(0, 0)), feature(point(2, 2), name="b"), feature(point(2, 2))],
    }
    footprint = footprint_of(collection)
    assert footprint is not None
    assert footprint.geometry == "MULTIPOINT ((0 0), (2 2))"
    assert footprint.properties == {"name": "b"}


def test_three_dimensions_are_kept_in_the_geometry_and_not_in_the_centre() -> None:
    footprint = footprint_of({"type": "Point", "coordinates": [1, 2, 3]})
    assert footprint is not None
    assert footprint.geometry == "POINT Z (1 2 3)"
    assert footprint.center_point == "POINT (1 2)"


@pytest.mark.parametrize(
    "nowhere",
    [
        {"type": "FeatureCollection", "features": []},
        feature(None),
        {"type": "FeatureCollection", "features": [feature(None)]},
        {"type": "Polygon", "coordinates": []},
    ],
)
def test_a_document_that_lies_nowhere_is_no_error(nowhere: dict[str, Any]) -> None:
    footprint = footprint_of(nowhere)
    assert footprint is not None
    assert footprint.geometry is None
    assert footprint.center_point is None


def test_features_without_geometry_leave_the_others_their_place() -> None:
    footprint = footprint_of(
        {"type": "FeatureCollection", "features": [feature(None, a=1), feature(point(1, 2))]}
    )
    assert footprint is not None
    assert footprint.geometry == "POINT (1 2)"
    assert footprint.properties == {"a": 1}


@pytest.mark.parametrize(
    "wrong",
    [
        {"type": "Point"},
        {"type": "Point", "coordinates": "here"},
        {"type": "Polygon", "coordinates": [[0, 0]]},
        {"type": "Feature"},
        {"type": "Feature", "geometry": {"type": "Nothing"}},
        {"type": "FeatureCollection", "features": [7]},
    ],
)
def test_what_is_no_geojson_is_refused_with_its_type(wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidError, match=str(wrong["type"])):
        footprint_of(wrong)


def test_a_document_nested_too_deep_is_refused() -> None:
    document: dict[str, Any] = point(0, 0)
    for _ in range(5000):
        document = {"type": "GeometryCollection", "geometries": [document]}
    with pytest.raises(InvalidError, match="is not GeoJSON"):
        footprint_of(document)


@given(
    kind=st.sampled_from(KINDS),
    rest=st.dictionaries(st.text(max_size=3), json_values),
    data=st.data(),
)
def test_any_json_gives_a_footprint_or_a_refusal(
    kind: str, rest: dict[str, Any], data: st.DataObject
) -> None:
    inner = {
        name: data.draw(json_values, label=name)
        for name in ("coordinates", "geometry", "features", "geometries", "properties")
    }
    try:
        footprint_of({**rest, **inner, "type": kind})
    except InvalidError:
        return


@pytest.mark.parametrize(("longitude", "turned"), [(190, -170), (-200, 160), (359.5, -0.5)])
def test_a_longitude_beyond_the_antimeridian_is_that_on_the_other_side(
    longitude: float, turned: float
) -> None:
    found = footprint_of(point(longitude, 10))
    assert found is not None
    assert found.bounds == pytest.approx((turned, 10, turned, 10))
    assert found.center_point == found.geometry


def test_what_crosses_the_antimeridian_is_cut_there_and_keeps_its_centre() -> None:
    corners = [[176, 0], [186, 0], [186, 10], [176, 10], [176, 0]]
    found = footprint_of({"type": "Polygon", "coordinates": [corners]})
    assert found is not None
    assert (found.geometry or "").startswith("MULTIPOLYGON")
    assert found.bounds == pytest.approx((-180, 0, 180, 10))
    assert found.center_point == "POINT (-179 5)"


@pytest.mark.parametrize("place", [(0, 91), (0, -91), (361, 0), (-400, 0), (1e308, 0)])
def test_what_is_no_place_on_earth_is_refused(place: tuple[float, float]) -> None:
    with pytest.raises(InvalidError, match="no place on Earth"):
        footprint_of(point(*place))


@given(
    west=st.floats(-360, 350),
    width=st.floats(0.5, 10),
    south=st.floats(-90, 80),
    height=st.floats(0.5, 10),
)
def test_cutting_a_box_loses_no_part_of_it(
    west: float, width: float, south: float, height: float
) -> None:
    found = footprint_of(mapping(box(west, south, west + width, south + height)))
    assert found is not None
    assert found.bounds is not None
    assert -180 - 1e-5 <= found.bounds[0] <= found.bounds[2] <= 180 + 1e-5
    cut = from_wkt(found.geometry)
    assert cut is not None
    assert cut.area == pytest.approx(width * height, rel=1e-3)
