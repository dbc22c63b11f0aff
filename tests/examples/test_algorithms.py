"""The algorithms from the outside: command line, exit code, manifest, log."""

import json
import math
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import rasterio

from examples.scenes import PIXEL_DEGREES, Scene, generate_scene, write_scene
from tests.examples.running import Outcome, run_algorithm

pytestmark = pytest.mark.slow


def make(directory: Path, scene: Scene) -> Outcome:
    image, georeference = (directory / f"{scene.name}.{kind}" for kind in ("png", "csv"))
    return run_algorithm("make_geotiff.py", image, georeference, output_directory=directory / "tif")


def detect(directory: Path, geotiff: Path) -> Outcome:
    return run_algorithm("detect_points.py", geotiff, output_directory=directory / "points")


@pytest.mark.parametrize(
    "name",
    [
        "plain",
        "with spaces ",
        "héllo 地図 🛰",
        "two\nARTIFACT:geo_image:lines",
        "http:a?b#c%20!d",
        "-",
        "x" * 251,
    ],
)
def test_both_algorithms_in_a_row_find_the_points_whatever_the_name(
    tmp_path: Path, name: str
) -> None:
    scene = generate_scene(11, size=64, points=5, name=name)
    if name == "x" * 251:  # as long as a name can be; the transfer suffix has no room
        write_scene(tmp_path, scene, transfer_suffix="")
    else:
        write_scene(tmp_path, scene)
    made = make(tmp_path, scene)
    assert (made.exit_code, made.stderr) == (0, "")
    assert made.product == tmp_path / "tif" / f"{name}.tif"
    found = detect(tmp_path, made.product)
    assert (found.exit_code, found.stderr) == (0, "")
    assert found.product.name == f"{name[:247]}.geojson"
    assert_points(scene, found.product)
    assert "\nARTIFACT:" not in made.stdout + found.stdout


def assert_points(scene: Scene, geojson: Path) -> None:
    collection = json.loads(geojson.read_bytes())
    assert collection["type"] == "FeatureCollection"
    found = [feature["geometry"]["coordinates"] for feature in collection["features"]]
    assert len(found) == len(scene.points)
    for longitude, latitude in scene.points:
        nearest = min(math.hypot(x - longitude, y - latitude) for x, y in found)
        assert nearest < PIXEL_DEGREES / 2


def test_both_manifests_say_where_and_when(tmp_path: Path) -> None:
    scene = generate_scene(12, size=64, points=5)
    write_scene(tmp_path, scene)
    made = make(tmp_path, scene)
    found = detect(tmp_path, made.product)
    west, south, east, north = scene.west, scene.south, scene.east, scene.north
    corners = {(west, south), (east, south), (east, north), (west, north)}
    for manifest in (made.manifest, found.manifest):
        assert manifest["version"] == "1.1"
        (output,) = manifest["output_data"]
        assert output["name"] == "geo_image"
        geo_metadata = output["file"]["geo_metadata"]
        assert geo_metadata["data_started"] == scene.data_started.strftime("%Y-%m-%dT%H:%M:%SZ")
        assert geo_metadata["data_ended"] == scene.data_ended.strftime("%Y-%m-%dT%H:%M:%SZ")
        feature = geo_metadata["geo_json"]
        assert feature["type"] == "Feature"
        assert feature["geometry"]["type"] == "Polygon"
        (ring,) = feature["geometry"]["coordinates"]
        assert ring[0] == ring[-1]
        assert {(round(x, 4), round(y, 4)) for x, y, _ in ring} == corners
        assert {height for _, _, height in ring} == {0}
        assert signed_area(ring) > 0, "RFC 7946: outer rings turn left"


def signed_area(ring: list[list[float]]) -> float:
    return sum(one[0] * other[1] - other[0] * one[1] for one, other in pairwise(ring))


def test_every_found_point_says_its_pixel_and_brightness(tmp_path: Path) -> None:
    scene = generate_scene(13, size=64, points=5)
    write_scene(tmp_path, scene)
    found = detect(tmp_path, make(tmp_path, scene).product)
    for feature in json.loads(found.product.read_bytes())["features"]:
        properties = feature["properties"]
        longitude, latitude = feature["geometry"]["coordinates"]
        column = (longitude - scene.west) / PIXEL_DEGREES
        row = (scene.north - latitude) / PIXEL_DEGREES
        assert properties["column"] == pytest.approx(column, abs=1e-3)
        assert properties["row"] == pytest.approx(row, abs=1e-3)
        assert properties["brightness"] > properties["peak"] > 0


def test_a_scene_without_points_is_no_error(tmp_path: Path) -> None:
    scene = generate_scene(14, size=64, points=0)
    write_scene(tmp_path, scene)
    found = detect(tmp_path, make(tmp_path, scene).product)
    assert found.exit_code == 0
    assert json.loads(found.product.read_bytes())["features"] == []


def empty(path: Path) -> None:
    path.write_bytes(b"")


def text(path: Path) -> None:
    path.write_text("no image at all\n", encoding="utf-8")


def truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def without_columns(path: Path) -> None:
    path.write_text("west,south\n1,2\n", encoding="utf-8")


def west_beyond_east(path: Path) -> None:
    header, row = path.read_text(encoding="utf-8").splitlines()
    west, south, east, *others = row.split(",")
    row = ",".join([east, south, west, *others])
    path.write_text(f"{header}\n{row}\n", encoding="utf-8")


def gone(path: Path) -> None:
    path.unlink()


@pytest.mark.parametrize(
    ("spoil", "kind", "exit_code", "sentence"),
    [
        (empty, "png", 2, "The image 'scene-00001.png' is empty (0 bytes); send it again."),
        (text, "png", 2, "only the beginning of one (its header is not a PNG's); send it again."),
        (truncated, "png", 2, "is not a readable PNG, or only the beginning of one"),
        (without_columns, "csv", 3, "The georeference 'scene-00001.csv' lacks the columns east"),
        (west_beyond_east, "csv", 4, "is not less than east"),
        (gone, "csv", 1, "A file could not be read or written: [Errno 2]"),
    ],
)
def test_the_maker_says_in_one_sentence_why_it_refuses(
    tmp_path: Path, spoil: Callable[[Path], None], kind: str, exit_code: int, sentence: str
) -> None:
    scene = generate_scene(1, size=64, points=3)
    write_scene(tmp_path, scene)
    spoil(tmp_path / f"{scene.name}.{kind}")
    assert_refused(make(tmp_path, scene), exit_code, sentence)


def assert_refused(outcome: Outcome, exit_code: int, sentence: str) -> None:
    assert outcome.exit_code == exit_code, outcome.stderr
    assert sentence in outcome.stderr
    assert outcome.stderr.count("\n") == 1
    assert outcome.stderr.endswith(".\n")
    assert list(outcome.output_directory.iterdir()) == []


def without_georeference(path: Path) -> None:
    with (
        pytest.warns(rasterio.errors.NotGeoreferencedWarning),
        rasterio.open(
            path, "w", driver="GTiff", width=8, height=8, count=1, dtype="uint8"
        ) as dataset,
    ):
        dataset.write(np.zeros((1, 8, 8), np.uint8))


def a_png(path: Path) -> None:
    path.write_bytes(generate_scene(1, size=64, points=3).png())


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (empty, "The image 'a.tif' is empty (0 bytes); send it again."),
        (text, "The image 'a.tif' (16 bytes) is not a readable TIFF"),
        (a_png, "is not a readable TIFF"),
        (truncated, "is not a readable TIFF, or only the beginning of one"),
        (without_georeference, "is a TIFF without a georeference"),
    ],
)
def test_the_detector_says_in_one_sentence_why_it_refuses(
    tmp_path: Path, spoil: Callable[[Path], None], sentence: str
) -> None:
    geotiff = tmp_path / "a.tif"
    with rasterio.open(
        geotiff, "w", driver="GTiff", width=64, height=64, count=1, dtype="uint8",
        crs="EPSG:4326", transform=rasterio.Affine(1 / 64, 0, 0, 0, -1 / 64, 1),
    ) as dataset:  # fmt: skip
        dataset.write(np.full((1, 64, 64), 9, np.uint8))
    spoil(geotiff)
    assert_refused(detect(tmp_path, geotiff), 5, sentence)


@pytest.mark.parametrize("command", ["make_geotiff.py", "detect_points.py"])
def test_a_wrong_command_line_is_told_apart_from_bad_data(tmp_path: Path, command: str) -> None:
    outcome = run_algorithm(command, output_directory=tmp_path / "out")
    assert outcome.exit_code == 64
    assert outcome.stderr.startswith(f"Usage: {command} ")
