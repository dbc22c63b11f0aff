"""How Airflow is: its scheduler, and the hosts whose triggerers run executions."""

from dataclasses import dataclass

from airflow.jobs.job import Job, JobState
from airflow.jobs.scheduler_job_runner import SchedulerJobRunner
from airflow.jobs.triggerer_job_runner import TriggererJobRunner
from airflow.utils.session import create_session
from sqlalchemy import select


@dataclass(frozen=True, slots=True)
class SchedulerHealth:
    """Airflow's newest scheduler: where it is, and whether it has given a sign of late."""

    hostname: str
    is_alive: bool


def scheduler_health() -> SchedulerHealth | None:
    """Return how Airflow's scheduler is; None if there never was one."""
    newest = SchedulerJobRunner.most_recent_job()
    if newest is None:
        return None
    return SchedulerHealth(str(newest.hostname or ""), bool(newest.is_alive()))


def online_hosts() -> frozenset[str]:
    """Return the hosts on which a triggerer of Airflow is alive: those that run executions."""
    with create_session() as session:
        jobs = session.scalars(
            select(Job).where(
                Job.job_type == TriggererJobRunner.job_type, Job.state == JobState.RUNNING
            )
        ).all()
        return frozenset(str(job.hostname) for job in jobs if job.is_alive())
