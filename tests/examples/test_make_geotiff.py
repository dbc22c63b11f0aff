"""Reading images and georeferences, and what a GeoTIFF says."""

import io
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
import rasterio
from PIL import Image
from rasterio.coords import BoundingBox
from rasterio.crs import CRS
from rasterio.io import MemoryFile

from examples.algorithms import make_geotiff
from examples.algorithms.make_geotiff import ExitCode, Georeference, RefusedError

HEADER = "west,south,east,north,crs,data_started,data_ended"
TIMES = "2015-05-15T10:34:12Z,2015-05-15T10:36:12Z"
START = datetime(2015, 5, 15, 10, 34, 12, tzinfo=UTC)


def georeference(crs: str, *bounds: float) -> Georeference:
    return Georeference(BoundingBox(*bounds), CRS.from_user_input(crs), START, START)


def read(tmp_path: Path, text: str | bytes) -> Georeference:
    path = tmp_path / "a.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return make_geotiff.read_georeference(path)


def test_the_geotiff_is_tiled_deflated_and_says_where_and_when_it_is_from() -> None:
    pixels = np.arange(300 * 200, dtype=np.uint16).reshape(1, 200, 300)
    content = make_geotiff.encode_geotiff(pixels, georeference("EPSG:4326", 10, 50, 10.3, 50.2))
    with MemoryFile(content) as memory, memory.open(driver="GTiff") as dataset:
        np.testing.assert_array_equal(dataset.read(), pixels)
        assert dataset.profile["tiled"]
        assert dataset.profile["compress"] == "deflate"
        assert dataset.crs == CRS.from_epsg(4326)
        assert tuple(dataset.bounds) == pytest.approx((10, 50, 10.3, 50.2))
        assert dataset.transform @ (0, 0) == pytest.approx((10, 50.2))
        assert dataset.tags()["DATA_STARTED"] == "2015-05-15T10:34:12Z"
        assert dataset.tags()["DATA_ENDED"] == "2015-05-15T10:34:12Z"
        assert dataset.tags()["TIFFTAG_DATETIME"] == "2015:05:15 10:34:12"


def test_the_same_inputs_give_the_same_bytes() -> None:
    pixels = np.zeros((3, 40, 50), dtype=np.uint8)
    place = georeference("EPSG:32633", 400_000, 0, 400_050, 40)
    assert make_geotiff.encode_geotiff(pixels, place) == make_geotiff.encode_geotiff(pixels, place)


@pytest.mark.parametrize(
    ("mode", "dtype", "colours"),
    [
        ("1", "uint8", ["gray"]),
        ("L", "uint8", ["gray"]),
        ("LA", "uint8", ["gray", "alpha"]),
        ("I;16", "uint16", ["gray"]),
        ("P", "uint8", ["red", "green", "blue"]),
        ("RGB", "uint8", ["red", "green", "blue"]),
        ("RGBA", "uint8", ["red", "green", "blue", "alpha"]),
    ],
)
def test_every_kind_of_png_keeps_its_bands(
    tmp_path: Path, mode: str, dtype: str, colours: list[str]
) -> None:
    Image.new(mode, (20, 10)).save(tmp_path / "a.png")
    pixels = make_geotiff.read_image(tmp_path / "a.png")
    content = make_geotiff.encode_geotiff(pixels, georeference("EPSG:4326", 0, 0, 2, 1))
    with MemoryFile(content) as memory, memory.open(driver="GTiff") as dataset:
        assert dataset.dtypes[0] == dtype
        assert [colour.name for colour in dataset.colorinterp] == colours
        assert (dataset.width, dataset.height) == (20, 10)


def test_a_png_cut_anywhere_is_refused(tmp_path: Path) -> None:
    whole = io.BytesIO()
    noise = np.random.default_rng(0).integers(0, 255, (16, 16), dtype=np.uint8)
    Image.fromarray(noise).save(whole, format="PNG")
    path = tmp_path / "a.png"
    for length in range(len(whole.getvalue())):
        path.write_bytes(whole.getvalue()[:length])
        with pytest.raises(RefusedError) as refusal:
            make_geotiff.read_image(path)
        assert refusal.value.exit_code is ExitCode.IMAGE_UNREADABLE, length


def test_a_georeference_is_read_with_its_times_in_utc(tmp_path: Path) -> None:
    row = "10, 50 ,10.5,50.5,EPSG:4326,2015-05-15T12:34:12+02:00,2015-05-15T10:36:12Z"
    read_back = read(tmp_path, f"\ufeff{HEADER}\r\n{row}\r\n\r\n")
    assert read_back.bounds == BoundingBox(10, 50, 10.5, 50.5)
    assert read_back.data_started == START


def test_columns_may_stand_in_any_order_with_others_between(tmp_path: Path) -> None:
    header = "note,crs,north,east,south,west,data_ended,data_started"
    row = f'"a, b",EPSG:4326,4,3,2,1,{",".join(reversed(TIMES.split(",")))}'
    assert read(tmp_path, f"{header}\n{row}\n").bounds == BoundingBox(1, 2, 3, 4)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "lacks the columns west, south"),
        ("west,south,east\n1,2,3\n", "lacks the columns north, crs, data_started, data_ended"),
        (f"{HEADER}\n", "has 0 rows"),
        (f"{HEADER}\n1,2,3,4,EPSG:4326,{TIMES}\n1,2,3,4,EPSG:4326,{TIMES}\n", "has 2 rows"),
        (f"{HEADER}\n1,2,3\n", "a row of 3 values below 7 columns"),
        (b"\x89PNG\r\n\x1a\n", "is not CSV text in UTF-8"),
    ],
)
def test_a_georeference_without_its_columns_or_row_is_incomplete(
    tmp_path: Path, text: str | bytes, why: str
) -> None:
    with pytest.raises(RefusedError, match=why) as refusal:
        read(tmp_path, text)
    assert refusal.value.exit_code is ExitCode.GEOREFERENCE_INCOMPLETE


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (f"3,2,1,4,EPSG:4326,{TIMES}", "west .3.0. is not less than east"),
        (f"1,2,1,4,EPSG:4326,{TIMES}", "west .1.0. is not less than east"),
        (f"1,4,3,2,EPSG:4326,{TIMES}", "south .4.0. is not less than north"),
        (f"one,2,3,4,EPSG:4326,{TIMES}", "west is 'one'"),
        (f"nan,2,3,4,EPSG:4326,{TIMES}", "west is 'nan'"),
        (f"1,2,3,inf,EPSG:4326,{TIMES}", "north is 'inf'"),
        (f"1,2,3,4,,{TIMES}", "crs is ''"),
        (f"1,2,3,4,EPSG:99999,{TIMES}", "crs is 'EPSG:99999'"),
        (f"1,2,3,4,EPSG:5773,{TIMES}", "neither geographic nor projected"),
        (f"170,2,190,4,EPSG:4326,{TIMES}", "outside the world"),
        (f"1,2,3,91,EPSG:4326,{TIMES}", "outside the world"),
        (f"1e12,2,2e12,4e9,EPSG:32633,{TIMES}", "outside the world"),
        ("1,2,3,4,EPSG:4326,yesterday,2015-05-15T10:36:12Z", "data_started is 'yesterday'"),
        ("1,2,3,4,EPSG:4326,2015-05-15T10:34:12,2015-05-15T10:36:12Z", "with Z or an offset"),
        ("1,2,3,4,EPSG:4326,0001-01-01T00:00:00+05:00,2015-05-15T10:36:12Z", "data_started is"),
        ("1,2,3,4,EPSG:4326,2015-05-15T10:37:12Z,2015-05-15T10:36:12Z", "later than data_ended"),
    ],
)
def test_a_georeference_with_impossible_values_is_invalid(
    tmp_path: Path, row: str, why: str
) -> None:
    with pytest.raises(RefusedError, match=why) as refusal:
        read(tmp_path, f"{HEADER}\n{row}\n")
    assert refusal.value.exit_code is ExitCode.GEOREFERENCE_INVALID


def test_the_footprint_of_a_projected_image_is_in_degrees() -> None:
    # Zone 33's central meridian, easting 500 km, is 15 degrees east; northing 0 is the equator.
    outline = make_geotiff.footprint(georeference("EPSG:32633", 500_000, 0, 510_000, 10_000))
    west, south, height = outline["coordinates"][0][0]
    assert (west, south, height) == pytest.approx((15, 0, 0), abs=1e-9)
    assert outline["coordinates"][0][2][0] == pytest.approx(15.0898, abs=1e-3)
    assert outline["coordinates"][0][2][1] == pytest.approx(0.0904, abs=1e-3)


def test_a_footprint_across_the_antimeridian_is_cut_in_two() -> None:
    outline = make_geotiff.footprint(georeference("EPSG:32601", 100_000, 0, 510_000, 10_000))
    assert outline["type"] == "MultiPolygon"


def test_rasterio_opens_what_was_written(tmp_path: Path) -> None:
    Image.new("L", (32, 32)).save(tmp_path / "a.png")
    (tmp_path / "a.csv").write_text(f"{HEADER}\n1,2,3,4,EPSG:4326,{TIMES}\n", encoding="utf-8")
    geotiff = make_geotiff.run(tmp_path / "a.png", tmp_path / "a.csv", tmp_path)
    with rasterio.open(geotiff) as dataset:
        assert dataset.driver == "GTiff"
    assert not list(tmp_path.glob(".*"))
