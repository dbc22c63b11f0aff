"""Every Airflow setting that Airscale changes, in this one place, each with its reason."""

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from airscale.home import PROJECT_ROOT, Home
from airscale.keys import Secrets

MARKER = "AIRSCALE_STACK"
"""
Carries the home in the environment of every process the stack starts, directly or not.

``AIRSCALE_HOME`` cannot serve: a person exports it in a shell, and `down` must not end what
else runs in that shell.
"""

NOT_INHERITED = frozenset({"PYTHONDONTWRITEBYTECODE", "PYTHONHOME", MARKER})


@dataclass(frozen=True, slots=True)
class Setting:
    """
    One option of Airflow's configuration, or of a provider's.

    Parameters
    ----------
    section, key
        As in ``airflow.cfg``.
    value
        The text given to Airflow.
    reason
        Why Airflow's own value does not do, or why it is pinned.
    """

    section: str
    key: str
    value: str
    reason: str

    @property
    def variable(self) -> str:
        """The environment variable that carries it."""
        return f"AIRFLOW__{self.section.upper()}__{self.key.upper()}"


@dataclass(frozen=True, slots=True)
class Deployment:
    """
    What one way of running Airscale has of its own.

    Parameters
    ----------
    airflow_database, catalogue_database
        SQLAlchemy URLs, for psycopg 3.
    host, port
        Where an API server listens.
    base_url
        The address that people are given, without a slash at its end.
    execution_api
        The address at which tasks and triggers reach an API server, likewise.
    scratch
        Where a component keeps what it can make again: Airflow's home and the bundle versions.
    own
        The settings that only this way has, its executor among them.
    """

    airflow_database: str
    catalogue_database: str
    host: str
    port: int
    base_url: str
    execution_api: str
    scratch: Path
    own: tuple[Setting, ...]


def airflow_settings(home: Home, secrets: Secrets, deployment: Deployment) -> tuple[Setting, ...]:
    """Return every setting for this home; pure, so that two calls agree."""
    return (
        *_bundles(deployment.scratch),
        *_parsing(),
        *_scheduling(),
        *_people(),
        *_api_server(deployment),
        *_keys(secrets),
        *_storage(home, deployment.airflow_database),
        *deployment.own,
    )


def environment(
    home: Home,
    secrets: Secrets,
    deployment: Deployment,
    inherited: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """
    Return the whole environment of a component and of what it starts.

    A variable ``AIRFLOW__<SECTION>__<KEY>`` that the caller has set wins over ours: that is how
    a setting is tried without editing this file.

    Parameters
    ----------
    inherited
        The caller's environment; ``os.environ`` when not given.
    """
    base = dict(os.environ if inherited is None else inherited)
    for name in NOT_INHERITED:
        base.pop(name, None)
    settings = airflow_settings(home, secrets, deployment)
    return (
        {setting.variable: setting.value for setting in settings}
        | base
        | {
            "AIRFLOW_HOME": str(deployment.scratch / "airflow"),
            "AIRSCALE_HOME": str(home.root),
            MARKER: str(home.root),
            "AIRSCALE_DATABASE_URL": deployment.catalogue_database,
            "AIRSCALE_EXECUTIONS": str(home.executions),
            "AIRSCALE_RECIPES": base.get(
                "AIRSCALE_RECIPES", str(PROJECT_ROOT / "dags" / "recipes")
            ),
            "AIRSCALE_ALGORITHM_PATH": _algorithms(base.get("AIRSCALE_ALGORITHM_PATH")),
            "PATH": _path(base.get("PATH", os.defpath)),
            "PYTHONPATH": str(PROJECT_ROOT),
            # A process that sets its title would otherwise wipe the marker from /proc.
            "SPT_NOENV": "1",
        }
    )


def _algorithms(configured: str | None) -> str:
    """Put the example's algorithms after those of the deployment, once."""
    folders = configured.split(os.pathsep) if configured else []
    return os.pathsep.join(dict.fromkeys((*folders, str(PROJECT_ROOT / "examples" / "algorithms"))))


def _path(inherited: str) -> str:
    """Put this interpreter's programs first; resolving its path would leave the venv."""
    return os.pathsep.join((str(Path(sys.executable).parent), inherited))


def _bundles(scratch: Path) -> tuple[Setting, ...]:
    bundles = [
        {
            "name": "airscale",
            "classpath": "dag_factory.bundle.CatalogueDagBundle",
            "kwargs": {"refresh_interval": 1},
        },
        {
            "name": "dags-folder",
            "classpath": "airflow.dag_processing.bundles.local.LocalDagBundle",
            "kwargs": {},
        },
    ]
    return (
        Setting(
            "dag_processor",
            "dag_bundle_config_list",
            json.dumps(bundles),
            "The catalogue's recipes are a versioned bundle, beside the project's dags folder.",
        ),
        Setting(
            "dag_processor",
            "dag_bundle_storage_path",
            str(scratch / "bundles"),
            "Bundle versions are kept where the system is; the default is a folder under /tmp.",
        ),
        Setting(
            "dag_processor",
            "bundle_refresh_check_interval",
            "1",
            "A changed recipe is runnable within seconds; the default looks every 5 s.",
        ),
        Setting(
            "core",
            "dags_folder",
            str(PROJECT_ROOT / "dags"),
            "The project's DAGs are loaded where they lie.",
        ),
        Setting(
            "core",
            "plugins_folder",
            str(PROJECT_ROOT / "plugins"),
            "The project's plugin is loaded where it lies.",
        ),
        Setting("core", "load_examples", "False", "Airflow's example DAGs are not part of this."),
    )


def _parsing() -> tuple[Setting, ...]:
    return (
        Setting(
            "dag_processor",
            "refresh_interval",
            "10",
            "A file added to dags/ is seen within 10 s; the default lists the folder every 300 s.",
        ),
        Setting(
            "dag_processor",
            "min_file_process_interval",
            "60",
            "A changed file is parsed at once anyway; parsing unchanged ones costs a core for "
            "nothing (14 s for 1,000 recipes).",
        ),
        Setting(
            "dag_processor",
            "parsing_processes",
            "1",
            "One parser suffices on a small machine, and each holds its own memory.",
        ),
        Setting(
            "core",
            "min_serialized_dag_update_interval",
            "0",
            "At its default of 30 s a run can pair a new bundle version with the old task graph.",
        ),
        Setting(
            "core",
            "dags_are_paused_at_creation",
            "False",
            "A recipe that the catalogue holds is meant to run.",
        ),
    )


def _scheduling() -> tuple[Setting, ...]:
    return (
        Setting(
            "core",
            "max_active_runs_per_dag",
            "500",
            "One DAG serves all files of a recipe type; 16 runs at a time would starve it.",
        ),
        Setting(
            "core",
            "hostname_callable",
            "socket.gethostname",
            "Asks no name server; the default can wait seconds for one.",
        ),
        Setting(
            "scheduler",
            "scheduler_idle_sleep_time",
            "0.25",
            "Runs start sooner after an idle loop than with the default of 1 s. Shorter still, it "
            "looks at runs that wait for their jobs over and over, for half of a CPU.",
        ),
        Setting(
            "scheduler",
            "max_dagruns_per_loop_to_schedule",
            "20",
            "Pinned: 200 doubles the scheduler's CPU time and gains nothing.",
        ),
        Setting(
            "scheduler",
            "task_instance_heartbeat_timeout",
            "60",
            "A task whose worker was killed is tried again after a minute; housekeeping would "
            "otherwise stand still for five.",
        ),
        Setting(
            "workers",
            "min_heartbeat_interval",
            "1",
            "A task's supervisor otherwise holds its slot 5 s after many tasks.",
        ),
        Setting(
            "triggerer",
            "capacity",
            "1000",
            "Pinned: every running job and Strike process waits here, and 500 cost 148 MiB.",
        ),
    )


def _people() -> tuple[Setting, ...]:
    fab = "airflow.providers.fab.auth_manager.fab_auth_manager.FabAuthManager"
    return (
        Setting(
            "core",
            "auth_manager",
            fab,
            "Users, roles and permissions that REST and pages check; the simple manager "
            "ignores the method of a request.",
        ),
        Setting(
            "fab",
            "session_backend",
            "securecookie",
            "Flask-AppBuilder pages need it, and no session rows pile up in the database.",
        ),
    )


def _api_server(deployment: Deployment) -> tuple[Setting, ...]:
    return (
        Setting(
            "api",
            "host",
            deployment.host,
            "Loopback on one machine; in a cluster the other containers must reach it.",
        ),
        Setting("api", "port", str(deployment.port), "The port chosen for this deployment."),
        Setting(
            "api",
            "base_url",
            deployment.base_url,
            "Links and redirects name the address that the person was given.",
        ),
        Setting(
            "api",
            "workers",
            "1",
            "Pinned: each further worker costs more than 200 MiB, and the dispatcher runs in each.",
        ),
        Setting("api", "instance_name", "Airscale", "What the UI calls itself."),
        Setting(
            "core",
            "execution_api_server_url",
            f"{deployment.execution_api}/execution/",
            "Tasks and triggers talk to an API server of this deployment.",
        ),
    )


def _keys(secrets: Secrets) -> tuple[Setting, ...]:
    return (
        Setting(
            "api",
            "secret_key",
            secrets.api_secret_key,
            "Shared by all components and restarts; the default is made anew.",
        ),
        Setting(
            "api_auth",
            "jwt_secret",
            secrets.jwt_secret,
            "Tokens outlive a restart, and every component checks them alike.",
        ),
        Setting(
            "core",
            "fernet_key",
            secrets.fernet_key,
            "Connections stay readable after a restart.",
        ),
    )


def _storage(home: Home, url: str) -> tuple[Setting, ...]:
    return (
        Setting(
            "database",
            "sql_alchemy_conn",
            url,
            "PostgreSQL: on SQLite 8 requests at once end the scheduler.",
        ),
        Setting(
            "database",
            "sql_alchemy_conn_async",
            url,
            "The same driver for both kinds of session; asyncpg is not installed.",
        ),
        Setting(
            "logging",
            "base_log_folder",
            str(home.logs / "tasks"),
            "Task logs are kept beside the components' logs.",
        ),
        Setting(
            "logging",
            "dag_processor_child_process_log_directory",
            str(home.logs / "dag_processor"),
            "What a DAG file prints while it is parsed is kept with the other logs.",
        ),
        Setting(
            "logging",
            "colored_console_log",
            "False",
            "The components' output goes to files, where colour codes are noise.",
        ),
    )
