"""GeoJSON to what the catalogue keeps of it: a footprint and its centre as WKT, and properties.

Source: seed 001, Results Manifest (geo_json); RFC 7946.
"""

from dataclasses import dataclass
from typing import Any

from shapely import GEOSException, force_2d, unary_union
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from catalog.errors import InvalidError


@dataclass(frozen=True, slots=True)
class Footprint:
    """Where a file's data lies: WKT in WGS84 longitude and latitude (degrees), and attributes."""

    geometry: str
    center_point: str
    properties: dict[str, Any]


def footprint_of(geo_json: dict[str, Any] | None) -> Footprint | None:
    """Return the footprint a GeoJSON document describes, None for none.

    A Feature gives its geometry and properties, a FeatureCollection the union of its geometries
    and the properties of the first feature that has any.

    Raises
    ------
    InvalidError
        Raised if the document is not GeoJSON with a geometry.
    """
    if geo_json is None:
        return None
    try:
        geometries, properties = _parts(geo_json)
        geometry = geometries[0] if len(geometries) == 1 else unary_union(geometries)
    except (AttributeError, GEOSException, IndexError, KeyError, TypeError, ValueError) as error:
        raise InvalidError(
            f"The geo_json of type {geo_json.get('type')!r} is not GeoJSON with a geometry"
            f" ({error}). Write a GeoJSON Feature, FeatureCollection or geometry."
        ) from error
    return Footprint(geometry.wkt, force_2d(geometry.centroid).wkt, properties)


def _parts(geo_json: dict[str, Any]) -> tuple[list[BaseGeometry], dict[str, Any]]:
    kind = geo_json["type"]
    if kind == "FeatureCollection":
        features = [_parts(feature) for feature in geo_json["features"]]
        properties = next((found for _, found in features if found), {})
        return [geometry for geometries, _ in features for geometry in geometries], properties
    if kind == "Feature":
        return [_geometry(geo_json["geometry"])], dict(geo_json.get("properties") or {})
    return [_geometry(geo_json)], {}


def _geometry(value: dict[str, Any]) -> BaseGeometry:
    geometry = shape(value)
    if geometry.is_empty:
        message = "the geometry is empty"
        raise ValueError(message)
    return geometry
