#!/usr/bin/env python3
"""Join a PNG image with the CSV that says where it lies, as a GeoTIFF.

Usage: ``make_geotiff.py IMAGE GEOREFERENCE_CSV OUTPUT_DIR``

The example algorithm of Scale's "Recipe Definition" (seed 001). It stands alone: it imports
nothing of the system that runs it, and tells it the result only through its exit code and
``results_manifest.json`` (version 1.1) in the output directory.

==== =====================================================================
Exit Meaning
==== =====================================================================
0    the GeoTIFF and the manifest are written
1    a file could not be read or written; running it again may help
2    the image cannot be read: not a PNG, truncated, or without pixels
3    the georeference lacks required columns or its one row
4    the georeference has values that cannot be parsed or are out of order
64   the command line is wrong
==== =====================================================================
"""

import csv
import io
import json
import logging
import math
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError
from rasterio import Affine
from rasterio._err import CPLE_BaseError  # what the transformations raise; public nowhere
from rasterio.coords import BoundingBox
from rasterio.crs import CRS
from rasterio.enums import ColorInterp
from rasterio.errors import CRSError
from rasterio.features import bounds as geometry_bounds
from rasterio.io import MemoryFile
from rasterio.warp import transform_geom

COLUMNS = ("west", "south", "east", "north", "crs", "data_started", "data_ended")
PNG_END = b"\0\0\0\0IEND\xaeB`\x82"  # the last chunk, which is always the same
LONGEST_FILE_NAME = 255  # bytes, the limit of the usual file systems

log = logging.getLogger("make_geotiff")


class ExitCode(IntEnum):
    """What a caller can tell from the exit code."""

    DONE = 0
    FILE_FAILURE = 1
    IMAGE_UNREADABLE = 2
    GEOREFERENCE_INCOMPLETE = 3
    GEOREFERENCE_INVALID = 4
    USAGE = 64


class RefusedError(Exception):
    """An input cannot be used; the message is the sentence a person reads."""

    def __init__(self, exit_code: ExitCode, sentence: str) -> None:
        super().__init__(sentence)
        self.exit_code = exit_code


@dataclass(frozen=True, slots=True)
class Georeference:
    """Where an image lies, in units of its CRS, and when it was taken (UTC)."""

    bounds: BoundingBox
    crs: CRS
    data_started: datetime
    data_ended: datetime


def read_image(path: Path) -> NDArray[Any]:
    """Decode a whole PNG; a truncated one is refused, never half used.

    Returns
    -------
    numpy.ndarray
        Bands, rows, columns; 8 or 16 bits as the PNG has them. A palette is resolved to colours.

    Raises
    ------
    RefusedError
        Raised if the file is empty, no PNG, truncated or damaged.
    OSError
        Raised if the file itself cannot be read, which is no fault of its content.
    """
    content = path.read_bytes()
    if not content:
        raise RefusedError(
            ExitCode.IMAGE_UNREADABLE, f"The image {path.name!r} is empty (0 bytes); send it again."
        )
    try:
        pixels = _decode(content)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as reason:
        not_png = isinstance(reason, UnidentifiedImageError)  # whose text is an object's address
        why = "its header is not a PNG's" if not_png else _on_one_line(reason)
        raise RefusedError(
            ExitCode.IMAGE_UNREADABLE,
            f"The image {path.name!r} ({len(content)} bytes) is not a readable PNG, or only the"
            f" beginning of one ({why}); send it again.",
        ) from reason
    if pixels.size == 0:
        raise RefusedError(ExitCode.IMAGE_UNREADABLE, f"The image {path.name!r} has no pixels.")
    return pixels[np.newaxis] if pixels.ndim == 2 else np.moveaxis(pixels, 2, 0)  # noqa: PLR2004 - one band has no band axis


def _decode(png: bytes) -> NDArray[Any]:
    with Image.open(io.BytesIO(png), formats=["PNG"]) as image:
        image.verify()  # walks every chunk's checksum to the end, which load() alone does not
    if PNG_END not in png:
        raise ValueError("its last chunk is cut off")
    with Image.open(io.BytesIO(png), formats=["PNG"]) as image:
        return np.asarray(_with_plain_bands(image))


def _with_plain_bands(image: Image.Image) -> Image.Image:
    """Resolve palettes and single bits, whose numbers are no brightness."""
    match image.mode:
        case "1":
            return image.convert("L")
        case "P":
            return image.convert("RGBA" if image.has_transparency_data else "RGB")
        case _:
            image.load()
            return image


def read_georeference(path: Path) -> Georeference:
    """Read the one row that says where and when the image was taken.

    Raises
    ------
    RefusedError
        Raised if columns or the row are missing (3), or a value cannot be used (4).
    """
    row = _only_row(path)
    try:
        georeference = Georeference(
            bounds=BoundingBox(*(_number(row, column) for column in COLUMNS[:4])),
            crs=_crs(row),
            data_started=_time(row, "data_started"),
            data_ended=_time(row, "data_ended"),
        )
        _require_order(georeference)
        footprint(georeference)
    except ValueError as reason:
        raise RefusedError(
            ExitCode.GEOREFERENCE_INVALID,
            f"The georeference {path.name!r} cannot be used: {reason}; correct it and send it"
            " again.",
        ) from reason
    return georeference


def _only_row(path: Path) -> dict[str, str]:
    try:
        text = path.read_bytes().decode("utf-8-sig")
        lines = [line for line in csv.reader(io.StringIO(text, newline="")) if any(line)]
    except (UnicodeDecodeError, csv.Error) as reason:
        raise _incomplete(path, f"is not CSV text in UTF-8 ({reason})") from reason
    header = [column.strip() for column in lines[0]] if lines else []
    missing = [column for column in COLUMNS if column not in header]
    if missing:
        raise _incomplete(path, f"lacks the columns {', '.join(missing)}")
    rows = lines[1:]
    if len(rows) != 1:
        raise _incomplete(path, f"has {len(rows)} rows below its header instead of one")
    if len(rows[0]) < len(header):
        raise _incomplete(path, f"has a row of {len(rows[0])} values below {len(header)} columns")
    return {column: value.strip() for column, value in zip(header, rows[0], strict=False)}


def _incomplete(path: Path, what: str) -> RefusedError:
    return RefusedError(
        ExitCode.GEOREFERENCE_INCOMPLETE,
        f"The georeference {path.name!r} {what}; it needs the header {','.join(COLUMNS)} and one"
        " row.",
    )


def _number(row: dict[str, str], column: str) -> float:
    try:
        number = float(row[column])
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise ValueError(f"{column} is {row[column]!r}, which is not a finite number")
    return number


def _crs(row: dict[str, str]) -> CRS:
    try:
        with rasterio.Env():  # keeps GDAL's messages off standard error
            crs = CRS.from_user_input(row["crs"])
    except CRSError as reason:
        raise ValueError(f"crs is {row['crs']!r}, which names no known CRS") from reason
    if not (crs.is_geographic or crs.is_projected):
        raise ValueError(f"crs is {row['crs']!r}, which is neither geographic nor projected")
    return crs


def _time(row: dict[str, str], column: str) -> datetime:
    try:
        moment = datetime.fromisoformat(row[column])
        if moment.tzinfo is None:
            raise ValueError("no time zone")  # noqa: TRY301 - the same refusal as an unparseable time
        return moment.astimezone(UTC)
    except (ValueError, OverflowError) as reason:
        raise ValueError(
            f"{column} is {row[column]!r}, which is not an ISO 8601 time with Z or an offset"
        ) from reason


def _require_order(georeference: Georeference) -> None:
    west, south, east, north = georeference.bounds
    if west >= east:
        raise ValueError(f"west ({west}) is not less than east ({east})")
    if south >= north:
        raise ValueError(f"south ({south}) is not less than north ({north})")
    if georeference.data_started > georeference.data_ended:
        raise ValueError("data_started is later than data_ended")


def footprint(georeference: Georeference) -> dict[str, Any]:
    """Draw the image's outline on WGS 84, at height 0.

    The third coordinate is there because seed 001, "Results Manifest", requires a 3D geometry.
    An outline that crosses the antimeridian is cut in two (RFC 7946, section 3.1.9).

    Raises
    ------
    ValueError
        Raised if the outline leaves the world or the domain of its projection.
    """
    west, south, east, north = georeference.bounds
    ring = [(west, south), (east, south), (east, north), (west, north), (west, south)]
    outline = {"type": "Polygon", "coordinates": [[(*corner, 0.0) for corner in ring]]}
    outside = f"west,south,east,north lie outside the world of {georeference.crs.to_string()}"
    try:
        with rasterio.Env():
            geometry: dict[str, Any] = transform_geom(georeference.crs, "EPSG:4326", outline)
    except CPLE_BaseError as reason:
        raise ValueError(outside) from reason
    west, south, east, north = geometry_bounds(geometry)
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):  # noqa: PLR2004 - degrees
        raise ValueError(outside)
    return geometry


def encode_geotiff(pixels: NDArray[Any], georeference: Georeference) -> bytes:
    """Encode the image as a tiled, deflated GeoTIFF with its place and times inside.

    The times are in the tags ``DATA_STARTED`` and ``DATA_ENDED`` (ISO 8601, UTC), and the start in
    TIFF's own ``TIFFTAG_DATETIME``. The same inputs give the same bytes.
    """
    bands, height, width = pixels.shape
    with MemoryFile() as memory:
        with memory.open(
            driver="GTiff",
            width=width,
            height=height,
            count=bands,
            dtype=pixels.dtype,
            crs=georeference.crs,
            transform=_transform(georeference.bounds, width, height),
            tiled=True,
            blockxsize=256,
            blockysize=256,
            compress="deflate",
            predictor=2,
            photometric="RGB" if bands > 2 else "MINISBLACK",  # noqa: PLR2004 - grey, alpha
        ) as dataset:
            dataset.colorinterp = _colours(bands)  # before the pixels, or alpha is lost
            dataset.write(pixels)
            dataset.update_tags(
                AREA_OR_POINT="Area",
                DATA_STARTED=_iso(georeference.data_started),
                DATA_ENDED=_iso(georeference.data_ended),
                TIFFTAG_DATETIME=georeference.data_started.strftime("%Y:%m:%d %H:%M:%S"),
            )
        return bytes(memory.getbuffer())


def _transform(bounds: BoundingBox, width: int, height: int) -> Affine:
    """Map columns and rows to the CRS, from the outer corner of the upper left pixel."""
    across, down = (bounds.right - bounds.left) / width, (bounds.bottom - bounds.top) / height
    return Affine(across, 0, bounds.left, 0, down, bounds.top)


def _colours(bands: int) -> tuple[ColorInterp, ...]:
    alpha = (ColorInterp.alpha,) if bands in {2, 4} else ()
    if bands > 2:  # noqa: PLR2004 - grey, alpha
        return (ColorInterp.red, ColorInterp.green, ColorInterp.blue, *alpha)
    return (ColorInterp.gray, *alpha)


def _iso(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def run(image: Path, georeference_csv: Path, output_directory: Path) -> Path:
    """Make the GeoTIFF and its manifest; the manifest is written last, when all else is safe.

    Returns
    -------
    pathlib.Path
        The GeoTIFF, named after the image's stem.
    """
    pixels = read_image(image)
    log.info("Read the image %r: bands, rows, columns %s.", image.name, pixels.shape)
    georeference = read_georeference(georeference_csv)
    log.info("It lies on %s and began %s.", georeference.crs, _iso(georeference.data_started))
    geotiff = output_directory.absolute() / _output_name(image.stem, ".tif")
    _write(geotiff, encode_geotiff(pixels, georeference))
    log.info("Wrote %r, %d bytes.", geotiff.name, geotiff.stat().st_size)
    manifest = _manifest(geotiff, georeference)
    _write(geotiff.with_name("results_manifest.json"), json.dumps(manifest, indent=2).encode())
    return geotiff


def _manifest(geotiff: Path, georeference: Georeference) -> dict[str, Any]:
    geo_metadata = {
        "data_started": _iso(georeference.data_started),
        "data_ended": _iso(georeference.data_ended),
        "geo_json": {
            "type": "Feature",
            "geometry": footprint(georeference),
            "properties": {"crs": georeference.crs.to_string()},
        },
    }
    file = {"path": str(geotiff), "geo_metadata": geo_metadata}
    return {"version": "1.1", "output_data": [{"name": "geo_image", "file": file}]}


def _output_name(stem: str, suffix: str) -> str:
    """Keep the input's stem, shortened where the new suffix would make the name too long."""
    encoded, room = os.fsencode(stem), LONGEST_FILE_NAME - len(suffix)
    return (stem if len(encoded) <= room else encoded[:room].decode(errors="ignore")) + suffix


def _write(path: Path, content: bytes) -> None:
    """Write the file whole or not at all."""
    partial = path.with_name(".partial")
    with partial.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)


def _on_one_line(reason: BaseException) -> str:
    return " ".join(str(reason).split())


def main(arguments: Sequence[str]) -> ExitCode:
    """Run from the command line; any refusal is one sentence on standard error."""
    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr] # a text stream here
    sys.stderr.reconfigure(errors="backslashreplace")  # type: ignore[union-attr] # the same
    logging.basicConfig(stream=sys.stdout, format="%(asctime)s %(message)s")
    log.setLevel(logging.INFO)
    logging.getLogger("rasterio").setLevel(logging.CRITICAL)  # what it reports is raised as well
    if len(arguments) != 3:  # noqa: PLR2004 - the three of the usage
        sys.stderr.write("Usage: make_geotiff.py IMAGE GEOREFERENCE_CSV OUTPUT_DIR\n")
        return ExitCode.USAGE
    try:
        run(*map(Path, arguments))
    except RefusedError as refusal:
        sys.stderr.write(f"{refusal}\n")
        return refusal.exit_code
    except OSError as failure:
        sys.stderr.write(f"A file could not be read or written: {_on_one_line(failure)}.\n")
        return ExitCode.FILE_FAILURE
    return ExitCode.DONE


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
