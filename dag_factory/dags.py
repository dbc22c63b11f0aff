"""Shards to DAGs. Airflow imports the files of the bundle; each calls `build`.

The same shard gives the same DAG to the byte, or every refresh would make new DAG versions.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final, assert_never

from airflow.sdk import DAG, get_parsing_context

from dag_factory.operators import (
    ContainerJobOperator,
    DockerJobOperator,
    JobOperator,
    KubernetesPodJobOperator,
    ProcessJobOperator,
)
from dag_factory.runtimes.choice import ContainerEngine, container_engine
from dag_factory.start import default_start
from schemas.job_interface import Start

REVISION_TAG: Final = "revision "
_LOST_IN_WORKER: Final = 10
"""How often Airflow tries again to start a task whose worker died, or could not reach it."""
_AGAIN_AFTER: Final = timedelta(seconds=5)


def build(content: Mapping[str, Any]) -> dict[str, DAG]:
    """Return the DAGs of a shard by DAG id; in a worker only the one that is asked for."""
    wanted = get_parsing_context().dag_id
    return {
        definition["dag_id"]: _dag(definition)
        for definition in content["dags"]
        if wanted is None or definition["dag_id"] == wanted
    }


def _dag(definition: Mapping[str, Any]) -> DAG:
    dag = DAG(
        dag_id=definition["dag_id"],
        dag_display_name=definition["title"],
        description=definition["description"],
        schedule=None,
        catchup=False,
        tags={"airscale", definition["kind"], f"{REVISION_TAG}{definition['revision_num']}"},
    )
    tasks = {task["task_id"]: _operator(dag, task) for task in definition["tasks"]}
    for task in definition["tasks"]:
        tasks[task["task_id"]].set_upstream([tasks[parent] for parent in task["upstream"]])
    return dag


def weight_of(priority: int) -> int:
    """Return a priority as Airflow has it: higher first (seed 001, Job Type Services: lower)."""
    return max(1, 10_000 - priority)


def _operator(dag: DAG, task: Mapping[str, Any]) -> JobOperator:
    start = Start(task.get("start") or default_start())
    shared = {
        "dag": dag,
        "task_id": task["task_id"],
        "task_display_name": task["title"],
        "job_id": f"{{{{ dag_run.conf['jobs']['{task['task_id']}'] }}}}",
        "job_type": task["job_type"],
        "command": task["command"],
        "start": start,
        "pool": task.get("pool"),
        "priority_weight": weight_of(task["priority"]),
        "weight_rule": "absolute",
        # Jobs are tried again in their trigger; only a worker can lose a task before it is there.
        "retries": _LOST_IN_WORKER if start is Start.WORKER else 0,
        "retry_delay": _AGAIN_AFTER,
    }
    if task["runtime"] == "docker":
        return _container_operator()(image=task["image"], **shared)
    return ProcessJobOperator(**shared)


def _container_operator() -> type[ContainerJobOperator]:
    engine = container_engine()
    match engine:
        case ContainerEngine.DOCKER:
            return DockerJobOperator
        case ContainerEngine.KUBERNETES:
            return KubernetesPodJobOperator
        case _:
            assert_never(engine)
