"""What of Airflow is ours: no callbacks that nobody defined, looks by the clock, safe queues."""

import multiprocessing
import os
import signal
import time
from collections.abc import Iterator
from typing import Any

import pytest

pytestmark = [pytest.mark.airflow, pytest.mark.usefixtures("airflow_database")]


@pytest.fixture
def no_callbacks() -> Iterator[None]:
    """Leave no requests for callbacks."""
    from airflow.models.db_callback_request import DbCallbackRequest  # noqa: PLC0415 - seconds
    from airflow.utils.session import create_session  # noqa: PLC0415 - as above

    yield
    with create_session() as session:
        session.query(DbCallbackRequest).delete()


@pytest.mark.usefixtures("no_callbacks")
def test_only_requests_for_callbacks_of_other_bundles_are_kept() -> None:
    from airflow.callbacks.callback_requests import DagCallbackRequest  # noqa: PLC0415 - seconds
    from airflow.callbacks.database_callback_sink import DatabaseCallbackSink  # noqa: PLC0415
    from airflow.dag_processing.bundles.base import BaseDagBundle  # noqa: PLC0415 - as above

    from dag_factory.airflow_dag_processor import ThriftyDagProcessor  # noqa: PLC0415 - as above

    class Bundle(BaseDagBundle):
        path = None
        refresh = initialize = get_current_version = lambda _: None

    for bundle in ("airscale", "dags-folder"):
        request = DagCallbackRequest(
            filepath="a.py", bundle_name=bundle, bundle_version=None, dag_id="a", run_id="r",
            is_failure_callback=True,
        )  # fmt: skip
        DatabaseCallbackSink().send(request)
    processor = ThriftyDagProcessor(max_runs=1)
    processor._dag_bundles = [Bundle(name=each) for each in ("airscale", "dags-folder")]  # noqa: SLF001

    assert [each.bundle_name for each in processor.fetch_callbacks()] == ["dags-folder"]
    assert processor.fetch_callbacks() == []


def test_airflows_commands_use_what_is_ours() -> None:
    from airflow.cli.commands import dag_processor_command  # noqa: PLC0415 - seconds to import
    from airflow.jobs import triggerer_job_runner  # noqa: PLC0415 - as above

    from dag_factory import airflow_dag_processor, airflow_triggerer  # noqa: PLC0415 - as above

    stock = (
        dag_processor_command.DagFileProcessorManager,
        triggerer_job_runner.TriggerRunnerSupervisor,
    )
    try:
        airflow_dag_processor.use()
        airflow_triggerer.use()
        ours = (
            dag_processor_command.DagFileProcessorManager,
            triggerer_job_runner.TriggerRunnerSupervisor,
        )
    finally:
        (
            dag_processor_command.DagFileProcessorManager,
            triggerer_job_runner.TriggerRunnerSupervisor,
        ) = stock
    assert all(issubclass(mine, theirs) for mine, theirs in zip(ours, stock, strict=True))
    assert all(
        hasattr(stock[1], each)
        for each in (
            "run_once", "load_triggers", "clean_unused", "handle_events", "handle_failed_triggers",
            "heartbeat", "emit_metrics", "_service_subprocess",
        )
    )  # fmt: skip


def test_a_worker_that_is_killed_while_it_waits_keeps_no_task_from_the_others() -> None:
    from dag_factory.airflow_executor import Parcels  # noqa: PLC0415 - seconds to import

    context = multiprocessing.get_context("fork")
    tasks, done = Parcels(), Parcels()
    workers = [context.Process(target=pass_on, args=(tasks, done)) for _ in range(3)]
    for each in workers:
        each.start()
    try:
        for number, each in enumerate(workers):
            tasks.put(number)
            assert until_there_is_one(done) == number
            if number < len(workers) - 1:
                assert each.pid is not None
                os.kill(each.pid, signal.SIGKILL)
                each.join()
        assert tasks.empty()
    finally:
        for each in workers:
            each.kill()
            each.join()
        tasks.close()
        done.close()


def test_a_task_that_is_revoked_leaves_its_place() -> None:
    from dag_factory.airflow_executor import RobustLocalExecutor  # noqa: PLC0415 - as above

    class Task:
        key = "a task"

    executor = RobustLocalExecutor(parallelism=2)
    executor.running.add(Task.key)
    assert executor.slots_available == 1
    executor.revoke_task(ti=Task())
    assert executor.slots_available == 2


def pass_on(tasks: Any, done: Any) -> None:
    """Do what a worker does: take, and tell."""
    while True:
        done.put(tasks.get())


def until_there_is_one(done: Any) -> Any:
    """Return what a worker tells; fail if none does within a minute."""
    deadline = time.monotonic() + 60
    while done.empty():
        assert time.monotonic() < deadline, "no worker took the task"
        time.sleep(0.01)
    return done.get()
