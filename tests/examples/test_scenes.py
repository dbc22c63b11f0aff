"""Scenes are reproducible and written as a sender writes."""

import csv
import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from examples.scenes import generate_scene, generate_scenes, main, write_scene


def test_the_same_seed_gives_the_same_files() -> None:
    one, other = generate_scene(7), generate_scene(7)
    assert (one.png(), one.csv(), one.points) == (other.png(), other.csv(), other.points)


def test_different_seeds_give_different_images() -> None:
    assert len({scene.png() for scene in generate_scenes(5)}) == 5


def test_count_size_and_points_are_as_asked() -> None:
    scenes = list(generate_scenes(3, seed=10, size=96, points=5))
    assert [scene.name for scene in scenes] == ["scene-00010", "scene-00011", "scene-00012"]
    assert {scene.pixels.shape for scene in scenes} == {(96, 96)}
    assert {len(scene.points) for scene in scenes} == {5}


def test_more_points_than_fit_are_refused_with_the_number_that_fits() -> None:
    with pytest.raises(ValueError, match="at most 16 do"):
        generate_scene(0, size=64, points=17)


def test_every_point_lies_inside_the_scene() -> None:
    scene = generate_scene(3, size=64, points=16)
    for longitude, latitude in scene.points:
        assert scene.west < longitude < scene.east
        assert scene.south < latitude < scene.north


def test_both_files_are_written_and_the_points_returned(tmp_path: Path) -> None:
    scene = generate_scene(1, size=64, points=3, name="a scene")
    points = write_scene(tmp_path, scene)
    assert points == scene.points
    assert {path.name for path in tmp_path.iterdir()} == {"a scene.png", "a scene.csv"}
    with Image.open(tmp_path / "a scene.png") as image:
        np.testing.assert_array_equal(np.asarray(image), scene.pixels)
    (row,) = csv.DictReader(io.StringIO((tmp_path / "a scene.csv").read_text(encoding="utf-8")))
    assert float(row["west"]) == scene.west


@pytest.mark.parametrize("kind", ["png", "csv"])
def test_a_file_has_its_transfer_suffix_until_it_is_whole(tmp_path: Path, kind: str) -> None:
    scene = generate_scene(1, size=64, points=3, name="a")
    (tmp_path / f"a.{kind}.part").mkdir()  # the transfer cannot begin
    with pytest.raises(IsADirectoryError):
        write_scene(tmp_path, scene, transfer_suffix=".part")
    assert not (tmp_path / f"a.{kind}").exists()


def test_a_file_appears_by_renaming(tmp_path: Path) -> None:
    scene = generate_scene(1, size=64, points=3, name="a")
    (tmp_path / "a.png").write_bytes(b"before")
    with (tmp_path / "a.png").open("rb") as reader:
        write_scene(tmp_path, scene)
        assert reader.read() == b"before"


def test_the_command_line_writes_as_many_scenes_as_asked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(tmp_path / "new"), "--count", "2", "--size", "64", "--points", "4"]) == 0
    assert len(list((tmp_path / "new").glob("*.png"))) == 2
    assert len(list((tmp_path / "new").glob("*.csv"))) == 2
    assert capsys.readouterr().out == "scene-00000: 4 points\nscene-00001: 4 points\n"


def test_the_command_line_says_why_it_refuses(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main([str(tmp_path), "--size", "32", "--points", "50"])
    assert "50 points do not fit" in capsys.readouterr().err
