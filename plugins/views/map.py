"""Maps: footprints over the outline of the land, as numbers for a template that draws them.

A map is an SVG in degrees, longitude to the right and latitude upwards (so with its sign turned):
the plate carrée projection. What is shown is a view, west to east and south to north.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from shapely import from_wkt, get_parts, simplify, transform
from shapely.errors import ShapelyError
from shapely.geometry import LineString, Point, Polygon, box
from shapely.geometry.base import BaseGeometry

from catalog.queries.file_list import Bounds

WORLD: Final[Bounds] = (-180.0, -90.0, 180.0, 90.0)
_RATIO: Final = 2.0
"""Width of a map to its height."""
_LEAST_WIDTH: Final = 0.01
_MARGIN: Final = 0.25
ROOM: Final = 0.5
"""Degrees around what is shown, so that it can be seen where that is."""
_MOST_MARKERS: Final = 500
_MOST_LINES: Final = 9
_STEPS: Final = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 45)
_SMALL: Final = 0.012
"""What part of the width a footprint has that is marked besides, as it is hard to see."""
_FINEST: Final = 0.0008
"""How far a drawn line may be from the true one, as part of the width."""
_DIGITS: Final = 9
"""Decimal digits of a degree that are drawn: a tenth of a millimetre."""
_ZOOM: Final = 2.0


@dataclass(frozen=True, slots=True)
class Footprint:
    """Something to be drawn: a geometry in degrees, and what it is and leads to."""

    geometry: BaseGeometry
    title: str
    href: str | None = None


@dataclass(frozen=True, slots=True)
class Shape:
    """A drawn footprint: the path of its lines and areas, and that of its markers, all dots."""

    path: str
    markers: str
    title: str
    href: str | None
    is_area: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the graticule with its label."""

    at: float
    label: str


@dataclass(frozen=True, slots=True)
class Map:
    """What a template draws; `unit` is a hundredth of the width, in degrees."""

    view: Bounds
    shapes: tuple[Shape, ...]
    meridians: tuple[Line, ...]
    parallels: tuple[Line, ...]
    chosen: tuple[Bounds, ...]

    @property
    def width(self) -> float:
        """Degrees from left to right."""
        return self.view[2] - self.view[0]

    @property
    def height(self) -> float:
        """Degrees from the bottom to the top."""
        return self.view[3] - self.view[1]

    @property
    def unit(self) -> float:
        """A hundredth of the width."""
        return self.width / 100

    def zoomed(self, *, inwards: bool) -> str:
        """Return the view with half or twice the width, as an address has it."""
        factor = 1 / _ZOOM if inwards else _ZOOM
        west, south, east, north = self.view
        half_width, half_height = factor * self.width / 2, factor * self.height / 2
        x, y = (west + east) / 2, (south + north) / 2
        return bounds_text((x - half_width, y - half_height, x + half_width, y + half_height))

    @property
    def is_world(self) -> bool:
        """Whether everything is shown."""
        return self.width >= WORLD[2] - WORLD[0]


def map_of(
    footprints: Sequence[Footprint],
    area: Bounds | None = None,
    view: Bounds | None = None,
    room: float = ROOM,
) -> Map:
    """Return the map of footprints.

    Parameters
    ----------
    area
        Bounds that were chosen, drawn as a frame.
    view
        What is to be shown; by default the area, or else everything that is drawn.
    room
        Degrees that are shown around that at least.
    """
    chosen = tuple(_parts(area)) if area is not None else ()
    boxes = chosen or [each.geometry.bounds for each in footprints]
    shown = _fitted(view or _around(boxes, room))
    width = shown[2] - shown[0]
    step = next((each for each in _STEPS if width / each <= _MOST_LINES), _STEPS[-1])
    return Map(
        view=shown,
        shapes=tuple(_shape(each, width) for each in footprints),
        meridians=tuple(_lines(shown[0], shown[2], step, "E", "W")),
        parallels=tuple(_lines(shown[1], shown[3], step, "N", "S")),
        chosen=chosen,
    )


def geometry_of(wkt: str | None, bounds: Bounds | None) -> BaseGeometry | None:
    """Return the geometry of a text or else of bounds; None where neither is one."""
    if wkt is not None:
        try:
            found: BaseGeometry = from_wkt(wkt)
        except ShapelyError:
            return None
        return None if found.is_empty else found
    return None if bounds is None else box(*bounds)


def bounds_of(text: str) -> Bounds | None:
    """Return bounds that are written as west,south,east,north; None for what is no bounds."""
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError:
        return None
    numbers = (west, south, east, north)
    if not all(map(math.isfinite, numbers)) or south >= north or west == east:
        return None
    within = -180 <= west <= 180 and -180 <= east <= 180 and -90 <= south < north <= 90  # noqa: PLR2004  # degrees
    return numbers if within else None


def bounds_text(bounds: Bounds) -> str:
    """Return bounds as an address has them."""
    west, south, east, north = bounds
    limited = (max(west, -180), max(south, -90), min(east, 180), min(north, 90))
    return ",".join(f"{each:.9g}" for each in limited)


def _parts(area: Bounds) -> Iterator[Bounds]:
    west, south, east, north = area
    if west < east:
        yield area
    else:
        yield (west, south, WORLD[2], north)
        yield (WORLD[0], south, east, north)


def _around(boxes: Sequence[Sequence[float]], least: float) -> Bounds:
    """Return what shows all of these with some room around them; the world for none."""
    if not boxes:
        return WORLD
    west, south = min(each[0] for each in boxes), min(each[1] for each in boxes)
    east, north = max(each[2] for each in boxes), max(each[3] for each in boxes)
    room = max(_MARGIN * max(east - west, _RATIO * (north - south)), least)
    return (west - room, south - room / _RATIO, east + room, north + room / _RATIO)


def _fitted(view: Bounds) -> Bounds:
    """Return a view of the right shape inside the world that shows all of another."""
    west, south, east, north = view
    width = max(east - west, _RATIO * (north - south), _LEAST_WIDTH)
    width = min(width, WORLD[2] - WORLD[0])
    height = width / _RATIO
    left = min(max((west + east - width) / 2, WORLD[0]), WORLD[2] - width)
    bottom = min(max((south + north - height) / 2, WORLD[1]), WORLD[3] - height)
    return (left, bottom, left + width, bottom + height)


def _lines(first: float, last: float, step: float, plus: str, minus: str) -> Iterator[Line]:
    digits = max(0, -math.floor(math.log10(step)))
    for number in range(math.ceil(first / step), math.floor(last / step) + 1):
        at = round(number * step, digits)
        if at in (first, last):
            continue  # the edge of the map
        side = "" if at == 0 else plus if at > 0 else minus
        yield Line(at, f"{abs(at):.{digits}f}°{side}")


def _shape(footprint: Footprint, width: float) -> Shape:
    geometry = simplify(_on_grid(footprint.geometry), width * _FINEST)
    parts = [] if geometry.is_empty else list(get_parts(geometry))
    drawn = [each for each in parts if not isinstance(each, Point)]
    markers = [(each.x, -each.y) for each in parts if isinstance(each, Point)]
    west, south, east, north = footprint.geometry.bounds
    if drawn and max(east - west, north - south) < width * _SMALL:
        markers.append(((west + east) / 2, -(south + north) / 2))
    return Shape(
        path="".join(_path(drawn)),
        markers="".join(f"M{x:.9g} {y:.9g}h0" for x, y in markers[-_MOST_MARKERS:]),
        title=footprint.title,
        href=footprint.href,
        is_area=any(isinstance(each, Polygon) for each in drawn),
    )


def _on_grid(geometry: BaseGeometry) -> BaseGeometry:
    """Return a geometry whose numbers are those that can be drawn.

    GEOS divides by distances and overflows on those next to nothing.
    """
    return transform(geometry, lambda coordinates: np.round(coordinates, _DIGITS))


def _path(parts: Iterable[BaseGeometry]) -> Iterator[str]:
    for part in parts:
        if isinstance(part, Polygon):
            for ring in (part.exterior, *part.interiors):
                yield f"M{_points(ring)}z"
        elif isinstance(part, LineString):
            yield f"M{_points(part)}"


def _points(line: LineString) -> str:
    return "L".join(f"{each[0]:.9g} {-each[1]:.9g}" for each in line.coords)
