"""The environment of Airflow in tests: light, since every session sets it."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tests.support.postgres import database_url

PROJECT_ROOT: Final = Path(__file__).parents[2]
AIRFLOW_DATABASE: Final = "airflow"


def set_environment(folder: Path, socket_folder: Path) -> None:
    """Set what Airflow reads when it is imported; to be called before anything imports it."""
    url = database_url(socket_folder, AIRFLOW_DATABASE)
    os.environ.update(
        {
            "AIRFLOW_HOME": str(folder / "airflow"),
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": url,
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_ASYNC": url,
            "AIRFLOW__CORE__AUTH_MANAGER": (
                "airflow.providers.fab.auth_manager.fab_auth_manager.FabAuthManager"
            ),
            "AIRFLOW__CORE__PLUGINS_FOLDER": str(PROJECT_ROOT / "plugins"),
            "AIRFLOW__CORE__DAGS_FOLDER": str(folder / "dags"),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW__CORE__UNIT_TEST_MODE": "False",
            "AIRFLOW__API__SECRET_KEY": secrets.token_hex(32),
            "AIRFLOW__API_AUTH__JWT_SECRET": secrets.token_hex(32),
            "AIRFLOW__LOGGING__LOGGING_LEVEL": "WARNING",
            "AIRFLOW__LOGGING__FAB_LOGGING_LEVEL": "WARNING",
            "AIRSCALE_DISPATCHER": "0",
            "AIRSCALE_NODE_CPUS": "64",  # no test depends on what the machine has
            "AIRSCALE_NODE_MEM": "65536",
            "AIRSCALE_WEB": "1",
        }
    )


@contextmanager
def plain_environment(**variables: str) -> Iterator[None]:
    """Hide what `set_environment` set, for programs that a person would start from a shell.

    Parameters
    ----------
    variables
        Set for the time of the block.
    """
    former = dict(os.environ)
    try:
        for name in former:
            if name.startswith(("AIRFLOW_", "AIRSCALE_")) and name != "AIRSCALE_REQUIRE_DOCKER":
                del os.environ[name]
        os.environ.update(variables)
        yield
    finally:
        os.environ.clear()
        os.environ.update(former)
