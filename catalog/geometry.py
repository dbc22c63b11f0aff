"""GeoJSON to what the catalogue keeps of it: a footprint and its centre as WKT, and properties.

Source: seed 001, Results Manifest (geo_json); RFC 7946.
"""

from dataclasses import dataclass
from typing import Any, Final

from shapely import force_2d, unary_union
from shapely.errors import ShapelyError
from shapely.geometry import shape
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

    Raises
    ------
    InvalidError
        Raised if the document is not GeoJSON.
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
    countries = tuple(boundaries().of(force_2d(geometry)))
    center = force_2d(geometry.centroid).wkt
    return Footprint(geometry.wkt, center, properties, countries, geometry.bounds)


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
