"""A look into a file: the beginning of what is text, and the features of GeoJSON.

Whatever the size of the file, no more than a bounded part of it is read. What cannot be looked at
is no error of the page: it says why.
"""

import json
from dataclasses import dataclass
from typing import Any, Final

from shapely.errors import ShapelyError
from shapely.geometry import shape

from catalog.brokers import broker_of
from catalog.errors import CatalogueError
from catalog.queries.file_rows import StoredContent
from plugins.views.map import Footprint

HEAD: Final = 8 * 1024
"""Bytes of a text that are shown."""
LARGEST_GEOJSON: Final = 1024 * 1024
"""Bytes of GeoJSON that is drawn."""
MOST_FEATURES: Final = 500
_TEXTS: Final = frozenset(
    {"application/json", "application/xml", "application/x-yaml", "application/yaml",
     "application/javascript", "application/x-ndjson", "application/vnd.geo+json",
     "application/geo+json", "application/vnd.google-earth.kml+xml", "image/svg+xml"}
)  # fmt: skip
_GEOJSON: Final = frozenset({"application/vnd.geo+json", "application/geo+json"})
_NOT_GEOJSON: Final = (ArithmeticError, AttributeError, LookupError, ShapelyError, TypeError,
                       ValueError, RecursionError)  # fmt: skip
_TITLE: Final = 80


@dataclass(frozen=True, slots=True)
class Contents:
    """What was found.

    Parameters
    ----------
    text
        The beginning of a text; `is_whole` says whether it is all of it.
    features
        What is to be drawn on a map.
    problem
        Why there is nothing of what there should be.
    """

    text: str | None = None
    is_whole: bool = True
    features: tuple[Footprint, ...] = ()
    problem: str | None = None


def is_text(media_type: str) -> bool:
    """Say whether files of a media type can be read by people."""
    return media_type.startswith("text/") or media_type in _TEXTS or media_type.endswith("+json")


def contents_of(stored: StoredContent, size: int) -> Contents:
    """Return what a file has in it, as far as a page shows it."""
    if stored.is_deleted:
        return Contents(problem="The file was deleted; only its record is left.")
    if not is_text(stored.media_type):
        return Contents()
    is_map = stored.media_type in _GEOJSON and size <= LARGEST_GEOJSON
    try:
        data = _read(stored, size if is_map else HEAD)
    except (CatalogueError, OSError) as error:
        return Contents(problem=f"Its bytes are out of reach: {error}. {_ADVICE}")
    return Contents(
        text=_head(data, size),
        is_whole=size <= HEAD,
        features=_features(data) if is_map else (),
    )


_ADVICE: Final = "Check that the workspace is mounted on this host, or that its storage answers."


def _read(stored: StoredContent, length: int) -> bytes:
    if length == 0:
        return b""
    stream = broker_of(stored.workspace.json_config).stream(stored.file_path, 0, length)
    return b"".join(stream)


def _head(data: bytes, size: int) -> str:
    """Return the beginning as text; JSON that is there whole is laid out."""
    if size <= HEAD:
        try:
            return json.dumps(json.loads(data), indent=2, ensure_ascii=False)
        except (ValueError, RecursionError):
            pass
    return data[:HEAD].decode("utf-8", "replace").replace("\x00", "\N{REPLACEMENT CHARACTER}")


def _features(data: bytes) -> tuple[Footprint, ...]:
    """Return the features of a GeoJSON document; none of what is no GeoJSON."""
    try:
        document = json.loads(data)
        listed = document["features"] if document["type"] == "FeatureCollection" else [document]
        found = []
        for each in listed[:MOST_FEATURES]:
            geometry = each["geometry"] if each["type"] == "Feature" else each
            if geometry is not None:
                drawn = shape(geometry)
                if not drawn.is_empty:
                    found.append(Footprint(drawn, _title(each)))
    except _NOT_GEOJSON:
        return ()
    return tuple(found)


def _title(feature: dict[str, Any]) -> str:
    properties = feature.get("properties") or {}
    text = ", ".join(f"{name} {value}" for name, value in properties.items())
    return text[:_TITLE] or "a feature"
