"""Finds jobs that Airflow lost, and jobs that a person stopped there."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from catalog.catalogue import Catalogue

if TYPE_CHECKING:  # a process without Airflow can import this module
    from dag_factory.airflow_people import Acts


def sweep(catalogue: Catalogue) -> None:
    """Deal with runs that vanished, and with tasks that ended and left their job open.

    What a person marked or deleted in Airflow is cancelled; a job that its trigger has cancelled
    for that says who it was. Any other run that vanished is asked for again, and a job whose task
    Airflow has ended goes to another run: nobody runs it in this one. Hosts whose triggerers are
    alive are noted as nodes, also while no job waits or runs there.
    """
    from dag_factory.airflow_people import acts_on  # noqa: PLC0415  # as above
    from dag_factory.airflow_runs import (  # noqa: PLC0415  # as above
        ended_tasks,
        run_states,
        triggerer_hosts,
    )

    catalogue.executions.alive(triggerer_hosts())
    stopped, waiting = catalogue.runs.stopped(), catalogue.runs.open()
    states = run_states(run.run_id for run in waiting)
    ended = ended_tasks(states)
    acts = acts_on({run.run_id for run in (*stopped, *waiting)})
    for run in stopped:
        _stop(catalogue, acts, run.run_id, run.jobs)
    for run in waiting:
        if run.run_id not in states:
            if _stop(catalogue, acts, run.run_id, run.jobs):
                catalogue.runs.ask_again(run.run_id)
            continue
        left = {task: job for task, job in run.jobs.items() if (run.run_id, task) in ended}
        for task_id, job_id in _stop(catalogue, acts, run.run_id, left).items():
            catalogue.runs.lose(
                job_id,
                f"Airflow ended the task {task_id} of run {run.run_id} without the job ending."
                " Look at the task's log in Airflow, then requeue the job.",
                run.run_id,
            )


def _stop(
    catalogue: Catalogue, acts: "Acts", run_id: str, jobs: Mapping[str, int]
) -> dict[str, int]:
    """Cancel the jobs whose tasks people stopped; return the others, by task id."""
    others = {}
    for task_id, job_id in jobs.items():
        if act := acts.on(run_id, task_id):
            catalogue.runs.stop(job_id, act.sentence())
        else:
            others[task_id] = job_id
    return others
