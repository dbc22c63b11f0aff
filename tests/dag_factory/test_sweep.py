"""What becomes of jobs whose task or run Airflow has ended, lost, or been told to end."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, insert, update
from sqlalchemy.orm import Session

from catalog.records.work import JobRecord
from catalog.services.runs import STOPPED
from catalog.states import JobStatus
from catalog.tables import Job, Outbox
from tests.support.catalogues import World, job_type

pytestmark = [pytest.mark.airflow, pytest.mark.usefixtures("airflow_database")]
DAG_ID = "job.step.1.0"
LONG_AGO = datetime.now(UTC) - timedelta(hours=1)


@pytest.fixture
def job(world: World) -> JobRecord:
    """Return a job that was queued long ago, and whose run was made."""
    world.configure([job_type("step", max_tries=2)], [])
    queued = world.queue_job("step")
    with world.database.transaction() as tx:
        for each in tx.outbox.claim(100):
            tx.outbox.dispatched(each.id)
    age(world, queued)
    return queued


@pytest.fixture(autouse=True)
def no_rows() -> Iterator[None]:
    """Leave no runs, tasks or acts in Airflow."""
    yield
    from airflow.models import DagRun, Log, TaskInstance  # noqa: PLC0415 - seconds to import
    from airflow.utils.session import create_session  # noqa: PLC0415 - as above

    with create_session() as session:
        for table in (TaskInstance, DagRun, Log):
            session.execute(delete(table))


def age(world: World, job: JobRecord) -> None:
    with Session(world.database.engine) as session, session.begin():
        session.execute(update(Job).where(Job.id == job.id).values(last_status_change=LONG_AGO))


def run_of(job: JobRecord, state: str | None) -> None:
    """Let Airflow have the run of a job, and its task in this state."""
    from airflow.models import DagRun, TaskInstance  # noqa: PLC0415 - seconds to import
    from airflow.utils.session import create_session  # noqa: PLC0415 - as above

    key = {"dag_id": DAG_ID, "run_id": f"job-{job.id}"}
    with create_session() as session:
        session.execute(
            insert(DagRun.__table__).values(
                **key, run_type="manual", run_after=LONG_AGO, state="running"
            )
        )
        session.execute(
            insert(TaskInstance.__table__).values(
                **key, task_id="job", state=state, pool="default_pool"
            )
        )


def act(event: str, job: JobRecord, person: str = "ann", **said: object) -> None:
    """Let a person do something, as Airflow writes it down."""
    from airflow.models import Log  # noqa: PLC0415 - seconds to import
    from airflow.utils.session import create_session  # noqa: PLC0415 - as above

    task: dict[str, Any] = {"task_id": "job"} if event == "patch_task_instance" else {}
    run = {} if event == "bulk_dag_runs" else {"run_id": f"job-{job.id}"}
    with create_session() as session:
        extra = json.dumps({**said, "method": "PATCH"})
        session.add(Log(event=event, owner=person, extra=extra, dag_id=DAG_ID, **run, **task))


def sweep(world: World, job: JobRecord) -> JobRecord:
    from dag_factory.sweep import sweep  # noqa: PLC0415 - beside its use

    sweep(world.catalogue)
    return world.job(job.id)


def heed(world: World) -> None:
    from dag_factory.sweep import heed_people  # noqa: PLC0415 - beside its use

    heed_people(world.catalogue)


def runs(world: World) -> int:
    return world.count(Outbox)


def test_a_job_whose_task_waits_is_left_alone(world: World, job: JobRecord) -> None:
    run_of(job, state="queued")

    assert sweep(world, job).num_exes == 1
    assert runs(world) == 1


def test_a_job_whose_task_airflow_has_ended_goes_to_another_run(
    world: World, job: JobRecord
) -> None:
    run_of(job, state="failed")

    swept = sweep(world, job)

    assert (swept.status, swept.num_exes) == (JobStatus.QUEUED, 2)
    assert runs(world) == 2


def test_a_run_that_vanished_is_asked_for_again(world: World, job: JobRecord) -> None:
    assert sweep(world, job).status is JobStatus.QUEUED
    with world.database.transaction() as tx:
        assert [each.run_id for each in tx.outbox.claim(10)] == [f"job-{job.id}"]


@pytest.mark.parametrize("state", ["failed", "success", "skipped"])
def test_a_job_whose_task_a_person_marked_is_cancelled_with_the_name(
    world: World, job: JobRecord, state: str
) -> None:
    run_of(job, state=state)
    act("patch_task_instance", job, new_state=state)

    swept = sweep(world, job)

    assert swept.status is JobStatus.CANCELED
    assert swept.reason == f"Cancelled by ann, who marked its task {state} in Airflow."
    assert runs(world) == 1


def test_a_job_whose_run_a_person_marked_is_cancelled_with_the_name(
    world: World, job: JobRecord
) -> None:
    run_of(job, state="failed")
    act("patch_dag_run", job, state="failed")

    assert sweep(world, job).reason == "Cancelled by ann, who marked its run failed in Airflow."


def test_a_job_whose_run_a_person_deleted_is_cancelled_with_the_name(
    world: World, job: JobRecord
) -> None:
    act("delete_dag_run", job)

    swept = sweep(world, job)

    assert swept.status is JobStatus.CANCELED
    assert swept.reason == "Cancelled by ann, who deleted its run in Airflow."
    with world.database.transaction() as tx:
        assert tx.outbox.claim(10) == []


@pytest.mark.parametrize("mine", [True, False])
def test_of_many_runs_deleted_at_once_each_is_known(
    world: World, job: JobRecord, *, mine: bool
) -> None:
    entities = [{"dag_run_id": f"job-{job.id}" if mine else "job-0"}]
    act("bulk_dag_runs", job, actions=[{"action": "delete", "entities": entities}])

    status = JobStatus.CANCELED if mine else JobStatus.QUEUED
    assert sweep(world, job).status is status


def test_a_note_on_a_run_stops_nothing(world: World, job: JobRecord) -> None:
    run_of(job, state="failed")
    act("patch_dag_run", job, note="Look at this.")
    act("patch_task_instance", job, note="And at this.")

    assert sweep(world, job).status is JobStatus.QUEUED


def test_a_job_that_its_trigger_cancelled_says_later_who_stopped_it(
    world: World, job: JobRecord
) -> None:
    run_of(job, state="failed")
    act("patch_task_instance", job, person="bob", new_state="failed")
    world.catalogue.executions.cancel(job.id, STOPPED)

    assert sweep(world, job).reason == "Cancelled by bob, who marked its task failed in Airflow."


def test_a_job_that_was_cancelled_otherwise_keeps_its_reason(world: World, job: JobRecord) -> None:
    act("patch_task_instance", job, new_state="failed")
    world.catalogue.executions.cancel(job.id, "Cancelled by a test.")

    assert sweep(world, job).reason == "Cancelled by a test."


@pytest.mark.parametrize("state", ["queued", "deferred", "up_for_retry", None])
def test_an_act_that_airflow_refused_stops_nothing(
    world: World, job: JobRecord, state: str | None
) -> None:
    run_of(job, state=state)
    act("patch_task_instance", job, new_state="failed")
    act("delete_dag_run", job)

    heed(world)

    assert sweep(world, job).status is JobStatus.QUEUED
    assert runs(world) == 1


def test_a_deletion_that_airflow_refused_is_not_why_a_task_ended(
    world: World, job: JobRecord
) -> None:
    run_of(job, state="failed")
    act("delete_dag_run", job)

    swept = sweep(world, job)

    assert (swept.status, runs(world)) == (JobStatus.QUEUED, 2)


def test_what_a_person_does_is_heeded_at_once(world: World) -> None:
    world.configure([job_type("step")], [])
    marked, deleted, stopped, left = (world.queue_job("step") for _ in range(4))
    with world.database.transaction() as tx:
        for wanted in tx.outbox.claim(100):
            tx.outbox.dispatched(wanted.id)
    for each in (marked, stopped, left):
        run_of(each, state="failed")
    for each in (marked, stopped):
        act("patch_task_instance", each, new_state="failed")
    act("delete_dag_run", deleted)
    world.catalogue.executions.cancel(stopped.id, STOPPED)

    heed(world)

    said = "Cancelled by ann, who marked its task failed in Airflow."
    assert world.job(marked.id).reason == world.job(stopped.id).reason == said
    assert world.job(deleted.id).reason == "Cancelled by ann, who deleted its run in Airflow."
    assert world.job(left.id).status is JobStatus.QUEUED


def test_what_nobody_can_read_in_the_audit_log_is_nobodys_act(world: World, job: JobRecord) -> None:
    run_of(job, state="failed")
    for said in ({"actions": 3}, {"actions": [{"entities": ["a"]}, 7]}, {}):
        act("bulk_dag_runs", job, **said)

    assert sweep(world, job).status is JobStatus.QUEUED
