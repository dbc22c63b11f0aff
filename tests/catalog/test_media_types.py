"""The media type of a file name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.media_types import UNKNOWN, media_type_of


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
