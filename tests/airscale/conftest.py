"""Homes of their own for tests, and nothing left running after them."""

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from airscale import postgres, processes
from airscale.home import PROJECT_ROOT, Home
from airscale.settings import MARKER
from tests.support.environment import plain_environment

DEADLINE = 20.0


def eventually(condition: Callable[[], bool], patience: float = DEADLINE) -> bool:
    """Return whether a condition comes true in so many seconds."""
    deadline = time.monotonic() + patience
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


@contextmanager
def temporary_home() -> Iterator[Home]:
    """Give a home that is gone, with all its processes, at the end."""
    # Not tmp_path: its folders are closed to the user that PostgreSQL runs under for root.
    home = Home(Path(tempfile.mkdtemp(prefix="airscale-test-")).resolve())
    home.create()
    try:
        yield home
    finally:
        processes.stop_leftovers(home)
        postgres.stop(home)
        shutil.rmtree(home.root)


@pytest.fixture(autouse=True)
def shell() -> Iterator[None]:
    """Run every test of this folder with the environment of a shell."""
    with plain_environment():
        yield


@pytest.fixture
def home() -> Iterator[Home]:
    """Return a home that is gone, with all its processes, after the test."""
    with temporary_home() as home:
        yield home


@pytest.fixture
def marked(home: Home) -> dict[str, str]:
    """Return the environment of a process of this home, as far as small programs need one."""
    return {
        **os.environ,
        "AIRSCALE_HOME": str(home.root),
        MARKER: str(home.root),
        "PYTHONPATH": str(PROJECT_ROOT),
        "PATH": os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"])),
    }
