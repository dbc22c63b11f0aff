"""The demonstration's scenes: the same ones every time, so that a second run adds nothing."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from airscale.demo.client import ScaleClient
from airscale.demo.runtime import DemoRuntime
from airscale.home import Home
from examples.scenes import generate_scene, write_scene

_PRODUCT_SUFFIXES: Final = (".tif", ".geojson")


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the scenes have come, in files, and what went wrong."""

    ingested: int
    products: int
    failures: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SceneSet:
    """The scenes of one demonstration.

    Parameters
    ----------
    runtime
        Each runtime has scenes of its own, so that it has something to do.
    count
        How many scenes.
    """

    runtime: DemoRuntime
    count: int

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the scenes, without suffix."""
        return tuple(f"{self.runtime}-scene-{number:03d}" for number in range(1, self.count + 1))

    @property
    def sources(self) -> frozenset[str]:
        """The names of the files that arrive."""
        return frozenset(f"{name}{suffix}" for name in self.names for suffix in (".png", ".csv"))

    @property
    def products(self) -> frozenset[str]:
        """The names of the products that the recipe makes of them."""
        return frozenset(f"{name}{suffix}" for name in self.names for suffix in _PRODUCT_SUFFIXES)

    def copy_to(self, home: Home) -> None:
        """Copy the scenes into the ingest directory, as a sender would: suffix, then rename."""
        home.ingest.mkdir(parents=True, exist_ok=True)
        for number, name in enumerate(self.names, start=1):
            write_scene(home.ingest, generate_scene(number, name=name), transfer_suffix="_tmp")

    def progress(self, client: ScaleClient, since: datetime) -> Progress:
        """Return how far the scenes have come, with the failures of jobs since a time."""
        ingested = {
            each["file_name"]
            for each in client.list("/ingests/")
            if each["file_name"] in self.sources and each["status"] in ("INGESTED", "DUPLICATE")
        }
        made = {each["file_name"] for each in self.products_of(client)}
        return Progress(len(ingested), len(made), tuple(_failures(client, since)))

    def products_of(self, client: ScaleClient) -> list[dict[str, Any]]:
        """Return the published products of the scenes."""
        return [
            each
            for each in client.list("/products/")
            if each["file_name"] in self.products and each["is_published"]
        ]

    def is_done(self, progress: Progress) -> bool:
        """Say whether every file was taken in and every product is there."""
        return progress.ingested == len(self.sources) and progress.products == len(self.products)


def _failures(client: ScaleClient, since: datetime) -> list[str]:
    return [
        f"job {each['id']} ({each['job_type']['name']}): {each['error']['title']}"
        for each in client.list("/jobs/", status="FAILED", started=since.isoformat())
        if each["error"] is not None
    ]
