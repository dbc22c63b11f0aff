"""The DAG of a Strike process. Airflow imports the files of the bundle; each calls `build`.

The same definition gives the same DAG to the byte, or every refresh would make new DAG versions.
"""

from collections.abc import Mapping
from typing import Any

from airflow.sdk import DAG

from strike.sensor import StrikeSensor


def build(definition: Mapping[str, Any]) -> DAG:
    """Return the DAG that keeps a Strike process running: one run after another, for ever.

    Parameters
    ----------
    definition
        ``dag_id``, ``title``, ``description`` and ``strike_id`` of the Strike process.
    """
    dag = DAG(
        dag_id=definition["dag_id"],
        dag_display_name=definition["title"],
        description=definition["description"],
        schedule="@continuous",
        max_active_runs=1,
        catchup=False,
        tags={"airscale", "strike"},
    )
    StrikeSensor(dag=dag, task_id="watch", strike_id=definition["strike_id"], retries=0)
    return dag
