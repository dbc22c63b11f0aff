"""The deployment of a cluster: services that find each other by name, jobs on Celery workers."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final
from urllib.parse import quote

from airscale.cluster.secrets import ClusterSecrets
from airscale.postgres import AIRFLOW_DATABASE, CATALOGUE_DATABASE
from airscale.settings import Deployment, Setting

USER: Final = "airscale"
"""Of the databases."""
API_PORT: Final = 8080
SCRATCH: Final = Path("/var/tmp/airscale")  # noqa: S108  # a container's own, lost with it
POSTGRES_VARIABLE: Final = "AIRSCALE_POSTGRES"
REDIS_VARIABLE: Final = "AIRSCALE_REDIS"
API_VARIABLE: Final = "AIRSCALE_API"
ADDRESS_VARIABLE: Final = "AIRSCALE_ADDRESS"


def database_url(environ: Mapping[str, str], secrets: ClusterSecrets, database: str) -> str:
    """Return the SQLAlchemy URL of a database of the cluster, for psycopg 3."""
    server = environ.get(POSTGRES_VARIABLE, "postgres:5432")
    return f"postgresql+psycopg://{USER}:{quote(secrets.postgres_password)}@{server}/{database}"


def broker_url(environ: Mapping[str, str], secrets: ClusterSecrets) -> str:
    """Return the URL of the queue of the Celery workers."""
    return f"redis://:{quote(secrets.redis_password)}@{environ.get(REDIS_VARIABLE, 'redis:6379')}/0"


def cluster_deployment(environ: Mapping[str, str], secrets: ClusterSecrets) -> Deployment:
    """Return what a cluster has of its own, as its environment names the other services."""
    airflow = database_url(environ, secrets, AIRFLOW_DATABASE)
    return Deployment(
        airflow_database=airflow,
        catalogue_database=database_url(environ, secrets, CATALOGUE_DATABASE),
        host="0.0.0.0",  # noqa: S104  # a container's: the port is published on loopback
        port=API_PORT,
        base_url=environ.get(ADDRESS_VARIABLE, f"http://localhost:{API_PORT}"),
        execution_api=environ.get(API_VARIABLE, f"http://api-server:{API_PORT}"),
        scratch=SCRATCH,
        own=_own(broker_url(environ, secrets), f"db+{airflow}"),
    )


def _own(broker: str, results: str) -> tuple[Setting, ...]:
    return (
        Setting(
            "core",
            "executor",
            "CeleryExecutor",
            "Workers are containers of their own, as many as are wanted, on any host.",
        ),
        Setting(
            "core",
            "parallelism",
            "32",
            "How many tasks one scheduler hands out; jobs that run wait in the triggerers.",
        ),
        Setting("celery", "broker_url", broker, "The queue that all schedulers and workers share."),
        Setting(
            "celery",
            "result_backend",
            results,
            "Results lie in the database, which is backed up.",
        ),
        Setting(
            "celery",
            "worker_concurrency",
            "4",
            "Each worker process costs memory, and a job only passes through one.",
        ),
        Setting(
            "celery",
            "worker_enable_remote_control",
            "True",
            "Pinned: the health check of a worker asks it over its queue.",
        ),
        Setting(
            "scheduler",
            "orphaned_tasks_check_interval",
            "30",
            "Another scheduler takes over sooner what a dead one had queued; the default is 300 s.",
        ),
    )
