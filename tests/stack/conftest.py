"""One whole system for the tests of this folder: its own home, its own recipes folder."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from airscale.demo import example
from airscale.demo.runtime import DemoRuntime
from airscale.home import Home
from tests.stack.system import System


@pytest.fixture(scope="session")
def system() -> Iterator[System]:
    """Start a system with the example in it; stop and delete it at the end."""
    with tempfile.TemporaryDirectory(prefix="airscale-") as folder:
        recipes = Path(folder) / "recipes"
        recipes.mkdir()
        system = System(Home(Path(folder).resolve() / "home"), recipes)
        try:
            system.up()
            with system.client() as client:
                example.load(client, system.home, DemoRuntime.PROCESS)
            yield system
        finally:
            system.down()
