"""The deployment on one machine: embedded PostgreSQL, LocalExecutor, loopback only."""

from pathlib import Path

from airscale.home import Home
from airscale.ports import HOST, Ports
from airscale.postgres import AIRFLOW_DATABASE, CATALOGUE_DATABASE, database_url
from airscale.settings import Deployment, Setting

_EXECUTOR = (
    Setting(
        "core",
        "executor",
        "dag_factory.airflow_executor.RobustLocalExecutor",
        "Workers are children of the scheduler, and no broker is needed. Airflow's own "
        "LocalExecutor may stand still when a worker was killed.",
    ),
    Setting(
        "core",
        "parallelism",
        "2",
        "LocalExecutor forks this many workers at once (32 by default); jobs wait in the "
        "triggerer and need none.",
    ),
    Setting(
        "scheduler",
        "task_queued_timeout",
        "90",
        "Here a queued task has a worker within seconds; one that a killed worker had taken is "
        "queued again after this and not after 600 s.",
    ),
    Setting(
        "scheduler",
        "task_queued_timeout_check_interval",
        "15",
        "How often that is looked for; every 120 s by default.",
    ),
)


def local_deployment(home: Home, ports: Ports, socket_folder: Path) -> Deployment:
    """
    Return what the system of one home has of its own.

    Parameters
    ----------
    socket_folder
        Where PostgreSQL's socket is.
    """
    return Deployment(
        airflow_database=database_url(socket_folder, AIRFLOW_DATABASE),
        catalogue_database=database_url(socket_folder, CATALOGUE_DATABASE),
        host=HOST,
        port=ports.api,
        base_url=ports.base_url,
        execution_api=ports.base_url,
        scratch=home.root,
        own=_EXECUTOR,
    )
