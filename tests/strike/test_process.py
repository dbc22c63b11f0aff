"""The process itself: one at a time, patient with trouble, cheap with the database."""

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from sqlalchemy import event, text
from sqlalchemy.orm import Session

from catalog.states import IngestStatus, JobStatus
from tests.strike.bench import StrikeBench
from tests.strike.conftest import MakeBench


@contextmanager
def statements(bench: StrikeBench) -> Iterator[list[str]]:
    """Collect the statements that are sent to the database."""
    found: list[str] = []

    def remember(_1: Any, _2: Any, statement: str, *_: Any) -> None:
        found.append(statement)

    engine = bench.catalogue.database.engine
    event.listen(engine, "before_cursor_execute", remember)
    try:
        yield found
    finally:
        event.remove(engine, "before_cursor_execute", remember)


@contextmanager
def administration(bench: StrikeBench) -> Iterator[tuple[psycopg.Connection, str]]:
    """Connect beside the catalogue, to a database that stays."""
    url = bench.catalogue.database.engine.url
    with psycopg.connect(
        host=str(url.query["host"]), user="postgres", dbname="postgres", autocommit=True
    ) as connection:
        yield connection, str(url.database)


def end_connections(bench: StrikeBench, *, keep_out: bool) -> None:
    """End every connection to the catalogue, as a restart of the server does."""
    with administration(bench) as (connection, name):
        connection.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS {not keep_out}')
        connection.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s",
            [name],
        )


def failing_once(monkeypatch: pytest.MonkeyPatch, function: str, number: int) -> list[str]:
    """Let an operation of the system fail the first time; return what failed."""
    real: Callable[..., Any] = getattr(os, function)
    failed: list[str] = []

    def fail_first(*arguments: Any, **options: Any) -> Any:
        if not failed:
            failed.append(function)
            raise OSError(number, os.strerror(number))
        return real(*arguments, **options)

    monkeypatch.setattr(os, function, fail_first)
    return failed


@pytest.mark.slow
def test_ten_thousand_waiting_files_cost_a_handful_of_queries(bench: StrikeBench) -> None:
    bench.inbox.mkdir()
    for number in range(10_000):
        (bench.inbox / f"{number}.doc").touch()

    with statements(bench) as first:
        summary = bench.run()
    with statements(bench) as later:
        bench.run()

    assert summary.arrived == 10_000
    assert len(first) < 50
    assert len(later) < 15


def test_a_full_disk_is_waited_for(bench: StrikeBench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.send("scene.h5", b"pixels")
    failed = failing_once(monkeypatch, "fsync", errno.ENOSPC)

    bench.run()
    waiting = bench.ingest("scene.h5")
    bench.settle()

    assert failed == ["fsync"]
    assert waiting.status is IngestStatus.INGESTING
    assert waiting.detail is not None
    assert "No space left on device" in waiting.detail
    ended = bench.ingest("scene.h5")
    assert (ended.status, ended.detail) == (IngestStatus.INGESTED, None)


def test_a_database_that_goes_away_and_comes_back_costs_nothing(bench: StrikeBench) -> None:
    bench.run()
    for number in range(10):
        bench.send(f"{number}.txt", b"%d" % number)
    end_connections(bench, keep_out=True)

    summary = bench.run()
    end_connections(bench, keep_out=False)
    bench.settle()

    assert summary.problem is not None
    assert "database cannot be used" in summary.problem
    assert summary.look_again > 0
    assert bench.statuses() == {IngestStatus.INGESTED: 10}


def test_a_database_that_ends_its_connections_in_the_middle_costs_nothing(
    bench: StrikeBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.fsync
    ended: list[bool] = []

    def end_first(descriptor: int) -> None:
        real(descriptor)
        if not ended:
            ended.append(True)
            end_connections(bench, keep_out=False)

    monkeypatch.setattr(os, "fsync", end_first)
    for number in range(10):
        bench.send(f"{number}.txt", b"%d" % number)

    bench.settle()

    assert ended
    assert bench.statuses() == {IngestStatus.INGESTED: 10}
    assert len(bench.sources()) == 10
    assert bench.left() == []


def test_only_one_process_works_for_a_strike(bench: StrikeBench) -> None:
    bench.run(1)
    other = bench.new_process()
    bench.send("scene.h5")

    summary = other.run_pass(10.0)

    assert summary.problem is not None
    assert "runs elsewhere already" in summary.problem
    assert bench.ingests() == []

    bench.process.close()
    assert other.run_pass(10.0).ended == {IngestStatus.INGESTED: 1}
    other.close()


def test_a_process_whose_lock_connection_ends_takes_the_lock_again(bench: StrikeBench) -> None:
    bench.send("one.txt")
    bench.settle()
    end_connections(bench, keep_out=False)
    bench.send("two.txt")

    bench.settle()
    bench.settle()

    assert bench.statuses() == {IngestStatus.INGESTED: 2}


def test_two_strike_processes_cannot_share_a_directory(make_bench: MakeBench) -> None:
    one, two = make_bench("one"), make_bench("two")
    one.inbox.mkdir()
    two.inbox.symlink_to(one.inbox)
    one.run()

    summary = two.run()

    assert summary.problem is not None
    assert "Another Strike process watches" in summary.problem
    assert two.catalogue.ingests.state_of(two.strike.id).strike.problem == summary.problem


def test_a_missing_directory_is_made_if_only_it_is_missing(bench: StrikeBench) -> None:
    summary = bench.run()

    assert summary.problem is None
    assert bench.inbox.is_dir()


def test_a_missing_mount_is_a_problem_until_it_is_there(bench: StrikeBench) -> None:
    away = bench.home.rename(bench.home.with_name("away"))
    summary = bench.run()
    shown = bench.catalogue.ingests.state_of(bench.strike.id).strike.problem

    away.rename(bench.home)
    bench.send("scene.h5")
    bench.settle()

    assert summary.problem is not None
    assert f"'{bench.inbox}' does not exist" in summary.problem
    assert summary.look_again >= 1.0
    assert shown == summary.problem
    assert bench.catalogue.ingests.state_of(bench.strike.id).strike.problem is None
    assert bench.ingest("scene.h5").status is IngestStatus.INGESTED


def test_files_wait_for_a_workspace_that_is_not_active(bench: StrikeBench) -> None:
    with Session(bench.catalogue.database.engine) as session, session.begin():
        session.execute(text("UPDATE workspace SET is_active = false"))
    bench.send("scene.h5")

    summary = bench.run()
    with Session(bench.catalogue.database.engine) as session, session.begin():
        session.execute(text("UPDATE workspace SET is_active = true"))
    bench.settle()

    assert summary.problem is not None
    assert repr(bench.workspace) in summary.problem
    assert bench.ingest("scene.h5").status is IngestStatus.INGESTED


def test_the_job_runs_while_a_process_runs(bench: StrikeBench) -> None:
    executions = bench.catalogue.executions
    before = executions.status_of(bench.strike.job_id)

    bench.run(2)
    bench.restart()
    bench.run()

    assert before is JobStatus.QUEUED
    assert executions.status_of(bench.strike.job_id) is JobStatus.RUNNING


def test_nothing_is_ingested_while_the_job_is_cancelled(bench: StrikeBench) -> None:
    bench.run()
    bench.catalogue.executions.cancel(bench.strike.job_id, "Enough.")
    bench.send("scene.h5")

    summary = bench.run()

    assert summary.problem is not None
    assert "CANCELED" in summary.problem
    assert bench.left() == ["scene.h5"]


def test_a_strike_that_is_not_active_any_more_is_over(bench: StrikeBench) -> None:
    bench.run()
    with bench.catalogue.database.transaction() as tx:
        tx.strikes.update(bench.strike.id, {"is_active": False})

    bench.run()
    summary = bench.run()

    assert summary.is_over
    assert bench.catalogue.executions.status_of(bench.strike.job_id) is JobStatus.CANCELED


def test_a_strike_that_gets_another_directory_goes_on_there(bench: StrikeBench) -> None:
    bench.run()
    bench.inbox = bench.home / "other"
    bench.reconfigure()
    bench.send("scene.h5")

    bench.run()
    bench.settle()

    assert bench.ingest("scene.h5").status is IngestStatus.INGESTED


def test_no_more_files_are_taken_at_once_than_allowed(make_bench: MakeBench) -> None:
    bench = make_bench(in_flight=3)
    for number in range(10):
        bench.send(f"{number}.txt", b"%d" % number)

    summary = bench.run()

    assert summary.look_again == 0.0
    assert bench.statuses() == {IngestStatus.INGESTED: 3, IngestStatus.QUEUED: 7}
