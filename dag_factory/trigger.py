"""The trigger that runs a job: the only place where Airflow's triggerer meets the runner."""

from collections.abc import AsyncIterator
from functools import cache
from typing import Any

from airflow.triggers.base import BaseTrigger, TaskFailedEvent, TaskSuccessEvent, TriggerEvent

from catalog.database import Database
from catalog.services.executions import ExecutionService
from catalog.services.runs import STOPPED
from catalog.states import JobStatus
from dag_factory.host import slots_of_environment
from dag_factory.operators import JobLink, job_page
from dag_factory.runner import JobRunner
from dag_factory.work_directory import executions_directory


class JobTrigger(BaseTrigger):
    """Runs a job to its end and ends the task with it.

    It may be entered again, here or in another triggerer: the runner finds what runs already.

    Parameters
    ----------
    job_id
        Id of the job; text, because it is rendered from a template.
    """

    def __init__(self, job_id: str | int, **options: Any) -> None:
        super().__init__(**options)
        self.job_id = job_id

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Return what another triggerer needs to run this trigger."""
        return "dag_factory.trigger.JobTrigger", {"job_id": self.job_id}

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Run the job; the event says whether it completed."""
        completed = await shared_runner().run(int(self.job_id), self.log.info)
        left: dict[str, Any] = {JobLink().xcom_key: job_page(self.job_id)}
        yield TaskSuccessEvent(xcoms=left) if completed else TaskFailedEvent(xcoms=left)

    async def on_kill(self) -> None:
        """Cancel the job: a person marked or cleared its task."""
        await shared_runner().cancel(int(self.job_id), STOPPED)


class OrphanTrigger(BaseTrigger):
    """Removes what is left of executions that have ended, also where no job comes any more."""

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Return what another triggerer needs to run this trigger."""
        return "dag_factory.trigger.OrphanTrigger", {}

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Look once; what cannot be removed now is found the next time."""
        await shared_runner().sweep()
        yield TaskSuccessEvent()


def status_of(job_id: str | int) -> JobStatus:
    """Return the status of a job, as a worker asks for it: once."""
    database = Database.from_environment()
    try:
        return ExecutionService(database).status_of(int(job_id))
    finally:
        database.close()


@cache
def shared_runner() -> JobRunner:
    """Return the runner all jobs of this triggerer share: its connections, and its watch."""
    return JobRunner(
        executions=ExecutionService(Database.from_environment()),
        directory=executions_directory(),
        slots=slots_of_environment(),
    )
