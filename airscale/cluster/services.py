"""The services of a cluster: what each runs, and how it shows that it lives."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from airscale.components import AIRFLOW


class Sign(StrEnum):
    """What shows that a service lives."""

    HTTP = "HTTP"
    HEARTBEAT = "HEARTBEAT"
    QUEUE = "QUEUE"


@dataclass(frozen=True, slots=True)
class Service:
    """
    One kind of container; any number of them may run.

    Parameters
    ----------
    arguments
        Of the ``airflow`` command.
    sign
        What shows that it lives.
    job_type
        The kind of its heartbeats in Airflow's database, where that is its sign.
    uses_engine
        Whether jobs are started from here, so that the container engine must be reached.
    """

    arguments: tuple[str, ...]
    sign: Sign
    job_type: str = ""
    uses_engine: bool = False

    @property
    def command(self) -> tuple[str, ...]:
        """The program and its arguments."""
        return (*AIRFLOW, *self.arguments)


class ServiceName(StrEnum):
    """The services by the names they have in docker-compose.yaml, without their numbers."""

    API_SERVER = "api-server"
    SCHEDULER = "scheduler"
    DAG_PROCESSOR = "dag-processor"
    TRIGGERER = "triggerer"
    WORKER = "worker"


SERVICES: Final = {
    ServiceName.API_SERVER: Service(("api-server",), Sign.HTTP),
    ServiceName.SCHEDULER: Service(("scheduler",), Sign.HEARTBEAT, "SchedulerJob"),
    ServiceName.DAG_PROCESSOR: Service(("dag-processor",), Sign.HEARTBEAT, "DagProcessorJob"),
    ServiceName.TRIGGERER: Service(
        ("triggerer",), Sign.HEARTBEAT, "TriggererJob", uses_engine=True
    ),
    ServiceName.WORKER: Service(("celery", "worker"), Sign.QUEUE),
}
