"""Why Airflow has not started the task of a queued job, where Airflow knows."""

from typing import Any, Final

from airflow.jobs.dag_processor_job_runner import DagProcessorJobRunner
from airflow.jobs.job import most_recent_job
from airflow.jobs.scheduler_job_runner import SchedulerJobRunner
from airflow.jobs.triggerer_job_runner import TriggererJobRunner
from airflow.models import DagModel, Pool, TaskInstance
from airflow.utils.session import create_session
from airflow.utils.state import TaskInstanceState
from sqlalchemy import select

from catalog.queries.waiting import AwaitedRun

_SHOWN: Final = 5
_OCCUPYING: Final = (
    TaskInstanceState.QUEUED,
    TaskInstanceState.RUNNING,
    TaskInstanceState.DEFERRED,
)


def reason_of_waiting(run: AwaitedRun) -> str | None:
    """Return what of Airflow keeps a run or its task from starting; None if Airflow is well."""
    with create_session() as session:
        if not run.is_made:
            return _silent(session, "dag-processor", DagProcessorJobRunner.job_type)
        return (
            _silent(session, "scheduler", SchedulerJobRunner.job_type)
            or _dag_problem(session, run)
            or _full_pool(session, run)
            or _silent(session, "triggerer", TriggererJobRunner.job_type)
        )


def _silent(session: Any, name: str, job_type: str) -> str | None:
    """Return that a component gives no sign of life; None if the newest of its kind does."""
    newest = most_recent_job(job_type, session=session)
    if newest is None:
        return f"Airflow's {name} has never run here; start it (`airscale up`)."
    if newest.is_alive():
        return None
    return (
        f"Airflow's {name} gives no sign of life since"
        f" {newest.latest_heartbeat:%Y-%m-%d %H:%M:%S} UTC (host {newest.hostname}); start it"
        " (`airscale up`)."
    )


def _dag_problem(session: Any, run: AwaitedRun) -> str | None:
    dag = session.get(DagModel, run.dag_id)
    if dag is None or dag.is_stale:
        return (
            f"Airflow does not have the DAG {run.dag_id!r} any more; look at the import errors in"
            " Airflow, and whether the recipe or job type is active."
        )
    if dag.is_paused:
        return f"The DAG {run.dag_id!r} is paused in Airflow; resume it there."
    return None


def _full_pool(session: Any, run: AwaitedRun) -> str | None:
    """Return that a task of the run waits for the pool of the job type, and who has its slots."""
    waits = session.scalar(
        select(TaskInstance.task_id)
        .where(TaskInstance.dag_id == run.dag_id, TaskInstance.run_id == run.run_id)
        .where(TaskInstance.pool == run.pool, TaskInstance.state == TaskInstanceState.SCHEDULED)
        .limit(1)
    )
    pool = session.scalar(select(Pool).where(Pool.pool == run.pool))
    if waits is None or pool is None or pool.slots < 0:
        return None
    rows = session.execute(
        select(TaskInstance.run_id, TaskInstance.task_id)
        .where(TaskInstance.pool == run.pool, TaskInstance.state.in_(_OCCUPYING))
        .order_by(TaskInstance.run_id, TaskInstance.task_id)
    )
    holders = [f"{task_id} of {run_id}" for run_id, task_id in rows]
    if len(holders) < pool.slots:
        return None
    more = f" and {len(holders) - _SHOWN} more" if len(holders) > _SHOWN else ""
    return (
        f"The pool {run.pool!r} is full: its {pool.slots} slots are taken by"
        f" {', '.join(holders[:_SHOWN]) or 'nobody, for it has none'}{more}."
    )
