"""The media type of a file by its extension: the standard table and the field's own formats.

Source: contract section 4, Manifest. The machine's own tables are not read, so that every node
gives the same answer.
"""

from functools import cache
from mimetypes import MimeTypes
from pathlib import PurePosixPath
from typing import Final

UNKNOWN: Final = "application/octet-stream"
_FIELD_TYPES: Final = {
    ".geojson": "application/vnd.geo+json",
    ".h5": "image/x-hdf5-image",
    ".json": "application/json",
    ".kml": "application/vnd.google-earth.kml+xml",
    ".nc": "application/x-netcdf",
    ".ntf": "image/x-nitf-image",
    ".tif": "image/tiff",
    ".tiff": "image/tiff",
    ".xml": "application/xml",
}


def media_type_of(file_name: str) -> str:
    """Return the media type of a file name, ``application/octet-stream`` when nothing says it."""
    return _table().get(PurePosixPath(file_name).suffix.lower(), UNKNOWN)


@cache
def _table() -> dict[str, str]:
    """Return media types by extension. `MimeTypes.guess_type` takes a URL, and a name is none."""
    uncommon, standard = MimeTypes().types_map
    return {**uncommon, **standard, **_FIELD_TYPES}
