"""Airflow's DAG processor, without the requests for callbacks that nobody has defined."""

from typing import Final

from airflow.callbacks.callback_requests import CallbackRequest
from airflow.cli.commands import dag_processor_command
from airflow.dag_processing.manager import DagFileProcessorManager
from airflow.models.db_callback_request import DbCallbackRequest
from airflow.utils.session import create_session
from sqlalchemy import delete

BUNDLE: Final = "airscale"
"""Its DAGs have no callbacks: `dag_factory.dags` and `strike.dag` make them without."""


class ThriftyDagProcessor(DagFileProcessorManager):
    """Drops what Airflow asks for each task that a trigger ends: to look for its callbacks.

    Airflow would start a process and read the DAG's file, only to find that there are none.
    """

    def fetch_callbacks(self) -> list[CallbackRequest]:
        """Return the requests for callbacks of other bundles."""
        with create_session() as session:
            session.execute(
                delete(DbCallbackRequest).where(DbCallbackRequest.bundle_name == BUNDLE)
            )
        others: list[CallbackRequest] = super().fetch_callbacks()
        return others


def use() -> None:
    """Let Airflow's command ``dag-processor`` run this one."""
    dag_processor_command.DagFileProcessorManager = ThriftyDagProcessor
