"""The media type of a file name, and of content whose name says nothing."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.media_types import UNKNOWN, media_type_of, media_type_of_content


@pytest.mark.parametrize(
    ("file_name", "media_type"),
    [
        ("scene.tif", "image/tiff"),
        ("scene.TIF", "image/tiff"),
        ("scene.tiff", "image/tiff"),
        ("points.geojson", "application/vnd.geo+json"),
        ("cube.h5", "image/x-hdf5-image"),
        ("model.nc", "application/x-netcdf"),
        ("image.ntf", "image/x-nitf-image"),
        ("places.kml", "application/vnd.google-earth.kml+xml"),
        ("a.json", "application/json"),
        ("a.xml", "application/xml"),
        ("a.png", "image/png"),
        ("a.csv", "text/csv"),
        ("a.tif.gz", UNKNOWN),
        ("README", UNKNOWN),
        (".tif", UNKNOWN),
        ("a.unheard-of", UNKNOWN),
    ],
)
def test_the_extension_says_the_media_type(file_name: str, media_type: str) -> None:
    assert media_type_of(file_name) == media_type


@given(stem=st.text(min_size=1).filter(lambda text: "/" not in text and text.strip(".")))
def test_whatever_stands_before_the_extension_does_not_matter(stem: str) -> None:
    assert media_type_of(f"{stem}.tif") == "image/tiff"


@pytest.mark.parametrize(
    ("head", "media_type"),
    [
        (b"\x89HDF\r\n\x1a\n", "image/x-hdf5-image"),
        (b"CDF\x01", "application/x-netcdf"),
        (b"NITF02.10", "image/x-nitf-image"),
        (b"II*\x00", "image/tiff"),
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"PK\x03\x04", "application/zip"),
        (b"a line of text", None),
        (b"", None),
    ],
)
def test_content_says_the_media_type_where_the_name_says_none(
    tmp_path: Path, head: bytes, media_type: str | None
) -> None:
    file = tmp_path / "scene.0042"
    file.write_bytes(head + bytes(64) if head else head)

    assert media_type_of_content(file, file.name) == media_type


def test_content_is_not_asked_where_the_name_says_the_media_type(tmp_path: Path) -> None:
    assert media_type_of_content(tmp_path / "never-read.tif", "scene.tif") is None


@given(head=st.binary(max_size=300))
def test_any_content_has_a_media_type_or_none(
    tmp_path_factory: pytest.TempPathFactory, head: bytes
) -> None:
    file = tmp_path_factory.getbasetemp() / "any-content"
    file.write_bytes(head)

    found = media_type_of_content(file, file.name)

    assert found is None or "/" in found
