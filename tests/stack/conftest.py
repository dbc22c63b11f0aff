"""One whole system for the tests of this folder: its own home, its own recipes folder."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from airscale import stack
from airscale.demo import example
from airscale.demo.client import ScaleClient
from airscale.demo.example import DemoRuntime
from airscale.home import Home
from tests.stack.system import System


@pytest.fixture(scope="session")
def system() -> Iterator[System]:
    """Start a system with the example in it; stop and delete it at the end."""
    with tempfile.TemporaryDirectory(prefix="airscale-") as folder:
        home = Home(Path(folder).resolve() / "home")
        recipes = Path(folder) / "recipes"
        recipes.mkdir()
        with environment(AIRSCALE_RECIPES=str(recipes), AIRSCALE_HOME=str(home.root)):
            try:
                login = stack.up(home)
                with ScaleClient(login) as client:
                    example.load(client, home, DemoRuntime.PROCESS)
                yield System(home, recipes, login)
            finally:
                stack.down(home)


@contextmanager
def environment(**variables: str) -> Iterator[None]:
    """Set variables of this process, which the system's processes inherit."""
    former = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in former.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
