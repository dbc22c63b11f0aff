"""A DAG with one DockerOperator, and one with one BashOperator: Airflow's own, as they come.

Read by Airflow as a DAG folder of its own; the image is that of `IMAGE_VARIABLE`.
"""

import os

from airflow.providers.docker.operators.docker import DockerOperator
from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG

from benchmarks.jobs_types import IMAGE_VARIABLE

with DAG("stock.docker", schedule=None, max_active_runs=500, max_active_tasks=500):
    DockerOperator(
        task_id="true",
        image=os.environ.get(IMAGE_VARIABLE, "busybox"),
        command=["true"],
        auto_remove="success",
        mount_tmp_dir=False,
    )

with DAG("stock.bash", schedule=None, max_active_runs=500, max_active_tasks=500):
    BashOperator(task_id="true", bash_command="true")
