#!/usr/bin/env python3
"""Find the bright points of a GeoTIFF and write them as GeoJSON.

Usage: ``detect_points.py GEOTIFF OUTPUT_DIR``

The example algorithm of Scale's "Recipe Definition" (seed 001). It stands alone: it imports
nothing of the system that runs it, nor of the other algorithm, and tells the result only through
its exit code and ``results_manifest.json`` (version 1.1) in the output directory.

The method is the usual one for point sources: background and noise by sigma clipping, a threshold
above them, connected components, and each component's centroid weighted by brightness. It takes
the background as even over the image, and points closer than their own blur as one.

==== =====================================================================
Exit Meaning
==== =====================================================================
0    the GeoJSON and the manifest are written, also when no point was found
1    a file could not be read or written; running it again may help
5    the image is no readable GeoTIFF, or says not where it lies
64   the command line is wrong
==== =====================================================================
"""

import json
import logging
import os
import sys
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio import Affine
from rasterio._err import CPLE_BaseError  # what the transformations raise; public nowhere
from rasterio.crs import CRS
from rasterio.enums import ColorInterp
from rasterio.errors import NotGeoreferencedWarning, RasterioError
from rasterio.io import DatasetReader, MemoryFile
from rasterio.warp import transform, transform_geom

SIGMAS = 5.0  # above the background; noise alone reaches this in one of 3 million pixels
CLIP_SIGMAS = 3.0  # pixels beyond this are no background
LEAST_NOISE = 1.0  # grey levels, the rounding of an image of integers without any noise
LEAST_PIXELS = 4  # a point is blurred over its neighbours; a hot pixel is not
LONGEST_FILE_NAME = 255  # bytes, the limit of the usual file systems

log = logging.getLogger("detect_points")


class ExitCode(IntEnum):
    """What a caller can tell from the exit code."""

    DONE = 0
    FILE_FAILURE = 1
    GEOTIFF_UNREADABLE = 5
    USAGE = 64


class RefusedError(Exception):
    """The image cannot be used; the message is the sentence a person reads."""


@dataclass(frozen=True, slots=True)
class GeoImage:
    """One band of brightness, and where and when it was taken."""

    brightness: NDArray[np.float64]
    valid: NDArray[np.bool_]
    crs: CRS
    transform: Affine
    times: dict[str, str]


@dataclass(frozen=True, slots=True)
class Point:
    """A bright point; column and row count from the outer corner of the upper left pixel.

    The brightness is the sum above the background, the peak the brightest pixel above it, both in
    grey levels.
    """

    column: float
    row: float
    brightness: float
    peak: float
    pixels: int


def read_geotiff(path: Path) -> GeoImage:
    """Read a GeoTIFF as one band of brightness, the mean of its bands without their alpha.

    Raises
    ------
    RefusedError
        Raised if the file is no GeoTIFF, is truncated, or says not where it lies.
    OSError
        Raised if the file itself cannot be read, which is no fault of its content.
    """
    content = path.read_bytes()  # not GDAL, which reads some names as addresses or archives
    if not content:
        raise RefusedError(f"The image {path.name!r} is empty (0 bytes); send it again.")
    try:
        with warnings.catch_warnings(), MemoryFile(content) as memory:
            warnings.simplefilter("ignore", NotGeoreferencedWarning)  # refused below
            with memory.open(driver="GTiff") as dataset:
                image = _geo_image(dataset)
    except (RasterioError, CPLE_BaseError) as reason:
        raise RefusedError(
            f"The image {path.name!r} ({len(content)} bytes) is not a readable TIFF, or only the"
            f" beginning of one ({_on_one_line(reason)}); make it again."
        ) from reason
    if image.crs is None or image.transform.is_identity:
        raise RefusedError(
            f"The image {path.name!r} is a TIFF without a georeference; it needs a CRS and a"
            " transform."
        )
    return image


def _geo_image(dataset: DatasetReader) -> GeoImage:
    bands = [
        band
        for band, colour in zip(dataset.indexes, dataset.colorinterp, strict=True)
        if colour is not ColorInterp.alpha
    ]
    tags = dataset.tags()
    times = {
        name: tags[name.upper()] for name in ("data_started", "data_ended") if name.upper() in tags
    }
    brightness = dataset.read(bands).astype(np.float64).mean(axis=0)
    valid = (dataset.dataset_mask() > 0) & np.isfinite(brightness)
    return GeoImage(brightness, valid, dataset.crs, dataset.transform, times)


def background_and_noise(brightness: NDArray[np.float64]) -> tuple[float, float]:
    """Median and standard deviation without the points, by sigma clipping until nothing changes.

    Parameters
    ----------
    brightness
        Valid pixels, in any order, at least one; grey levels.
    """
    kept = brightness
    while True:
        middle, noise = float(np.median(kept)), max(float(np.std(kept)), LEAST_NOISE)
        within = kept[np.abs(kept - middle) <= CLIP_SIGMAS * noise]
        if within.size in {kept.size, 0}:
            return middle, noise
        kept = within


def connected_components(bright: NDArray[np.bool_]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Group bright pixels that touch, corners included.

    Returns
    -------
    tuple
        The flat indices of the bright pixels in ascending order, and for each of them its
        component's number; components count from 0 in the order of their first pixel.
    """
    flat = np.flatnonzero(bright)
    number = np.full(np.add(bright.shape, 2), -1)
    number[1:-1, 1:-1][bright] = np.arange(flat.size)
    height, width = bright.shape
    pairs = []
    for down, right in ((0, 1), (1, -1), (1, 0), (1, 1)):
        here = number[1:-1, 1:-1]
        there = number[1 + down : 1 + down + height, 1 + right : 1 + right + width]
        touching = (here >= 0) & (there >= 0)
        pairs.append(np.stack([here[touching], there[touching]]))
    one, other = np.concatenate(pairs, axis=1)
    label = np.arange(flat.size)
    while np.any(label[one] != label[other]):
        lower = np.minimum(label[one], label[other])
        np.minimum.at(label, label[one], lower)
        np.minimum.at(label, label[other], lower)
        label = label[label]
    return flat, np.unique(label, return_inverse=True)[1]


def find_points(brightness: NDArray[np.float64], valid: NDArray[np.bool_]) -> list[Point]:
    """Find bright points, from the top down.

    Parameters
    ----------
    brightness
        Rows and columns of grey levels.
    valid
        Where the brightness means something; elsewhere it is ignored.
    """
    if not valid.any():
        return []
    background, noise = background_and_noise(brightness[valid])
    log.info("Background %.1f, noise %.2f grey levels.", background, noise)
    above = brightness - background
    flat, component = connected_components(valid & (above > SIGMAS * noise))
    weight = above.ravel()[flat]
    rows, columns = np.divmod(flat, brightness.shape[1])
    pixels = np.bincount(component)
    total = np.bincount(component, weight)
    peak = np.zeros(pixels.size)
    np.maximum.at(peak, component, weight)
    column = np.bincount(component, weight * (columns + 0.5)) / total
    row = np.bincount(component, weight * (rows + 0.5)) / total
    return [
        Point(float(column[i]), float(row[i]), float(total[i]), float(peak[i]), int(pixels[i]))
        for i in np.flatnonzero(pixels >= LEAST_PIXELS)
    ]


def feature_collection(points: Sequence[Point], image: GeoImage) -> dict[str, Any]:
    """Describe the points as GeoJSON (RFC 7946), to a tenth of a millimetre on the ground."""
    corners = [image.transform @ (point.column, point.row) for point in points]
    eastings, northings = [x for x, _ in corners], [y for _, y in corners]
    longitudes, latitudes = transform(image.crs, "EPSG:4326", eastings, northings)
    features = [
        {
            "type": "Feature",
            "id": number,
            "geometry": {
                "type": "Point",
                "coordinates": [round(longitude, 9), round(latitude, 9)],
            },
            "properties": {
                "column": round(point.column, 3),
                "row": round(point.row, 3),
                "brightness": round(point.brightness, 2),
                "peak": round(point.peak, 2),
                "pixels": point.pixels,
            },
        }
        for number, (point, longitude, latitude) in enumerate(
            zip(points, longitudes, latitudes, strict=True), start=1
        )
    ]
    return {"type": "FeatureCollection", "features": features}


def footprint(image: GeoImage) -> dict[str, Any]:
    """Draw the image's outline on WGS 84, at height 0: seed 001 requires a 3D geometry."""
    height, width = image.brightness.shape
    ring = [(0, height), (width, height), (width, 0), (0, 0), (0, height)]
    positions = [(*(image.transform @ corner), 0.0) for corner in ring]
    outline = {"type": "Polygon", "coordinates": [positions]}
    geometry: dict[str, Any] = transform_geom(image.crs, "EPSG:4326", outline)
    return geometry


def run(geotiff: Path, output_directory: Path) -> Path:
    """Write the points and their manifest; the manifest is written last, when all else is safe.

    Returns
    -------
    pathlib.Path
        The GeoJSON, named after the image's stem.
    """
    image = read_geotiff(geotiff)
    log.info("Read the image %r: rows, columns %s.", geotiff.name, image.brightness.shape)
    points = find_points(image.brightness, image.valid)
    log.info("Found %d points.", len(points))
    try:
        with rasterio.Env():  # keeps GDAL's messages off standard error
            collection, outline = feature_collection(points, image), footprint(image)
    except CPLE_BaseError as reason:
        raise RefusedError(
            f"The image {geotiff.name!r} lies outside the world of its CRS"
            f" ({_on_one_line(reason)}); correct its georeference."
        ) from reason
    geojson = output_directory.absolute() / _output_name(geotiff.stem, ".geojson")
    _write(geojson, json.dumps(collection, indent=1).encode())
    log.info("Wrote %r, %d bytes.", geojson.name, geojson.stat().st_size)
    manifest = _manifest(geojson, outline, image, len(points))
    _write(geojson.with_name("results_manifest.json"), json.dumps(manifest, indent=2).encode())
    return geojson


def _manifest(
    geojson: Path, outline: dict[str, Any], image: GeoImage, points: int
) -> dict[str, Any]:
    feature = {"type": "Feature", "geometry": outline, "properties": {"points": points}}
    file = {"path": str(geojson), "geo_metadata": {**image.times, "geo_json": feature}}
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
    if len(arguments) != 2:  # noqa: PLR2004 - the two of the usage
        sys.stderr.write("Usage: detect_points.py GEOTIFF OUTPUT_DIR\n")
        return ExitCode.USAGE
    try:
        run(*map(Path, arguments))
    except RefusedError as refusal:
        sys.stderr.write(f"{refusal}\n")
        return ExitCode.GEOTIFF_UNREADABLE
    except OSError as failure:
        sys.stderr.write(f"A file could not be read or written: {_on_one_line(failure)}.\n")
        return ExitCode.FILE_FAILURE
    return ExitCode.DONE


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
