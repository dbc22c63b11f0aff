"""Become one service of a cluster: leave root, take the settings, run Airflow in this process."""

import os
from pathlib import Path

from airscale.cluster import secrets
from airscale.cluster.account import leave_root
from airscale.cluster.deployment import SCRATCH, cluster_deployment
from airscale.cluster.services import SERVICES, ServiceName
from airscale.deployed import note_start
from airscale.home import PROJECT_ROOT, Home
from airscale.settings import environment


def serve(name: ServiceName) -> None:
    """
    Run a service; this process becomes it, so that it is the one that is told to stop.

    Raises
    ------
    StackError
        A secret is missing.
    """
    service = SERVICES[name]
    leave_root(needs_engine=service.uses_engine)
    variables = cluster_environment()
    for folder in (SCRATCH, Path(variables["AIRFLOW_HOME"])):
        folder.mkdir(parents=True, exist_ok=True)
    note_start(variables, name)
    os.chdir(PROJECT_ROOT)
    os.execve(service.command[0], service.command, variables)  # noqa: S606  # fixed, no shell


def cluster_environment() -> dict[str, str]:
    """Return the whole environment of a service of this cluster."""
    known = secrets.read()
    return environment(Home.from_environment(), known.keys, cluster_deployment(os.environ, known))
