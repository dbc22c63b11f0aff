"""Making the outline of the land that maps show; run by hand when the boundaries are new.

    python -m plugins.views.land

The outline is that of `catalog.countries`, simplified: as an SVG in degrees, its height upside
down, in one grey that is seen on light and on dark.
"""

from collections.abc import Iterator
from typing import Final

from shapely import get_parts, simplify, unary_union
from shapely.geometry import Polygon

from catalog.countries import boundaries
from plugins.views.assets import FOLDER

LAND_FILE: Final = "land.svg"
_TOLERANCE: Final = 0.12
"""How far the outline may be from the boundaries, in degrees."""
_SMALLEST: Final = 0.15
"""Area of the smallest island, in square degrees."""
_GREY: Final = "#7d8796"


def outline() -> str:
    """Return the SVG of the land."""
    land = unary_union([each.buffer(0) for each in boundaries().tree.geometries])
    parts = [each for each in get_parts(simplify(land, _TOLERANCE)) if each.area > _SMALLEST]
    path = "".join(ring for part in parts for ring in _rings(part))
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="-180 -90 360 180">'
        f'<path fill="{_GREY}" fill-opacity=".32" d="{path}"/>'
        "</svg>\n"
    )


def _rings(polygon: Polygon) -> Iterator[str]:
    for ring in (polygon.exterior, *polygon.interiors):
        # tenths of a degree as whole numbers would need a transform: two digits are as short
        points = [(round(x, 1), round(-y, 1)) for x, y in ring.coords]
        steps = [points[0]]
        steps += [each for each, former in zip(points[1:], points, strict=False) if each != former]
        yield "M" + "L".join(f"{x:g} {y:g}" for x, y in steps) + "z"


if __name__ == "__main__":
    (FOLDER / LAND_FILE).write_text(outline(), encoding="utf-8")
