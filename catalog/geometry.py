"""GeoJSON to what the catalogue keeps of it: a footprint and its centre as WKT, and properties.

Source: seed 001, Results Manifest (geo_json); RFC 7946.
"""

from dataclasses import dataclass
from typing import Any, Final

from shapely import force_2d, get_parts, make_valid, unary_union
from shapely.affinity import translate
from shapely.errors import ShapelyError
from shapely.geometry import Point, box, shape
from shapely.geometry.base import BaseGeometry

from catalog.countries import boundaries
from catalog.errors import InvalidError

_NOT_GEOJSON: Final = (
    ArithmeticError,
    AttributeError,
    LookupError,
    RecursionError,
    ShapelyError,
    TypeError,
    ValueError,
)


_TURN: Final = 360.0
_ROUNDING: Final = 1e-6  # degrees that a projection may be off


@dataclass(frozen=True, slots=True)
class Footprint:
    """Where a file's data lies: WKT in WGS84 longitude and latitude (degrees), and attributes.

    `geometry` and `center_point` are None when the document lies nowhere: features without
    geometry, or none at all. `countries` are the ISO 3166-1 alpha-3 codes of those it touches;
    `bounds` are west, south, east and north.
    """

    geometry: str | None
    center_point: str | None
    properties: dict[str, Any]
    countries: tuple[str, ...] = ()
    bounds: tuple[float, float, float, float] | None = None


def footprint_of(geo_json: dict[str, Any] | None) -> Footprint | None:
    """Return the footprint a GeoJSON document describes, None for none.

    A Feature gives its geometry and properties, a FeatureCollection the union of its geometries
    and the properties of the first feature that has any.

    Longitudes beyond 180 degrees, to 360, are those on the other side of the antimeridian: what
    crosses it is cut there (RFC 7946, 3.1.9).

    Raises
    ------
    InvalidError
        Raised if the document is not GeoJSON, or lies outside of longitude and latitude.
    """
    if geo_json is None:
        return None
    try:
        geometries, properties = _parts(geo_json)
        return _footprint([each for each in geometries if not each.is_empty], properties)
    except _NOT_GEOJSON as error:
        raise InvalidError(
            f"The geo_json of type {geo_json.get('type')!r} is not GeoJSON"
            f" ({error}). Write a GeoJSON Feature, FeatureCollection or geometry."
        ) from error


def _footprint(geometries: list[BaseGeometry], properties: dict[str, Any]) -> Footprint:
    if not geometries:
        return Footprint(None, None, properties)
    geometry = geometries[0] if len(geometries) == 1 else unary_union(geometries)
    center = force_2d(geometry.centroid)
    if _goes_beyond(geometry):
        geometry = _cut(geometry)
        center = Point(_turned(center.x), center.y)
    countries = tuple(boundaries().of(force_2d(geometry)))
    return Footprint(geometry.wkt, center.wkt, properties, countries, geometry.bounds)


def _goes_beyond(geometry: BaseGeometry) -> bool:
    """Say whether a geometry goes beyond the antimeridian; refuse what is no place on Earth."""
    west, south, east, north = geometry.bounds
    if not (_is_within(west, east, _TURN) and _is_within(south, north, _TURN / 4)):
        raise InvalidError(
            f"The geo_json goes from {west:g} to {east:g} degrees of longitude and from {south:g}"
            f" to {north:g} of latitude, which is no place on Earth. Write WGS84 longitudes between"
            " -180 and 180 (to 360 beyond the antimeridian), then latitudes between -90 and 90."
        )
    return not _is_within(west, east, _TURN / 2)


def _is_within(least: float, most: float, limit: float) -> bool:
    return -limit - _ROUNDING <= least and most <= limit + _ROUNDING


def _cut(geometry: BaseGeometry) -> BaseGeometry:
    """Bring a geometry between -180 and 180 degrees, in a part for each turn it reaches into."""
    half = _TURN / 2
    parts = []
    for part in get_parts(geometry):
        valid = make_valid(part)
        for turn in (-_TURN, 0.0, _TURN):
            inside = valid.intersection(box(turn - half, -_TURN, turn + half, _TURN))
            if not inside.is_empty:
                parts.append(translate(inside, xoff=-turn))
    return unary_union(parts)


def _turned(longitude: float) -> float:
    return (longitude + _TURN / 2) % _TURN - _TURN / 2


def _parts(geo_json: dict[str, Any]) -> tuple[list[BaseGeometry], dict[str, Any]]:
    kind = geo_json["type"]
    if kind == "FeatureCollection":
        features = [_parts(feature) for feature in geo_json["features"]]
        properties = next((found for _, found in features if found), {})
        return [geometry for geometries, _ in features for geometry in geometries], properties
    if kind == "Feature":
        geometry = geo_json["geometry"]  # RFC 7946: null where the feature lies nowhere
        located = [] if geometry is None else [shape(geometry)]
        return located, dict(geo_json.get("properties") or {})
    return [shape(geo_json)], {}
