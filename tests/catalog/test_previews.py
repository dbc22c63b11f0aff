"""Previews: of what can be drawn, and of what cannot."""

import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import rasterio
from PIL import Image
from rasterio.transform import Affine

from catalog.previews import Workshop, has_preview
from catalog.previews.drawing import MOST_BYTES

RASTER = {"driver": "GTiff", "crs": "EPSG:4326", "transform": Affine(0.01, 0, 10, 0, -0.01, 50)}


@pytest.fixture(scope="module")
def shop() -> Workshop:
    """Return a workshop for the tests of this file."""
    return Workshop()


@pytest.fixture(scope="module", autouse=True)
def _closed(shop: Workshop) -> Iterator[None]:
    yield
    shop.close()


def write_raster(path: Path, data: np.ndarray, **profile: object) -> Path:
    """Write bands as a GeoTIFF."""
    count, height, width = data.shape
    size = {"count": count, "height": height, "width": width, "dtype": str(data.dtype)}
    with rasterio.open(path, "w", **{**RASTER, **size, **profile}) as target:
        target.write(data)
    return path


def opened(png: bytes | None) -> Image.Image:
    """Return the picture of a preview."""
    assert png is not None
    assert len(png) <= MOST_BYTES
    return Image.open(io.BytesIO(png))


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32", "int16", "complex64"])
@pytest.mark.parametrize("bands", [1, 2, 3, 5])
def test_a_geotiff_of_any_kind_is_drawn_small(
    shop: Workshop, tmp_path: Path, dtype: str, bands: int
) -> None:
    noise = np.random.default_rng(1).normal(100, 30, (bands, 700, 1400)).clip(0, 255)
    path = write_raster(tmp_path / "a.tif", noise.astype(dtype))

    made = shop.draw(path, "image/tiff")

    picture = opened(made.png)
    assert (picture.width, picture.height) == (made.width, made.height)
    assert picture.width <= 512
    assert abs(picture.width - 2 * picture.height) <= 1
    assert made == shop.draw(path, "image/tiff")  # the same each time


def test_what_is_no_data_is_seen_through(shop: Workshop, tmp_path: Path) -> None:
    data = np.full((1, 64, 64), 7.0, dtype="float32")
    data[0, :, :32] = -9999
    data[0, 0, 63] = np.nan
    data[0, 5, 60] = 9
    path = write_raster(tmp_path / "a.tif", data, nodata=-9999)

    picture = opened(shop.draw(path, "image/tiff").png).convert("RGBA")

    alpha = picture.getchannel("A")
    assert (alpha.getpixel((5, 32)), alpha.getpixel((60, 32))) == (0, 255)


def test_a_palette_gives_its_colours(shop: Workshop, tmp_path: Path) -> None:
    path = write_raster(tmp_path / "a.tif", np.ones((1, 8, 8), dtype="uint8"))
    with rasterio.open(path, "r+") as target:
        target.write_colormap(1, {0: (0, 0, 0, 255), 1: (200, 10, 20, 255)})

    assert opened(shop.draw(path, "image/tiff").png).convert("RGB").getpixel((4, 4)) == (
        200,
        10,
        20,
    )


@pytest.mark.parametrize(
    ("kind", "media_type", "mode"),
    [("PNG", "image/png", "RGBA"), ("PNG", "image/png", "I;16"), ("JPEG", "image/jpeg", "L"),
     ("GIF", "image/gif", "P")],
)  # fmt: skip
def test_an_image_is_drawn_small(
    shop: Workshop, tmp_path: Path, kind: str, media_type: str, mode: str
) -> None:
    path = tmp_path / "a"
    Image.new(mode, (1000, 500)).save(path, kind)

    made = shop.draw(path, media_type)

    assert (made.width, made.height) == (512, 256)
    opened(made.png).load()


def bomb(path: Path) -> None:
    Image.new("1", (20000, 20000)).save(path, "PNG")


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (b"", "image/png"),
        (b"", "image/tiff"),
        (b"no image at all", "image/jpeg"),
        (b"II*\x00\x08\x00\x00\x00\xff\xff" + b"\xff" * 200, "image/tiff"),
        (b"\x89PNG\r\n\x1a\n" + b"\x00" * 100, "image/png"),
        (None, "image/png"),
    ],
)
def test_a_broken_file_has_a_reason_instead(
    shop: Workshop, tmp_path: Path, content: bytes | None, media_type: str
) -> None:
    path = tmp_path / "broken"
    if content is None:
        bomb(path)
    else:
        path.write_bytes(content)

    made = shop.draw(path, media_type)

    assert made.png is None
    assert made.problem is not None
    assert "cannot be drawn" in made.problem
    assert str(tmp_path) not in made.problem


def test_what_a_raster_refers_to_is_not_opened(shop: Workshop, tmp_path: Path) -> None:
    other = write_raster(tmp_path / "a.tif", np.ones((1, 8, 8), dtype="uint8"))
    vrt = tmp_path / "b.tif"
    vrt.write_text(
        '<VRTDataset rasterXSize="8" rasterYSize="8"><VRTRasterBand dataType="Byte" band="1">'
        f"<SimpleSource><SourceFilename>{other}</SourceFilename></SimpleSource>"
        "</VRTRasterBand></VRTDataset>"
    )

    assert shop.draw(vrt, "image/tiff").png is None


def test_one_that_takes_too_long_is_given_up_and_the_next_is_drawn(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    Image.new("L", (10, 10)).save(path, "PNG")
    impatient = Workshop(seconds=0.0)

    made = impatient.draw(path, "image/png")
    assert made.problem is not None
    assert "longer" in made.problem

    patient = Workshop()
    assert patient.draw(path, "image/png").png
    patient.close()
    assert patient.draw(path, "image/png").png  # a process that ended is begun anew
    patient.close()


def test_only_pictures_have_previews() -> None:
    assert has_preview("image/tiff")
    assert not has_preview("text/csv")
    assert not has_preview("image/svg+xml")  # a program, to whoever shows it
