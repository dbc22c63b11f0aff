"""kill -9 of everything in the middle: every scene ends with exactly one set of products."""

import os
import signal
from collections import Counter

import psutil
import pytest

from airscale.demo.client import ScaleClient
from airscale.settings import MARKER
from examples.scenes import generate_scene, write_scene
from tests.stack.system import System, eventually

pytestmark = pytest.mark.stack
SCENES = 4


@pytest.mark.parametrize("moment", ["files arriving", "jobs running", "products coming"])
def test_every_scene_ends_with_one_set_of_products(system: System, moment: str) -> None:
    stems = [f"{moment.split(maxsplit=1)[0]}-{number}" for number in range(SCENES)]
    for number, stem in enumerate(stems):
        scene = generate_scene(100 + number, name=stem)
        write_scene(system.home.ingest, scene, transfer_suffix="_tmp")
    with system.client() as client:
        match moment:
            case "jobs running":
                eventually(
                    lambda: list(client.list("/jobs/", status="RUNNING")),
                    lambda jobs: len(jobs) > 1,
                )
            case "products coming":
                eventually(lambda: system.products(client, *stems), len)
    assert kill_everything(system) >= 5  # four components and PostgreSQL
    system.up()
    with system.client() as client:
        eventually(
            lambda: system.products(client, *stems),
            lambda found: len(found) >= 2 * SCENES,
            seconds=150,
        )
        eventually(lambda: open_jobs(client), lambda found: not found)
        products = system.products(client, *stems)
        assert Counter(each["file_name"] for each in products) == Counter(
            f"{stem}{suffix}" for stem in stems for suffix in (".tif", ".geojson")
        )


def open_jobs(client: ScaleClient) -> list[int]:
    """Return the ids of the example's jobs that have not ended."""
    return [
        each["id"]
        for status in ("PENDING", "QUEUED", "RUNNING")
        for each in client.list("/jobs/", status=status)
        if not each["job_type"]["is_system"]
    ]


def kill_everything(system: System) -> int:
    """Send SIGKILL to every process of the system, at once; return how many there were."""
    own = [
        process
        for process in psutil.process_iter()
        if _marker_of(process) == str(system.home.root)
        or str(system.home.postgres) in " ".join(_command_of(process))
    ]
    for process in own:
        os.kill(process.pid, signal.SIGKILL)
    psutil.wait_procs(own, timeout=10)
    return len(own)


def _marker_of(process: psutil.Process) -> str | None:
    try:
        return process.environ().get(MARKER)
    except psutil.Error:
        return None


def _command_of(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []
