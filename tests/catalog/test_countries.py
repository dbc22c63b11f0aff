"""Countries of geometries, by Natural Earth's boundaries."""

import pytest
from shapely import box
from shapely.geometry import LineString, Point, Polygon

from catalog.countries import boundaries
from catalog.geometry import footprint_of
from catalog.queries.listing import PageRequest
from schemas.results_manifest import GeoMetadata, ParseResult
from tests.support.catalogues import World, interface, job_type, results

BERLIN = {"type": "Point", "coordinates": [13.4, 52.5]}


@pytest.mark.parametrize(
    ("longitude", "latitude", "codes"),
    [
        (13.4, 52.5, ["DEU"]),
        (-77.0, 38.9, ["USA"]),
        (178.4, -18.0, ["FJI"]),
        (28.3, -29.6, ["LSO"]),  # inside South Africa, and not of it
        (21.0, 42.6, ["XKX"]),
        (149.1, -35.3, ["AUS"]),
        (-150.0, 0.0, []),
        (-40.0, 66.5, ["GRL"]),  # as far north as a part of Russia across the antimeridian
        (20.0, 66.5, ["SWE"]),
        (-175.0, 67.0, ["RUS"]),
        (-179.9, -16.8, ["FJI"]),
        (0.0, -80.0, ["ATA"]),
    ],
)
def test_a_point_is_in_its_country(longitude: float, latitude: float, codes: list[str]) -> None:
    assert boundaries().of(Point(longitude, latitude)) == codes


def test_an_area_has_every_country_it_touches_in_order() -> None:
    assert boundaries().of(box(5.5, 49.3, 6.6, 50.3)) == ["BEL", "DEU", "FRA", "LUX"]


def test_a_line_and_a_polygon_that_crosses_itself_have_countries() -> None:
    assert boundaries().of(LineString([(2.3, 48.8), (7.5, 46.9)])) == ["CHE", "FRA"]
    bow = Polygon([(12, 51), (13, 52), (12, 52), (13, 51)])
    assert boundaries().of(bow) == ["DEU"]


def test_nothing_is_nowhere() -> None:
    assert boundaries().of(Point()) == []


def test_every_code_has_three_letters() -> None:
    codes = boundaries().codes
    assert len(set(codes)) == len(codes) > 230
    assert all(len(each) == 3 and each.isupper() for each in codes)


def test_a_footprint_knows_its_countries() -> None:
    footprint = footprint_of(BERLIN)
    assert footprint is not None
    assert footprint.countries == ("DEU",)


def test_products_and_parsed_sources_have_countries(world: World) -> None:
    world.configure([job_type("parser", interface({"file": "file"}, {"out": "file"}))])
    source = world.source("a.tif")
    plan = world.begin(world.queue_job("parser", {"file": source}).id)
    geo = GeoMetadata(geo_json=BERLIN)
    made = results(plan, {"out": ["b.tif"]}, [ParseResult("a.tif", geo_metadata=geo)], geo)
    world.catalogue.executions.complete(plan.job_exe_id, made)
    (product,) = world.products()
    assert product.countries == ["DEU"]
    (parsed,) = world.catalogue.queries.files.sources(PageRequest()).rows
    assert parsed.countries == ["DEU"]
