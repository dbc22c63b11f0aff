"""Generate scenes whose points are known: a PNG and the CSV that says where it lies.

The same seed always gives the same scene, so what an algorithm finds can be compared with what was
put there. Imports nothing of ours.
"""

import argparse
import csv
import io
import os
import random
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

PIXEL_DEGREES = 0.0001  # about 11 m on the ground
SPACING = 12  # pixels between neighbouring points before their jitter; less would let them merge
JITTER = 2.0  # pixels either way
MARGIN = 8  # pixels along the edge without points
SPREAD = 1.2  # pixels, the standard deviation of a point's blur
BACKGROUND = 30.0  # grey levels
NOISE = 3.0  # grey levels, standard deviation

Position = tuple[float, float]
"""Longitude and latitude, degrees on WGS 84."""


@dataclass(frozen=True, slots=True)
class Scene:
    """A grey image of points, where it lies, and the points that are in it."""

    name: str
    pixels: NDArray[np.uint8]
    west: float
    south: float
    east: float
    north: float
    data_started: datetime
    data_ended: datetime
    points: tuple[Position, ...]

    def png(self) -> bytes:
        """Encode the image."""
        content = io.BytesIO()
        Image.fromarray(self.pixels).save(content, format="PNG")
        return content.getvalue()

    def csv(self) -> bytes:
        """Encode the georeference as ``make_geotiff.py`` reads it."""
        content = io.StringIO(newline="")
        writer = csv.writer(content)
        writer.writerow(["west", "south", "east", "north", "crs", "data_started", "data_ended"])
        times = (moment.strftime("%Y-%m-%dT%H:%M:%SZ") for moment in self._times())
        writer.writerow([self.west, self.south, self.east, self.north, "EPSG:4326", *times])
        return content.getvalue().encode()

    def _times(self) -> tuple[datetime, datetime]:
        return self.data_started, self.data_ended


def generate_scene(
    seed: int, *, size: int = 128, points: int = 12, name: str | None = None
) -> Scene:
    """Generate one scene; equal arguments give an equal scene.

    Parameters
    ----------
    seed
        Decides place, time, points and noise.
    size
        Width and height in pixels.
    points
        How many points; they keep apart from each other and from the edge.
    name
        The stem of the files' names, by default ``scene-<seed>``.

    Raises
    ------
    ValueError
        Raised if that many points do not fit into that size.
    """
    dice = random.Random(seed)  # noqa: S311 - reproducible on purpose, no secret
    west = round(dice.uniform(-170, 170), 4)
    south = round(dice.uniform(-60, 60), 4)
    extent = size * PIXEL_DEGREES
    east, north = round(west + extent, 4), round(south + extent, 4)
    started = datetime(2015, 5, 15, 10, 34, 12, tzinfo=UTC) + timedelta(
        minutes=dice.randrange(600_000)
    )
    places = _places(dice, size, points)
    return Scene(
        name=f"scene-{seed:05d}" if name is None else name,
        pixels=_image(seed, size, [(place, dice.uniform(60, 200)) for place in places]),
        west=west,
        south=south,
        east=east,
        north=north,
        data_started=started,
        data_ended=started + timedelta(minutes=2),
        points=tuple(
            (west + column * PIXEL_DEGREES, north - row * PIXEL_DEGREES) for column, row in places
        ),
    )


def _places(dice: random.Random, size: int, points: int) -> list[tuple[float, float]]:
    """Draw cells of a grid without repetition, and move each point a little inside its cell.

    Columns and rows count from the outer corner of the upper left pixel.
    """
    centres = np.arange(MARGIN + SPACING / 2, size - MARGIN - SPACING / 2 + 1, SPACING).tolist()
    cells = [(column, row) for row in centres for column in centres]
    if points > len(cells):
        raise ValueError(
            f"{points} points do not fit into a scene of {size} by {size} pixels; at most"
            f" {len(cells)} do, so ask for fewer or for a larger scene."
        )
    return [
        (column + dice.uniform(-JITTER, JITTER), row + dice.uniform(-JITTER, JITTER))
        for column, row in dice.sample(cells, points)
    ]


def _image(
    seed: int, size: int, points: list[tuple[tuple[float, float], float]]
) -> NDArray[np.uint8]:
    """Blur each point over its neighbours, on a noisy background."""
    centres = np.arange(size) + 0.5
    grey = np.random.default_rng(seed).normal(BACKGROUND, NOISE, (size, size))
    for (column, row), brightness in points:
        across = np.exp(-((centres - column) ** 2) / (2 * SPREAD**2))
        down = np.exp(-((centres - row) ** 2) / (2 * SPREAD**2))
        grey += brightness * np.outer(down, across)
    return np.clip(np.rint(grey), 0, 255).astype(np.uint8)


def generate_scenes(
    count: int, *, seed: int = 0, size: int = 128, points: int = 12
) -> Iterator[Scene]:
    """Generate the scenes of the seeds ``seed`` to ``seed + count - 1``, one at a time."""
    for each in range(seed, seed + count):
        yield generate_scene(each, size=size, points=points)


def write_scene(
    directory: Path, scene: Scene, transfer_suffix: str = "_tmp"
) -> tuple[Position, ...]:
    """Write ``<name>.png`` and ``<name>.csv`` as a sender does whom a Strike process watches.

    Each file is written under its name plus the suffix and renamed when it is whole, one after the
    other (seed 001, "Strike Configuration").

    Returns
    -------
    tuple
        The points that are in the scene, longitude and latitude.
    """
    _send(directory / f"{scene.name}.png", scene.png(), transfer_suffix)
    _send(directory / f"{scene.name}.csv", scene.csv(), transfer_suffix)
    return scene.points


def _send(path: Path, content: bytes, transfer_suffix: str) -> None:
    transferring = path.with_name(path.name + transfer_suffix)
    with transferring.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    transferring.replace(path)


def main(arguments: Sequence[str]) -> int:
    """Write scenes from the command line: ``python -m examples.scenes DIR --count 4``."""
    parser = argparse.ArgumentParser(prog="python -m examples.scenes", description=__doc__)
    parser.add_argument("directory", type=Path, help="where to write; made if it is missing")
    parser.add_argument("--count", type=int, default=1, help="how many scenes (default 1)")
    parser.add_argument("--seed", type=int, default=0, help="the first scene's seed (default 0)")
    parser.add_argument("--size", type=int, default=128, help="pixels each way (default 128)")
    parser.add_argument("--points", type=int, default=12, help="points per scene (default 12)")
    parser.add_argument("--transfer-suffix", default="_tmp", help="while writing (default _tmp)")
    options = parser.parse_args(arguments)
    options.directory.mkdir(parents=True, exist_ok=True)
    scenes = generate_scenes(
        options.count, seed=options.seed, size=options.size, points=options.points
    )
    try:
        for scene in scenes:
            points = write_scene(options.directory, scene, options.transfer_suffix)
            sys.stdout.write(f"{scene.name}: {len(points)} points\n")
    except ValueError as reason:
        parser.error(str(reason))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
