"""What is detected is what was put there."""

import math
from collections import deque
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

from examples.algorithms import detect_points, make_geotiff
from examples.scenes import PIXEL_DEGREES, Scene, generate_scene, write_scene


def everywhere(image: NDArray[np.float64]) -> NDArray[np.bool_]:
    return np.ones(image.shape, dtype=bool)


def true_pixels(scene: Scene) -> list[tuple[float, float]]:
    return [
        ((longitude - scene.west) / PIXEL_DEGREES, (scene.north - latitude) / PIXEL_DEGREES)
        for longitude, latitude in scene.points
    ]


@settings(max_examples=200, deadline=None)
@given(seed=st.integers(0, 10**9), size=st.integers(48, 160), points=st.integers(0, 4))
def test_what_is_found_is_what_was_put_there(seed: int, size: int, points: int) -> None:
    scene = generate_scene(seed, size=size, points=points)
    image = scene.pixels.astype(np.float64)
    found = detect_points.find_points(image, everywhere(image))
    assert len(found) == points
    for column, row in true_pixels(scene):
        assert min(math.hypot(p.column - column, p.row - row) for p in found) < 0.5


@pytest.mark.parametrize("seed", range(20))
def test_a_full_scene_is_found_whole(seed: int) -> None:
    scene = generate_scene(seed, size=128, points=81)
    image = scene.pixels.astype(np.float64)
    found = detect_points.find_points(image, everywhere(image))
    assert len(found) == 81
    for column, row in true_pixels(scene):
        assert min(math.hypot(p.column - column, p.row - row) for p in found) < 0.5


@pytest.mark.parametrize("seed", range(10))
def test_longitudes_and_latitudes_survive_both_algorithms(tmp_path: Path, seed: int) -> None:
    scene = generate_scene(seed, size=96, points=9)
    write_scene(tmp_path, scene)
    image, georeference = (tmp_path / f"{scene.name}.{kind}" for kind in ("png", "csv"))
    geotiff = make_geotiff.run(image, georeference, tmp_path)
    read = detect_points.read_geotiff(geotiff)
    points = detect_points.find_points(read.brightness, read.valid)
    features = detect_points.feature_collection(points, read)["features"]
    found = [feature["geometry"]["coordinates"] for feature in features]
    assert len(found) == 9
    for longitude, latitude in scene.points:
        nearest = min(math.hypot(x - longitude, y - latitude) for x, y in found)
        assert nearest < PIXEL_DEGREES / 2


@pytest.mark.parametrize("seed", range(30))
def test_noise_alone_holds_no_points(seed: int) -> None:
    image = np.rint(np.random.default_rng(seed).normal(30, 8, (256, 256)))
    assert detect_points.find_points(image, everywhere(image)) == []


def test_an_even_image_holds_no_points() -> None:
    image = np.full((64, 64), 17.0)
    assert detect_points.find_points(image, everywhere(image)) == []


def test_hot_pixels_are_no_points() -> None:
    image = np.random.default_rng(1).normal(30, 3, (128, 128))
    image[5::16, 7::16] = 255
    assert detect_points.find_points(image, everywhere(image)) == []


def test_pixels_that_mean_nothing_are_ignored() -> None:
    scene = generate_scene(5, size=64, points=4)
    image = scene.pixels.astype(np.float64)
    assert detect_points.find_points(image, ~everywhere(image)) == []


def test_brightness_is_the_light_above_the_background() -> None:
    image = np.full((32, 32), 20.0)
    image[10:12, 20:23] += 100
    (point,) = detect_points.find_points(image, everywhere(image))
    assert point == detect_points.Point(21.5, 11.0, brightness=600.0, peak=100.0, pixels=6)


@given(arrays.arrays(np.bool_, st.tuples(st.integers(1, 12), st.integers(1, 12))))
def test_components_are_those_of_a_flood_fill(bright: NDArray[np.bool_]) -> None:
    flat, component = detect_points.connected_components(bright)
    assert flat.tolist() == np.flatnonzero(bright).tolist()
    assert component.tolist() == flood_fill(bright)


def flood_fill(bright: NDArray[np.bool_]) -> list[int]:
    """Label the components pixel by pixel, the slow and obvious way."""
    label: dict[tuple[int, int], int] = {}
    pixels = [(int(row), int(column)) for row, column in np.argwhere(bright)]
    number = 0
    for start in pixels:
        if start in label:
            continue
        label[start], waiting = number, deque([start])
        while waiting:
            row, column = waiting.popleft()
            for near in pixels:
                touches = abs(near[0] - row) <= 1 and abs(near[1] - column) <= 1
                if touches and near not in label:
                    label[near] = number
                    waiting.append(near)
        number += 1
    return [label[pixel] for pixel in pixels]
