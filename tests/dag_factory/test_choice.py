"""Which operator stands for a job that needs a container: the deployment says so."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = (
    "from dag_factory.dags import build\n"
    "task = {'task_id': 't', 'title': 't', 'job_type': 'j', 'command': 'c', 'priority': 5,"
    " 'image': 'i:1', 'runtime': 'docker', 'upstream': []}\n"
    "dag = {'dag_id': 'd', 'title': 'd', 'description': '', 'kind': 'job', 'revision_num': 1,"
    " 'tasks': [task]}\n"
    "print(type(build({'dags': [dag]})['d'].task_dict['t']).__name__)\n"
)


@pytest.mark.airflow
@pytest.mark.slow
@pytest.mark.parametrize(
    ("engine", "operator"),
    [("", "DockerJobOperator"), ("kubernetes", "KubernetesPodJobOperator")],
)
def test_the_engine_of_the_deployment_chooses_the_operator(engine: str, operator: str) -> None:
    environment = {**os.environ, "AIRSCALE_CONTAINER_ENGINE": engine}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=Path(__file__).parents[2],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.stdout.splitlines()[-1:] == [operator], done.stderr
