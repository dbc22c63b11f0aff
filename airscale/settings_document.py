"""docs/settings.md, made from the settings themselves so that it cannot rot.

``python -m airscale.settings_document > docs/settings.md`` writes it anew.
"""

import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from airscale.home import Home
from airscale.keys import Secrets
from airscale.local import local_deployment
from airscale.ports import Ports
from airscale.settings import Setting, airflow_settings

VARIABLES: Final[Mapping[str, str]] = {
    "AIRSCALE_ADDRESS": "Address of a cluster for people; `http://localhost:8080` by default.",
    "AIRSCALE_ALGORITHM_PATH": "Folders, separated by `:`, where the commands of process jobs are"
    " looked up before `PATH`.",
    "AIRSCALE_ALLOW_PRIVILEGED": "`1` lets job types with `docker_privileged` run"
    " privileged; they are refused without it.",
    "AIRSCALE_API": "Address at which tasks of a cluster reach an API server;"
    " `http://api-server:8080` by default.",
    "AIRSCALE_CLEAN_UP": "When work directories, containers and pods of ended executions are"
    " removed: `always` at once (the default), `on-success`, or after so many hours.",
    "AIRSCALE_CONTAINER_ENGINE": "Where job types with `uses_docker` run: `docker` (the default) or"
    " `kubernetes`. The DAG processor and the triggerers have to agree.",
    "AIRSCALE_DATABASE_URL": "SQLAlchemy URL of the catalogue, `postgresql+psycopg://...`.",
    "AIRSCALE_DISPATCHER": "`0` keeps an API server from dispatching; `airscale dispatch` does it"
    " elsewhere then.",
    "AIRSCALE_DOCKER_CONNECTION": "Ids of the Airflow connections to registries of images,"
    " separated by `,`; `docker_default` by default, which need not exist. See docker.md.",
    "AIRSCALE_EXECUTIONS": "Folder of the work directories of this host's executions.",
    "AIRSCALE_FETCH_SCHEMES": "Schemes of addresses that submissions may name, separated by `,`;"
    " `https,http,s3` by default. `file` lets whoever may submit read the files of the hosts.",
    "AIRSCALE_HOME": "Folder of everything the local system keeps; `.airscale` by default.",
    "AIRSCALE_JOB_ENVIRONMENT": "JSON object of names and texts: environment variables of all jobs,"
    " where a submission does not give others. Whoever sees a job sees them. See execution.md.",
    "AIRSCALE_JOB_SLOTS": "How many jobs one host runs at once, besides what its CPUs and memory"
    " allow; any number by default.",
    "AIRSCALE_JOBS_DATABASE_URL": "Address of an Elasticsearch or OpenSearch that jobs go to,"
    " `https://user:password@host:9200`; none by default. See unity.md.",
    "AIRSCALE_KUBERNETES_CONNECTION": "Id of the Airflow connection to the cluster;"
    " `kubernetes_default` by default, which need not exist.",
    "AIRSCALE_KUBERNETES_PENDING_SECONDS": "How long a pod may wait for room, volumes and its image"
    " before the execution fails; 600 by default.",
    "AIRSCALE_KUBERNETES_POD_TEMPLATE": "YAML file of a pod that every job's pod is merged over.",
    "AIRSCALE_KUBERNETES_VOLUMES": "JSON object: directory of this host to the volume that holds it"
    " in the cluster, as in a pod. See [Jobs in Kubernetes](kubernetes.md).",
    "AIRSCALE_LOG_DAYS": "For how many days the log store keeps what jobs printed; for ever by"
    " default.",
    "AIRSCALE_LOGS": "Folder of what jobs print, the same for all hosts, or `s3://bucket/prefix`;"
    " `job-logs` below `AIRSCALE_HOME` by default.",
    "AIRSCALE_LOGS_CONNECTION": "Id of the Airflow connection to the bucket of `AIRSCALE_LOGS`;"
    " without it, `AWS_ENDPOINT_URL`, `AWS_ACCESS_KEY_ID` and so on count, see workspaces.md.",
    "AIRSCALE_MAX_BODY_BYTES": "How large the body of a request may be; 16777216 (16 MiB) by"
    " default. More is answered with 413.",
    "AIRSCALE_MOUNTS": "JSON object: NFS export `host:/path` to the folder where this host has it."
    " An export that is not listed is taken to be mounted under its own path.",
    "AIRSCALE_NODE_CPUS": "CPUs that this host gives to jobs; all it has by default.",
    "AIRSCALE_NODE_MEM": "MiB of memory that this host gives to jobs; all it has by default.",
    "AIRSCALE_OCPS_IMAGE": "Docker image for the commands of the OCPS job manager; without it they"
    " are processes of the hosts.",
    "AIRSCALE_PAI_FS_URI": "What `$PAI_DEFAULT_FS_URI` stands for in jobs of OpenPAI; a folder of"
    " `AIRSCALE_HOME` by default.",
    "AIRSCALE_PAI_HOST": "Address at which the tasks of OpenPAI's jobs find each other, and at"
    " which the ports of their containers are published; 127.0.0.1 by default.",
    "AIRSCALE_PAI_PORTS": "Ports that are handed out to the tasks of OpenPAI's jobs, `first-last`;"
    " `20000-32767` by default.",
    "AIRSCALE_PAI_RUNTIME": "`docker` (the default): tasks of OpenPAI's jobs run their image;"
    " `process`: they are processes of the hosts.",
    "AIRSCALE_PORT": "Port of the API server of the local system; 8080 or a free one by default.",
    "AIRSCALE_POSTGRES": "Host and port of the cluster's PostgreSQL; `postgres:5432` by default.",
    "AIRSCALE_PROCESS_ISOLATION": "What process jobs see of their host: `off` (the default)"
    " all that their user sees; `landlock` only what is theirs, and they fail where the kernel"
    " cannot; `available` the same, as far as the kernel can. See execution.md.",
    "AIRSCALE_PROCESS_PATHS": "Files and directories that isolated process jobs may read and"
    " execute besides, from the root on, separated by `:`.",
    "AIRSCALE_PROCESS_WRITABLE_PATHS": "Those that they may write, too.",
    "AIRSCALE_RECIPES": "Folder whose JSON files become recipes; `dags/recipes` by default.",
    "AIRSCALE_REDIS": "Host and port of the cluster's Redis; `redis:6379` by default.",
    "AIRSCALE_RESULTS_WORKSPACE": "Workspace for results of jobs that name none; by default"
    " `results`, which is made below `AIRSCALE_HOME` when it is first needed.",
    "AIRSCALE_SECRETS": "Folder of the secrets of a cluster, a file each; a process that has it"
    " belongs to a cluster.",
    "AIRSCALE_STACK": "Set by `airscale up` for its processes, so that `down` finds them all.",
    "AIRSCALE_START": "`triggerer` (the default) or `worker`: where Airflow starts jobs whose type"
    " does not say, see execution.md.",
    "AIRSCALE_STRIKE_STABILITY_SECONDS": "How long a file must not change before it is ingested;"
    " 1 by default, 0 where writers rename.",
    "AIRSCALE_WEB": "`1` makes a process that is no API server build the web parts (for tests).",
    "DOCKER_CERT_PATH": "Folder of `ca.pem`, `cert.pem` and `key.pem` for an engine with TLS;"
    " `~/.docker` by default.",
    "DOCKER_HOST": "Address of the Docker engine for jobs in containers; the local one by default.",
    "DOCKER_TLS_VERIFY": "Any value: the engine at `DOCKER_HOST` is spoken to over TLS.",
}


def document() -> str:
    """Return the text of docs/settings.md."""
    return "\n".join(
        [
            "# Settings",
            "",
            "## Environment variables of Airscale",
            "",
            "| variable | meaning |",
            "|---|---|",
            *(f"| `{name}` | {meaning} |" for name, meaning in VARIABLES.items()),
            "",
            "## Airflow's settings",
            "",
            "`airscale up` sets these. A variable `AIRFLOW__<SECTION>__<KEY>` that is set already",
            "wins. Values in angle brackets depend on the home.",
            "",
            "| setting | value | reason |",
            "|---|---|---|",
            *(_row(setting) for setting in sorted_settings()),
            "",
        ]
    )


def sorted_settings() -> Iterable[Setting]:
    """Return the settings of a home that stands for all, by section and key."""
    secrets = Secrets(**dict.fromkeys(Secrets.__slots__, "<secret>"))
    home = Home(Path("<home>"))
    deployment = local_deployment(home, Ports(8080), home.postgres)
    settings = airflow_settings(home, secrets, deployment)
    return sorted(settings, key=lambda each: (each.section, each.key))


def _row(setting: Setting) -> str:
    value = setting.value.replace(str(Path(__file__).parents[1]), "<project>").replace("|", r"\|")
    return f"| `[{setting.section}] {setting.key}` | `{value}` | {setting.reason} |"


if __name__ == "__main__":
    sys.stdout.write(document())
