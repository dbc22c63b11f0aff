"""How jobs end: with products, or with an error that says what happened and what to do."""

import asyncio
import json
import os
import signal
import socket

import psutil
import pytest

from catalog.states import ExecutionStatus, JobStatus
from tests.dag_factory.jobs import MAKE, WAIT, Bench
from tests.dag_factory.programs import DEADLINE, until
from tests.support.catalogues import interface, job_type

NOTE = 'echo $$ >> "$2"; '


def pids(bench: Bench, name: str = "script") -> list[int]:
    """Return the pids that programs noted, oldest first."""
    notes = bench.notes(name)
    return [int(line) for line in notes.read_text().split()] if notes.exists() else []


def is_alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


async def test_a_job_that_succeeds_leaves_its_products_and_nothing_else(bench: Bench) -> None:
    job = bench.queue(MAKE)
    assert await bench.run(job)
    (product,) = bench.products_of(job)
    assert (bench.world.home / "products" / product.file_path).read_text() == "made\n"
    assert (product.is_published, product.media_type) == (True, "text/plain")
    execution = bench.last(job)
    assert (execution.status, execution.job_exit_code) == (ExecutionStatus.COMPLETED, 0)
    assert execution.stdout == "ARTIFACT:out:out.txt\n"
    assert bench.left() == []


async def test_an_exit_code_of_the_mapping_ends_as_its_error_with_the_last_words(
    bench: Bench,
) -> None:
    mapping = {"version": "1.0", "exit_codes": {"7": "bad-data"}}
    job = bench.queue("echo first; echo it is too dark >&2; exit 7", error_mapping=mapping)
    assert not await bench.run(job)
    assert bench.error_of(job) == "bad-data"
    assert bench.world.job(job.id).num_exes == 1
    detail = bench.last(job).detail or ""
    assert "exit code 7, which its error mapping calls bad-data" in detail
    assert detail.endswith("Its last words: it is too dark")
    assert bench.left() == []


async def test_an_exit_code_outside_the_mapping_is_unknown_and_tried_again(bench: Bench) -> None:
    job = bench.queue(f"{NOTE} exit 9", error_mapping={"version": "1.0", "exit_codes": {}})
    assert not await bench.run(job)
    assert bench.error_of(job) == "unknown"
    assert len(pids(bench)) == bench.world.job(job.id).num_exes == 3
    assert "exit code 9, which its error mapping does not list" in (bench.last(job).detail or "")


async def test_a_job_that_succeeds_at_its_second_try_is_complete(bench: Bench) -> None:
    job = bench.queue(f'[ -e "$2" ] || {{ {NOTE} exit 9; }}; {MAKE}')
    assert await bench.run(job)
    assert [each.status for each in bench.world.executions(job.id)] == ["FAILED", "COMPLETED"]
    assert len(bench.products_of(job)) == 1
    assert bench.left() == []


async def test_a_job_beyond_its_timeout_is_killed_whole(bench: Bench) -> None:
    job = bench.queue(f"{NOTE} (sleep 60 & echo $! >> $2; wait)", timeout=1, max_tries=1)
    assert not await bench.run(job)
    assert bench.error_of(job) == "timeout"
    assert "longer than its timeout of 1 s" in (bench.last(job).detail or "")
    assert len(pids(bench)) == 2
    assert not any(map(is_alive, pids(bench)))
    assert bench.left() == []


async def test_a_command_that_is_not_there_is_a_launch_error(bench: Bench) -> None:
    bench.world.configure([job_type("absent", interface(command="absent"), max_tries=1)])
    job = bench.world.queue_job("absent")
    assert not await bench.run(job)
    assert bench.error_of(job) == "launch"
    assert "'absent' could not be started" in (bench.last(job).detail or "")


async def test_a_command_line_that_cannot_be_made_is_a_launch_error(bench: Bench) -> None:
    job = bench.queue(MAKE, arguments="'never closed", max_tries=1)
    assert not await bench.run(job)
    assert bench.error_of(job) == "launch"
    assert "No closing quotation" in (bench.last(job).detail or "")


async def test_an_input_that_is_gone_from_the_disk_is_an_error_of_the_file_system(
    bench: Bench,
) -> None:
    bench.world.configure(
        [job_type("reader", interface({"file": "file"}, command="true"), max_tries=1)]
    )
    source = bench.world.source("gone.tif")
    job = bench.world.queue_job("reader", {"file": source})
    (bench.world.home / "raw" / source.file_path).unlink()
    assert not await bench.run(job)
    assert bench.error_of(job) == "filesystem-io"
    assert "gone.tif cannot be read on this host" in (bench.last(job).detail or "")


@pytest.mark.parametrize(
    "manifest",
    [
        "{",
        {"version": "1.1", "output_data": [{"name": "out", "file": {"path": "missing"}}]},
        {
            "version": "1.1",
            "parse_results": [
                {"filename": "a", "geo_metadata": {"geo_json": {"type": "Point", "coordinates": 1}}}
            ],
        },
    ],
)
async def test_results_that_are_not_valid_are_the_algorithm_s_error(
    bench: Bench, manifest: object
) -> None:
    text = manifest if isinstance(manifest, str) else json.dumps(manifest)
    job = bench.queue(f"printf '%s' '{text}' > \"$1/results_manifest.json\"")
    assert not await bench.run(job)
    assert bench.error_of(job) == "invalid-results"
    assert bench.world.job(job.id).num_exes == 1
    assert bench.products_of(job) == []


async def test_a_workspace_that_cannot_be_written_is_an_error_of_the_file_system(
    bench: Bench,
) -> None:
    job = bench.queue(MAKE, max_tries=1)
    plan = bench.world.begin(job.id)
    blocked = bench.world.home / "products" / plan.outputs["out"].directory
    blocked.parent.mkdir(parents=True, exist_ok=True)
    blocked.touch()
    assert not await bench.run(job)
    assert bench.error_of(job) == "filesystem-io"
    assert str(blocked) in (bench.last(job).detail or "")


async def test_output_of_any_bytes_is_stored(bench: Bench) -> None:
    job = bench.queue("printf 'a\\000b\\377c'; printf '\\000' >&2")
    assert await bench.run(job)
    execution = bench.last(job)
    assert (execution.stdout, execution.stderr) == ("a\ufffdb\ufffdc", "\ufffd")


async def test_an_artifact_is_found_before_more_output_than_is_kept(bench: Bench) -> None:
    job = bench.queue(f"{MAKE}; head -c 400000 /dev/zero | tr '\\0' 'x'")
    assert await bench.run(job)
    assert len(bench.products_of(job)) == 1


async def test_a_job_knows_its_names_and_no_secrets(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRFLOW__CORE__FERNET_KEY", "secret")
    monkeypatch.setenv("AIRSCALE_DATABASE_URL", "secret")
    job = bench.queue("env")
    assert await bench.run(job)
    execution = bench.last(job)
    seen = dict(line.split("=", 1) for line in (execution.stdout or "").splitlines())
    outputs = bench.executions / f"exe-{execution.id}" / "outputs"
    documented = {
        "JOB_ID": str(job.id),
        "JOB_EXE_ID": str(execution.id),
        "JOB_OUTPUT_DIR": str(outputs),
    }
    assert seen.items() >= documented.items()
    assert "secret" not in seen.values()
    assert execution.environment == documented
    assert execution.command_arguments == f"{outputs} {bench.notes()}"


async def test_inputs_are_where_the_command_line_says(bench: Bench) -> None:
    takes = interface(
        {"one": "file", "list": "files"}, command="show", arguments='"${one}" "${list}"'
    )
    (bench.algorithms / "show").write_text(
        '#!/bin/sh\ncat "$1"; for f in "$2"/*; do cat "$f"; done'
    )
    (bench.algorithms / "show").chmod(0o755)
    bench.world.configure([job_type("show", takes)])
    one, two, three = (
        bench.world.source("same.txt", f"{number} ".encode(), folder=f"in {number}")
        for number in range(3)
    )
    job = bench.world.queue_job("show", {"one": one, "list": [two, three]})
    assert await bench.run(job)
    assert sorted((bench.last(job).stdout or "").split()) == ["0", "1", "2"]


async def test_a_job_that_waits_for_its_parents_or_is_not_there_is_not_run(bench: Bench) -> None:
    job = bench.queue(MAKE)
    with bench.world.database.transaction() as tx:
        tx.jobs.update(job.id, {"status": JobStatus.BLOCKED})
    assert not await bench.run(job)
    assert not await bench.runner().run(10_000_000)
    assert bench.world.job(job.id).status is JobStatus.BLOCKED


async def test_cancelling_stops_what_runs(bench: Bench) -> None:
    job = bench.queue(f"{NOTE} {WAIT} {MAKE}")
    runner = bench.runner()
    running = asyncio.create_task(runner.run(job.id))
    await until(lambda: pids(bench))
    await runner.cancel(job.id, "no longer needed")
    assert not await running
    assert not any(map(is_alive, pids(bench)))
    assert bench.world.job(job.id).status is JobStatus.CANCELED
    assert (bench.left(), bench.products_of(job)) == ([], [])


async def test_a_job_that_was_cancelled_in_the_catalogue_first_is_stopped_too(
    bench: Bench,
) -> None:
    job = bench.queue(f"{NOTE} {WAIT} {MAKE}")
    runner = bench.runner()
    running = asyncio.create_task(runner.run(job.id))
    await until(lambda: pids(bench))
    bench.world.catalogue.executions.cancel(job.id, "over REST")
    await runner.cancel(job.id, "The task was stopped in Airflow.")
    assert not await running
    assert not any(map(is_alive, pids(bench)))
    assert bench.world.job(job.id).reason == "over REST"


async def test_what_was_cancelled_between_begin_and_start_never_starts(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dag_factory.work_directory import WorkDirectory  # noqa: PLC0415  # to be patched

    job = bench.queue(f"{NOTE} {MAKE}")
    prepare = WorkDirectory.prepare

    def cancel_first(work: WorkDirectory) -> None:
        bench.world.catalogue.executions.cancel(job.id, "-")
        prepare(work)

    monkeypatch.setattr(WorkDirectory, "prepare", cancel_first)
    assert not await bench.run(job)
    assert (pids(bench), bench.left()) == ([], [])


async def test_no_more_jobs_run_than_there_are_slots(bench: Bench) -> None:
    one, two = (bench.queue(f"{NOTE} {WAIT} {MAKE}", name) for name in ("one", "two"))
    runner = bench.runner(slots=1)
    first = asyncio.create_task(runner.run(one.id))
    await until(lambda: pids(bench, "one"))
    second = asyncio.create_task(runner.run(two.id))
    for _ in range(20):
        await asyncio.sleep(0)
    assert bench.world.job(two.id).status is JobStatus.QUEUED
    for name in ("one", "two"):
        bench.let_go(name)
    assert all(await asyncio.gather(first, second))


async def test_a_job_that_was_left_running_needs_no_slot(bench: Bench) -> None:
    job = bench.queue(MAKE)
    bench.world.catalogue.executions.begin(job.id, socket.gethostname())
    async with asyncio.timeout(DEADLINE):
        assert await bench.runner(slots=0).run(job.id)


async def test_a_lost_process_is_tried_again_in_a_new_execution(bench: Bench) -> None:
    job = bench.queue(f'[ -e "$2" ] && {{ {MAKE}; exit; }}; {NOTE} sleep 60')
    running = asyncio.create_task(bench.run(job))
    await until(lambda: pids(bench))
    os.killpg(os.getsid(pids(bench)[0]), signal.SIGKILL)
    assert await running
    first, second = bench.world.executions(job.id)
    assert "vanished without an exit status" in (first.detail or "")
    assert second.status is ExecutionStatus.COMPLETED
    assert bench.left() == []
