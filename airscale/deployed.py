"""The deployment that a command was started beside: a cluster's container, or a home."""

import os
import socket
import subprocess
import sys
from collections.abc import Mapping

from airscale import keys, ports, postgres
from airscale.cluster.secrets import is_cluster
from airscale.errors import StackError
from airscale.home import PROJECT_ROOT, Home
from airscale.local import local_deployment
from airscale.settings import environment


def variables(home: Home) -> dict[str, str]:
    """
    Return the environment that the components of this deployment have.

    Raises
    ------
    StackError
        There is no system in this home, or it does not run.
    """
    if is_cluster(os.environ):
        from airscale.cluster.serve import cluster_environment  # noqa: PLC0415 - here only

        return cluster_environment()
    chosen = ports.load(home)
    if chosen is None or not home.secrets.exists() or not postgres.is_running(home):
        raise StackError(f"No system runs in {home.root}. Start it with `up`; see AIRSCALE_HOME.")
    deployment = local_deployment(home, chosen, postgres.socket_folder(home))
    return environment(home, keys.load(home), deployment)


def note_start(variables: Mapping[str, str], *names: str) -> None:
    """Note in the catalogue from which code components of this host are started now."""
    from airscale.build import build  # noqa: PLC0415 - only for starts
    from catalog.catalogue import Catalogue  # noqa: PLC0415 - as above
    from catalog.database import Database  # noqa: PLC0415 - as above

    database = Database(variables["AIRSCALE_DATABASE_URL"])
    try:
        catalogue = Catalogue(database)
        for name in names:
            catalogue.components.started(name, socket.gethostname(), build())
    finally:
        database.close()


def migrate(home: Home) -> None:
    """
    Bring the databases of this deployment to this version.

    Raises
    ------
    StackError
        There is no system here, or the migration failed; its output says why.
    """
    command = [sys.executable, "-m", "airscale.bootstrap"]
    ended = subprocess.run(command, cwd=PROJECT_ROOT, env=variables(home), check=False)  # noqa: S603  # ours
    if ended.returncode != 0:
        raise StackError(
            "The databases are not at this version. Mend what stands above, then migrate again."
        )
