"""DAG runs, made and looked at in-process: the only module that changes Airflow's own database.

It works in the API server (and in ``airscale dispatch``), where Airflow allows that.
"""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, Final

from airflow._shared.timezones import timezone
from airflow.jobs.job import Job, JobState
from airflow.jobs.triggerer_job_runner import TriggererJobRunner
from airflow.models import DagModel, DagRun
from airflow.models.dag_version import DagVersion
from airflow.models.dagbag import CachedDBDagBag
from airflow.models.taskinstance import TaskInstance
from airflow.utils.session import create_session
from airflow.utils.state import DagRunState
from airflow.utils.types import DagRunTriggeredByType, DagRunType
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from catalog.records.work import OutboxRecord
from dag_factory.dags import REVISION_TAG, weight_of

_KEPT_DAGS: Final = 100


class DagNotReadyError(Exception):
    """Airflow does not have the DAG at the revision a run needs yet."""


def create_run(wanted: OutboxRecord, priorities: Mapping[str, int] | None = None) -> None:
    """Create a DAG run on the DAG version of the revision it was asked for.

    A run that exists already is left as it is: the run id follows from the recipe or job.
    `airflow.api.common.trigger_dag` always takes the newest DAG; a recipe made just before its
    type was edited has the jobs of the older revision, and needs the tasks of that one.

    Parameters
    ----------
    priorities
        Task id to the priority of its job, which a requeue may have changed.

    Raises
    ------
    DagNotReadyError
        Raised if Airflow has not read the revision yet; try again shortly.
    """
    with create_session() as session:
        if _exists(session, wanted):
            return
        version, dag = _version_of(session, wanted)
        run = dag.create_dagrun(
            run_id=wanted.run_id,
            run_after=timezone.utcnow(),
            conf=wanted.conf,
            run_type=DagRunType.MANUAL,
            triggered_by=DagRunTriggeredByType.REST_API,
            state=DagRunState.QUEUED,
            session=session,
        )
        if run.created_dag_version_id != version.id:
            _pin(session, run, version)
        _weigh(session, run, dag, priorities or {})
        try:
            session.commit()
        except IntegrityError:
            session.rollback()
            if not _exists(session, wanted):
                raise


def run_states(run_ids: Iterable[str]) -> dict[str, str]:
    """Return run id to state of the runs that exist."""
    with create_session() as session:
        rows = session.execute(
            select(DagRun.run_id, DagRun.state).where(DagRun.run_id.in_(list(run_ids)))
        )
        return {run_id: str(state) for run_id, state in rows}


def triggerer_hosts() -> set[str]:
    """Return the hosts on which a triggerer of Airflow is alive: jobs run there."""
    with create_session() as session:
        jobs = session.scalars(
            select(Job).where(
                Job.job_type == TriggererJobRunner.job_type, Job.state == JobState.RUNNING
            )
        )
        return {str(job.hostname) for job in jobs if job.is_alive()}


def ended_tasks(run_ids: Iterable[str]) -> set[tuple[str, str]]:
    """Return (run id, task id) of every task of these runs that Airflow has ended."""
    final = ("success", "failed", "upstream_failed", "skipped", "removed")
    with create_session() as session:
        rows = session.execute(
            select(TaskInstance.run_id, TaskInstance.task_id).where(
                TaskInstance.run_id.in_(list(run_ids)), TaskInstance.state.in_(final)
            )
        )
        return {(run_id, task_id) for run_id, task_id in rows}


def _exists(session: Any, wanted: OutboxRecord) -> bool:
    found = session.scalar(
        select(DagRun.id).where(DagRun.dag_id == wanted.dag_id, DagRun.run_id == wanted.run_id)
    )
    return found is not None


def _version_of(session: Any, wanted: OutboxRecord) -> tuple[Any, Any]:
    """Return the newest DAG version that has the revision, and its DAG."""
    model = session.get(DagModel, wanted.dag_id)
    if model is None or model.is_stale:
        raise DagNotReadyError(f"Airflow has not read the DAG {wanted.dag_id!r} yet.")
    bag = _bag()
    versions = session.scalars(
        select(DagVersion)
        .where(DagVersion.dag_id == wanted.dag_id)
        .order_by(DagVersion.version_number.desc())
    )
    for version in versions:
        dag = bag.get_dag(version.id, session=session)
        if dag is not None and _has_revision(dag, wanted.revision_num):
            return version, dag
    raise DagNotReadyError(
        f"Airflow has not read revision {wanted.revision_num} of the DAG {wanted.dag_id!r} yet."
    )


@cache
def _bag() -> CachedDBDagBag:
    """Return the DAGs that were read of late; each is compared with the database before its use."""
    return CachedDBDagBag(
        load_op_links=False, cache_size=_KEPT_DAGS, cache_ttl=0, stats_prefix="airscale.dag_bag"
    )


def _has_revision(dag: Any, revision_num: int | None) -> bool:
    return revision_num is None or f"{REVISION_TAG}{revision_num}" in dag.tags


def _pin(session: Any, run: Any, version: Any) -> None:
    """Tie a run and its tasks to an older version; nothing of it has been scheduled yet."""
    run.created_dag_version = version
    run.bundle_version = version.bundle_version
    for task_instance in run.get_task_instances(session=session):
        task_instance.dag_version_id = version.id


def _weigh(session: Any, run: Any, dag: Any, priorities: Mapping[str, int]) -> None:
    """Give tasks the priorities of their jobs; Airflow gave them those of their types."""
    weights = {
        task_id: weight_of(priority)
        for task_id, priority in priorities.items()
        if dag.has_task(task_id)
    }
    if all(dag.get_task(each).priority_weight == weight for each, weight in weights.items()):
        return
    for task_instance in run.get_task_instances(session=session):
        if task_instance.task_id in weights:
            task_instance.priority_weight = weights[task_instance.task_id]
