"""Makes runs of stock DAGs as fast as Airflow does, with Airflow imported beforehand.

``python -m benchmarks.stock_runs`` in the environment of a system: each line
``DAG_ID PREFIX COUNT`` on standard input makes runs ``PREFIX-0`` and so on, and is answered with
``done``, or with ``not yet`` while Airflow has not read the DAG.
"""

import sys

from airflow.api.common.trigger_dag import trigger_dag
from airflow.exceptions import DagNotFound
from airflow.utils.session import create_session
from airflow.utils.types import DagRunTriggeredByType, DagRunType


def main() -> None:
    """Answer until standard input ends."""
    _say("ready")
    for line in sys.stdin:
        dag_id, prefix, count = line.split()
        try:
            make_runs(dag_id, prefix, int(count))
        except DagNotFound:
            _say("not yet")
        else:
            _say("done")


def _say(word: str) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


def make_runs(dag_id: str, prefix: str, count: int) -> None:
    """Make runs of a DAG."""
    for number in range(count):
        with create_session() as session:
            trigger_dag(
                dag_id,
                triggered_by=DagRunTriggeredByType.REST_API,
                run_id=f"{prefix}-{number}",
                run_type=DagRunType.MANUAL,
                session=session,
            )


if __name__ == "__main__":
    main()
