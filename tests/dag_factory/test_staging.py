"""Jobs whose workspaces have no file system: inputs are staged, outputs are uploaded."""

import asyncio
from pathlib import Path

import pytest

from catalog.brokers import Broker, broker_of
from catalog.records.files import FileRecord
from catalog.states import JobStatus
from dag_factory.runner import JobRunner
from tests.support.catalogues import World, interface, job_type
from tests.support.s3 import VARIABLE, s3_configuration

pytestmark = pytest.mark.slow
PROGRAM = """#!/bin/sh
cat "$1" "$2"/* > "$3/out.txt"
echo ARTIFACT:out:out.txt
"""


@pytest.fixture
def world(world: World, s3_bucket: str, monkeypatch: pytest.MonkeyPatch) -> World:
    """Return a world whose workspaces are in a bucket, with a job type that joins files."""
    for name in ("raw", "products"):
        world.catalogue.workspaces.edit(
            world.workspace_id(name), {"json_config": s3_configuration(s3_bucket, name)}
        )
    program = world.home / "algorithms" / "join"
    program.parent.mkdir()
    program.write_text(PROGRAM)
    program.chmod(0o755)
    monkeypatch.setenv("AIRSCALE_ALGORITHM_PATH", str(program.parent))
    takes = interface(
        {"first": "file", "others": "files"},
        {"out": "file"},
        command="join",
        arguments="${first} ${others} ${job_output_dir}",
    )
    world.configure([job_type("join", takes, max_tries=1)])
    return world


def storage(world: World, name: str) -> Broker:
    with world.database.transaction() as tx:
        return broker_of(tx.workspaces.named(name).json_config)


def run(world: World, files: list[FileRecord]) -> int:
    job = world.queue_job("join", {"first": files[0], "others": files[1:]})
    runner = JobRunner(world.catalogue.executions, world.home / "exe", slots=2)
    asyncio.run(runner.run(job.id))
    return job.id


def test_inputs_are_staged_and_outputs_uploaded(world: World) -> None:
    contents = {"a.txt": b"one ", "b.txt": b"two ", "c.txt": b"three"}
    files = [world.source(name, content) for name, content in contents.items()]

    job_id = run(world, files)

    assert world.job(job_id).status is JobStatus.COMPLETED, world.job(job_id).reason
    (product,) = world.products()
    assert b"".join(storage(world, "products").stream(product.file_path)) == b"one two three"
    assert not list((world.home / "exe").glob("exe-*"))


def test_an_input_that_is_not_what_was_stored_is_refused(world: World, tmp_path: Path) -> None:
    files = [world.source(name, b"sound") for name in ("a.txt", "b.txt")]
    other = tmp_path / "other"
    other.write_bytes(b"rotten")
    storage(world, "raw").put(other, files[0].file_path)

    job_id = run(world, files)

    job = world.job(job_id)
    assert job.status is JobStatus.FAILED
    assert "is not what was stored there" in (job.reason or "")


def test_an_input_that_is_gone_fails_the_job_with_its_address(world: World) -> None:
    files = [world.source(name) for name in ("a.txt", "b.txt")]
    storage(world, "raw").remove(files[1].file_path)

    job_id = run(world, files)

    assert "/raw/in/b.txt could not be copied" in (world.job(job_id).reason or "")


def test_a_connection_that_is_not_set_is_a_fault_of_the_system(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = [world.source(name) for name in ("a.txt", "b.txt")]
    monkeypatch.delenv(VARIABLE)

    job_id = run(world, files)

    reason = world.job(job_id).reason or ""  # in other words where Airflow could be asked
    assert "The connection 'test_s3'" in reason
    assert VARIABLE in reason
    with world.database.transaction() as tx:
        error = tx.errors.find("filesystem-io")
    assert error is not None
    assert world.job(job_id).error_id == error.id
