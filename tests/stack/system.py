"""A running system as a test sees it: its folders, its REST API, its processes."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from airscale import keys, ports, stack
from airscale.demo.client import ScaleClient
from airscale.home import Home
from airscale.login import Login
from tests.support.airflow_rest import airflow_document
from tests.support.environment import plain_environment

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class System:
    """A running system."""

    home: Home
    recipes: Path

    def up(self) -> None:
        """Start it, or what of it is not running, as from a shell."""
        with plain_environment(AIRSCALE_RECIPES=str(self.recipes)):
            stack.up(self.home)

    def down(self) -> None:
        """Stop it."""
        with plain_environment():
            stack.down(self.home)

    @property
    def login(self) -> Login:
        """Where it is, and who may come in."""
        address = ports.load(self.home)
        assert address is not None
        return Login(address.base_url, "admin", keys.load(self.home).admin_password)

    @contextmanager
    def client(self) -> Iterator[ScaleClient]:
        """Open a logged-in client of the REST API."""
        with ScaleClient(self.login) as client:
            yield client

    def airflow(self, path: str) -> dict[str, Any]:
        """Return a document of Airflow's own REST API."""
        return airflow_document(self.login, path)

    def products(self, client: ScaleClient, *stems: str) -> list[dict[str, Any]]:
        """Return the published products made of scenes of these names, by file name."""
        names = {f"{stem}{suffix}" for stem in stems for suffix in (".tif", ".geojson")}
        found = [
            each
            for each in client.list("/products/")
            if each["file_name"] in names and each["is_published"]
        ]
        return sorted(found, key=lambda each: str(each["file_name"]))

    def ingests(self, client: ScaleClient, name: str) -> list[dict[str, Any]]:
        """Return the ingests of a file name, oldest first."""
        return [each for each in client.list("/ingests/") if each["file_name"] == name]


def eventually(
    look: Callable[[], Value], accept: Callable[[Value], object], seconds: float = 240.0
) -> Value:
    """Return what `look` finds once `accept` takes it; fail with the last thing found."""
    deadline = time.monotonic() + seconds
    while True:
        found = look()
        if accept(found):
            return found
        assert time.monotonic() < deadline, f"after {seconds} s: {found!r}"
        time.sleep(0.25)
