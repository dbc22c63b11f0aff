"""Making the data file of boundaries from npm packages; run by hand when they have a new version.

    npm pack world-atlas@2 i18n-iso-countries@7     (and unpack both)
    python -m catalog.countries.convert WORLD_ATLAS/countries-50m.json ISO_COUNTRIES/codes.json

The second gives ISO 3166-1 alpha-3 codes for the numbers that Natural Earth has.
"""

import gzip
import json
import sys
from pathlib import Path
from typing import Any, Final

from catalog.countries import DATA_FILE

WITHOUT_NUMBER: Final = {
    "Indian Ocean Ter.": "AUS",  # Christmas Island and the Cocos Islands, in one shape
    "Kosovo": "XKX",  # the code in use; ISO has none
    "N. Cyprus": "CYP",
    "Somaliland": "SOM",
}
"""Shapes without an ISO number, by name. The Siachen Glacier is left out: nobody's by ISO."""


def convert(atlas: Path, iso_codes: Path) -> bytes:
    """Return the data file: the arcs of the atlas, and the polygons of each country by code."""
    topology = json.loads(atlas.read_text())
    codes = {number: alpha3 for _, alpha3, number, *_ in json.loads(iso_codes.read_text())}
    countries: dict[str, list[Any]] = {}
    for shape in topology["objects"]["countries"]["geometries"]:
        code = codes.get(shape.get("id")) or WITHOUT_NUMBER.get(shape["properties"]["name"])
        if code is not None:
            polygons = [shape["arcs"]] if shape["type"] == "Polygon" else shape["arcs"]
            countries.setdefault(code, []).extend(polygons)
    packed = {
        **topology["transform"],
        "arcs": topology["arcs"],
        "countries": dict(sorted(countries.items())),
    }
    text = json.dumps(packed, separators=(",", ":"))
    return gzip.compress(text.encode(), mtime=0)


if __name__ == "__main__":
    Path(__file__).with_name(DATA_FILE).write_bytes(convert(Path(sys.argv[1]), Path(sys.argv[2])))
