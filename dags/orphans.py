"""Orphans: every ten minutes a triggerer looks for what is left of executions that have ended.

A triggerer does so by itself while jobs come. This is for the containers, pods and work directories
that are left when none comes any more.
"""

from datetime import UTC, datetime

from airflow.sdk import DAG, BaseOperator, Context
from airflow.triggers.base import StartTriggerArgs


class RemoveOrphans(BaseOperator):
    """Has a triggerer remove orphans; no worker is used."""

    start_from_trigger = True
    start_trigger_args = StartTriggerArgs(
        trigger_cls="dag_factory.trigger.OrphanTrigger",
        trigger_kwargs={},
        next_method="execute_complete",
    )

    def execute_complete(self, context: Context, event: object = None) -> None:
        """Say why the trigger ended without an outcome; it is only called then."""
        del context
        message = f"The trigger of {self.task_id} ended without an outcome ({event})."
        raise RuntimeError(message)


with DAG(
    dag_id="airscale.orphans",
    dag_display_name="Orphans",
    description="Removes what is left of executions that have ended, every ten minutes.",
    schedule="*/10 * * * *",
    start_date=datetime(2016, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    tags={"airscale", "system"},
) as dag:
    RemoveOrphans(task_id="remove-orphans")
