"""Countries by their boundaries: ISO 3166-1 alpha-3 codes of where a geometry lies.

The boundaries are Natural Earth's of 1:50 million (public domain), as the npm package world-atlas
has them; ``catalog.countries.convert`` makes the data file from it. They are read at their first
use in a process, which takes a fraction of a second.
"""

import gzip
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import pairwise
from typing import Any, Final

from shapely import STRtree, get_parts, make_valid
from shapely.affinity import translate
from shapely.geometry import MultiPolygon, Polygon, box
from shapely.geometry.base import BaseGeometry

DATA_FILE: Final = "countries.json.gz"
Point = tuple[float, float]
_HALF: Final = 180.0
_TURN: Final = 360.0


@dataclass(frozen=True, slots=True)
class Boundaries:
    """The countries of the world, to be asked for by geometry."""

    codes: tuple[str, ...]
    tree: STRtree

    def of(self, geometry: BaseGeometry) -> list[str]:
        """Return the codes of the countries that a geometry touches, in alphabetical order.

        Parameters
        ----------
        geometry
            In WGS84 longitude and latitude (degrees).
        """
        if geometry.is_empty:
            return []
        whole = geometry if geometry.is_valid else make_valid(geometry)
        return sorted(self.codes[index] for index in self.tree.query(whole, "intersects"))


@cache
def boundaries() -> Boundaries:
    """Return the boundaries, read once in a process."""
    packed = resources.files(__package__).joinpath(DATA_FILE).read_bytes()
    topology = json.loads(gzip.decompress(packed))
    arcs = [tuple(_points(arc, topology)) for arc in topology["arcs"]]
    shapes = {
        code: make_valid(
            MultiPolygon([part for rings in polygons for part in _polygons(rings, arcs)])
        )
        for code, polygons in topology["countries"].items()
    }
    return Boundaries(tuple(shapes), STRtree(list(shapes.values())))


def _points(arc: Sequence[Sequence[int]], topology: Mapping[str, Any]) -> Iterator[Point]:
    """Yield the points of an arc: differences of whole steps, as TopoJSON has them."""
    (step_x, step_y), (first_x, first_y) = topology["scale"], topology["translate"]
    x = y = 0
    for dx, dy in arc:
        x, y = x + dx, y + dy
        yield first_x + x * step_x, first_y + y * step_y


def _polygons(rings: Sequence[Sequence[int]], arcs: Sequence[Sequence[Point]]) -> Iterator[Polygon]:
    """Yield the polygon of rings; one across the antimeridian in its parts."""
    outer, *holes = (_unwrapped(_ring(each, arcs)) for each in rings)
    polygon = Polygon(outer, holes)
    west, _, east, _ = polygon.bounds
    if west >= -_HALF and east <= _HALF:
        yield polygon
        return
    whole = make_valid(polygon)
    for turn in (-_TURN, 0.0, _TURN):
        strip = box(turn - _HALF, -90, turn + _HALF, 90)
        for part in get_parts(translate(whole.intersection(strip), -turn)):
            if isinstance(part, Polygon):
                yield part


def _unwrapped(ring: Sequence[Point]) -> Sequence[Point]:
    """Return a ring that goes on beyond 180 degrees where it would else begin at the other side.

    One around a pole stays as it is: it does not come back to where it began.
    """
    turned = 0.0
    points = [ring[0]]
    for (former, _), (x, y) in pairwise(ring):
        if abs(x - former) > _HALF:
            turned += _TURN if x < former else -_TURN
        points.append((x + turned, y))
    return ring if turned else points


def _ring(indices: Sequence[int], arcs: Sequence[Sequence[Point]]) -> list[Point]:
    """Join arcs, each beginning where the last ended; ``~index`` is an arc backwards."""
    points: list[Point] = []
    for index in indices:
        arc = arcs[index] if index >= 0 else arcs[~index][::-1]
        points += arc[1 if points else 0 :]
    return points
