"""The tasks of a recipe's DAG: what the UI shows a job as. The trigger does the work."""

from typing import Any, ClassVar

from airflow.configuration import conf
from airflow.sdk import BaseOperator, BaseOperatorLink, Context
from airflow.sdk.exceptions import AirflowFailException
from airflow.triggers.base import StartTriggerArgs

from catalog.errors import NotFoundError
from catalog.states import JobStatus
from schemas.job_interface import Start


def job_page(job_id: str | int) -> str:
    """Return the address of a job's page, inside Airflow's UI."""
    base_url: str = conf.get("api", "base_url", fallback="")
    return f"{base_url.rstrip('/')}/plugin/airscale#/jobs/{job_id}/"


class JobLink(BaseOperatorLink):
    """The page of a task's job. Airflow reads it where the trigger left it, under `xcom_key`."""

    name = "Airscale job"

    def get_link(self, operator: Any, *, ti_key: Any) -> str:
        """Return the address for a task that a worker ends; its template is filled in then."""
        del ti_key
        return job_page(operator.job_id)


class JobOperator(BaseOperator):
    """A job of the catalogue, run by the triggerer: at once, or after a start in a worker.

    Parameters
    ----------
    job_id
        Id of the job, as a template over the run's conf.
    job_type, command
        What runs; for people who look at the task.
    start
        Where the task starts.
    pool
        The pool of the job's type: it holds a task that starts in a worker.
    """

    start_from_trigger = True
    template_fields = ("job_id",)
    ui_color: ClassVar[str] = "#e8f0fe"
    operator_extra_links = (JobLink(),)

    def __init__(
        self,
        *,
        job_id: str,
        job_type: str,
        command: str,
        start: Start = Start.TRIGGERER,
        pool: str | None = None,
        **options: Any,
    ) -> None:
        in_worker = start is Start.WORKER
        super().__init__(**options, **({"pool": pool} if in_worker and pool else {}))
        self.job_id = job_id
        self.job_type = job_type
        self.command = command
        self.start_from_trigger = not in_worker
        if not in_worker:
            self.start_trigger_args = StartTriggerArgs(
                trigger_cls="dag_factory.trigger.JobTrigger",
                next_method="execute_complete",
                trigger_kwargs={"job_id": job_id},
            )

    def execute(self, context: Context) -> None:
        """Hand the job to the triggerer, which ends the task; only called in a worker.

        Airflow comes here again when a worker was lost, and also when the job has failed.

        Raises
        ------
        AirflowFailException
            Raised if the job has failed, was cancelled or is not there: that is not tried again.
        """
        del context
        from dag_factory.trigger import JobTrigger, status_of  # noqa: PLC0415 - parsing stays cheap

        try:
            status = status_of(self.job_id)
        except NotFoundError as error:
            raise AirflowFailException(str(error)) from error
        if status in (JobStatus.FAILED, JobStatus.CANCELED):
            raise AirflowFailException(f"Job {self.job_id} is {status}. Requeue it in Airscale.")
        self.defer(trigger=JobTrigger(job_id=self.job_id), method_name="execute_complete")

    def execute_complete(self, context: Context, event: object = None) -> None:
        """Say why the trigger ended without an outcome; it is only called then."""
        del context
        message = f"The trigger of {self.task_id} ended without an outcome ({event})."
        raise RuntimeError(message)


class ProcessJobOperator(JobOperator):
    """A job that runs as a process."""


class ContainerJobOperator(JobOperator):
    """A job that runs an image.

    Parameters
    ----------
    image
        The image; for people who look at the task.
    """

    def __init__(self, *, image: str | None, **options: Any) -> None:
        super().__init__(**options)
        self.image = image


class DockerJobOperator(ContainerJobOperator):
    """A job that runs as a Docker container."""

    ui_color: ClassVar[str] = "#e0f3fb"


class KubernetesPodJobOperator(ContainerJobOperator):
    """A job that runs as a Kubernetes pod."""

    ui_color: ClassVar[str] = "#e3e9fd"
