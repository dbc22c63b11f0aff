"""The demonstration itself, as `make demo` runs it."""

import os
import subprocess
import sys

import pytest

from airscale.home import PROJECT_ROOT
from tests.stack.system import System
from tests.support.environment import plain_environment

pytestmark = pytest.mark.stack
SCENES = 2


def test_the_demonstration_ends_with_its_products_and_a_second_adds_nothing(
    system: System,
) -> None:
    first = demo(system)
    with system.client() as client:
        before = {each["id"] for each in client.list("/products/")}
    second = demo(system)
    with system.client() as client:
        after = {each["id"] for each in client.list("/products/")}

    for output in (first, second):
        for number in range(1, SCENES + 1):
            assert f"process-scene-{number:03d}.tif" in output
            assert f"process-scene-{number:03d}.geojson" in output
        assert system.login.address in output
    assert after == before


def test_containers_without_an_engine_are_refused_with_what_is_missing(system: System) -> None:
    ended = run(system, "--runtime", "docker", DOCKER_HOST="unix:///nowhere/docker.sock")
    assert ended.returncode == 1
    assert "/nowhere/docker.sock" in ended.stderr
    assert "Traceback" not in ended.stderr


def demo(system: System) -> str:
    """Run the demonstration; return what it printed."""
    ended = run(system, "--scenes", str(SCENES))
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def run(system: System, *options: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run `airscale demo` for this system, as from a shell."""
    with plain_environment(
        AIRSCALE_HOME=str(system.home.root), AIRSCALE_RECIPES=str(system.recipes), **variables
    ):
        return subprocess.run(
            [sys.executable, "-m", "airscale", "demo", *options],
            cwd=PROJECT_ROOT,
            env=dict(os.environ),
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
