"""Rows of Airflow's metadata: a finished run with one task instance for each job."""

from pathlib import Path
from typing import Final

from psycopg import Connection, sql

from benchmarks.seed.bulk import bulk
from benchmarks.seed.catalogue import DAYS, JOB_TYPES

TABLES: Final = ("dag", "dag_version", "dag_run", "task_instance")
_ROWS: Final = Path(__file__).with_suffix(".sql")


def seed_airflow(connection: Connection, runs: int) -> None:
    """Fill Airflow's migrated database with DAGs, runs and task instances, in one transaction."""
    values = {
        "runs": sql.Literal(runs),
        "dags": sql.Literal(JOB_TYPES),
        "days": sql.Literal(DAYS),
    }
    with bulk(connection, TABLES):
        connection.execute(sql.SQL(_ROWS.read_text(encoding="utf-8")).format(**values))
