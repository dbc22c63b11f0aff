"""Executions that nobody looks after, and those that went with their node."""

from typing import Final

from catalog import dag_names
from catalog.records.work import JobExecutionRecord
from catalog.states import ExecutionStatus
from catalog.stores.unit_of_work import UnitOfWork

SILENCE: Final = 300.0
"""After how many seconds without a sign of life a node is taken for lost, with what ran on it."""


def lost_sentence(tx: UnitOfWork, execution: JobExecutionRecord, hostname: str) -> str | None:
    """Say why an execution is lost that was started on another host than this; None if it is not.

    Parameters
    ----------
    hostname
        This host, on which nothing of it was found.
    """
    if execution.status is not ExecutionStatus.RUNNING or execution.node_id is None:
        return None
    node = tx.nodes.get(execution.node_id)
    silent = tx.nodes.silence(node.id)
    if node.hostname == hostname or silent < SILENCE:
        return None
    return (
        f"It was started on the node {node.hostname}, which has given no sign of life for"
        f" {silent:.0f} s, and nothing of it is on {hostname}. Look at that host, and requeue the"
        " job if it is not tried again by itself."
    )


def subject_of(tx: UnitOfWork, job_id: int) -> str:
    """Return the run id of the first run of a job or its recipe."""
    place = tx.recipes.of_job(job_id)
    if place is None:
        return dag_names.job_run_id(job_id)
    return dag_names.recipe_run_id(place.recipe_id)
