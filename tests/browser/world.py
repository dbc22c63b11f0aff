"""A running system with something of everything in it: what completed, failed, runs and waits."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from airscale.catalogue import open_catalogue
from airscale.demo import example
from airscale.demo.client import ScaleClient
from airscale.demo.runtime import DemoRuntime
from airscale.demo.scenes import SceneSet
from airscale.home import Home
from tests.stack.system import System, eventually

SCENES: Final = 3
_SLEEPER: Final = "sleeper"
_BROKEN: Final = "broken"
DEFERRED: Final = "notes.txt"
ERRORED: Final = "empty.png"


@dataclass(frozen=True, slots=True)
class World:
    """A system, and the ids of what there is in it."""

    system: System
    running_job: int
    failed_job: int
    scene_job: int
    geotiff: int


@contextmanager
def running_world() -> Iterator[World]:
    """Start a system with everything that the pages show; stop and delete it at the end."""
    with tempfile.TemporaryDirectory(prefix="airscale-") as folder:
        recipes = Path(folder) / "recipes"
        recipes.mkdir()
        system = System(Home(Path(folder).resolve() / "home"), recipes)
        try:
            system.up()
            yield furnished(system)
        finally:
            system.down()


def furnished(system: System) -> World:
    """Run the demonstration's recipe, fail a job, and leave one running."""
    with system.client() as client:
        example.load(client, system.home, DemoRuntime.PROCESS)
        _send_what_is_not_ingested(client, system.home)
        client.post("/configuration/", {"import": _configuration()})
        types = {each["name"]: each["id"] for each in client.list("/job-types/")}
        scenes = SceneSet(DemoRuntime.PROCESS, SCENES)
        scenes.copy_to(system.home)
        failed = _queue(client, types[_BROKEN])
        _new_revision(client)
        eventually(
            lambda: {each["file_name"] for each in scenes.products_of(client)},
            lambda found: found == scenes.products,
        )
        running = queue_sleeper(client)
        eventually(lambda: _status(client, failed), lambda status: status == "FAILED")
        _count(system.home)
        (scene, *_) = client.list("/jobs/", job_type_name="geotiff-maker", status="COMPLETED")
        geotiff = next(each for each in client.list("/products/") if ".tif" in each["file_name"])
        return World(system, running, failed, scene["id"], geotiff["id"])


def _send_what_is_not_ingested(client: ScaleClient, home: Home) -> None:
    """Send a file that no rule takes and one that is empty, and wait until Strike said so."""
    (home.ingest / DEFERRED).write_text("Nobody asked for this.", encoding="utf-8")
    (home.ingest / ERRORED).touch()
    wanted = {DEFERRED: "DEFERRED", ERRORED: "ERRORED"}
    eventually(
        lambda: {each["file_name"]: each["status"] for each in client.list("/ingests/")},
        lambda found: wanted.items() <= found.items(),
    )


def _count(home: Home) -> None:
    """Measure the load and compute today's metrics, which the clock would do later."""
    now = datetime.now(UTC)
    with open_catalogue(home) as catalogue:
        catalogue.load.record(now)
        list(catalogue.metrics.compute_range(now.date(), now.date()))


def queue_sleeper(client: ScaleClient) -> int:
    """Queue a job that runs for as long as anybody looks, and wait until it does."""
    types = {each["name"]: each["id"] for each in client.list("/job-types/")}
    job = _queue(client, types[_SLEEPER])
    eventually(lambda: _status(client, job), lambda status: status == "RUNNING")
    return job


def status_of(world: World, job_id: int) -> str:
    """Return the status of a job."""
    with world.system.client() as client:
        return _status(client, job_id)


def _status(client: ScaleClient, job_id: int) -> str:
    return str(client.get(f"/jobs/{job_id}/")["status"])


def _queue(client: ScaleClient, job_type_id: int) -> int:
    data = {"version": "1.0", "input_data": []}
    return int(client.post("/queue/new-job/", {"job_type_id": job_type_id, "job_data": data})["id"])


def _new_revision(client: ScaleClient) -> None:
    """Change the definition of the example's recipe type, so that it has two revisions."""
    exported = client.get("/configuration/")
    (recipe_type,) = exported["recipe_types"]
    remark = {"name": "remark", "type": "property", "required": False}
    recipe_type["definition"]["input_data"].append(remark)
    client.post("/configuration/", {"import": exported})


def _configuration() -> dict[str, Any]:
    return {
        "version": "1.0",
        "job_types": [
            _job_type(_SLEEPER, "sleep", "600"),
            _job_type(_BROKEN, "ls", "-- /nowhere/at/all"),
        ],
    }


def _job_type(name: str, command: str, arguments: str) -> dict[str, Any]:
    return {
        "name": name,
        "version": "1.0",
        "title": name.capitalize(),
        "description": f"Runs {command} {arguments}.",
        "max_tries": 1,
        "interface": {"version": "1.0", "command": command, "command_arguments": arguments},
    }
