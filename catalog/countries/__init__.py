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
from typing import Any, Final

from shapely import STRtree, make_valid
from shapely.geometry import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

DATA_FILE: Final = "countries.json.gz"
Point = tuple[float, float]


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
        code: make_valid(MultiPolygon([_polygon(rings, arcs) for rings in polygons]))
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


def _polygon(rings: Sequence[Sequence[int]], arcs: Sequence[Sequence[Point]]) -> Polygon:
    outer, *holes = (_ring(each, arcs) for each in rings)
    return Polygon(outer, holes)


def _ring(indices: Sequence[int], arcs: Sequence[Sequence[Point]]) -> list[Point]:
    """Join arcs, each beginning where the last ended; ``~index`` is an arc backwards."""
    points: list[Point] = []
    for index in indices:
        arc = arcs[index] if index >= 0 else arcs[~index][::-1]
        points += arc[1 if points else 0 :]
    return points
