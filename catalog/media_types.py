"""The media type of a file by its extension, or by its content where the extension says nothing.

Extensions are those of the standard table and of the field's own formats.

Source: contract section 4, Manifest. The machine's own tables are not read, so that every node
gives the same answer.
"""

from functools import cache
from mimetypes import MimeTypes
from pathlib import Path, PurePosixPath
from typing import Final

import puremagic

HEAD: Final = 512
"""Bytes at the beginning of a file that say its media type."""
_SHORTEST: Final = 4  # bytes; shorter signatures are met by chance
UNKNOWN: Final = "application/octet-stream"
_FIELD_SIGNATURES: Final = {
    b"\x89HDF\r\n\x1a\n": "image/x-hdf5-image",
    b"CDF\x01": "application/x-netcdf",
    b"CDF\x02": "application/x-netcdf",
    b"CDF\x05": "application/x-netcdf",
    b"NITF0": "image/x-nitf-image",
    b"NSIF0": "image/x-nitf-image",
    b"%PDF-": "application/pdf",
    b"PK\x03\x04": "application/zip",
    b"\x1f\x8b\x08": "application/gzip",
}
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


def media_type_of_content(path: Path, file_name: str) -> str | None:
    """Return the media type that the first bytes of a file say, if its name says none.

    Returns
    -------
    str or None
        None if the name says it, or the bytes do not.

    Raises
    ------
    OSError
        Raised if the file cannot be read.
    """
    if media_type_of(file_name) != UNKNOWN:
        return None
    with path.open("rb") as stream:
        return media_type_of_head(stream.read(HEAD))


def media_type_of_head(head: bytes) -> str | None:
    """Return the media type that the first bytes of a file say, None if they say none.

    Parameters
    ----------
    head
        The first ``HEAD`` bytes, or all of a shorter file.
    """
    own = next((kind for begin, kind in _FIELD_SIGNATURES.items() if head.startswith(begin)), None)
    return own or _general_signature(head)


def _general_signature(head: bytes) -> str | None:
    """Return the media type that all of the best matches agree on; None if there is doubt."""
    found = [
        (len(signature), kind)
        for signature, kind in _signatures().get(head[:1], ())
        if head.startswith(signature)
    ]
    longest = max((length for length, _ in found), default=0)
    kinds = {kind for length, kind in found if length == longest}
    return kinds.pop() if len(kinds) == 1 else None


@cache
def _signatures() -> dict[bytes, list[tuple[bytes, str]]]:
    """Return what files begin with, and their media types, by the first byte."""
    found: dict[bytes, list[tuple[bytes, str]]] = {}
    for each in puremagic.magic_header_array:
        if each.offset == 0 and len(each.byte_match) >= _SHORTEST and each.mime_type:
            pair = (each.byte_match, each.mime_type)
            found.setdefault(each.byte_match[:1], []).append(pair)
    return found


@cache
def _table() -> dict[str, str]:
    """Return media types by extension. `MimeTypes.guess_type` takes a URL, and a name is none."""
    uncommon, standard = MimeTypes().types_map
    return {**uncommon, **standard, **_FIELD_TYPES}
