"""Finds jobs that Airflow lost, and jobs that a person stopped there."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from catalog.catalogue import Catalogue
from catalog.records.execution import OpenRun

if TYPE_CHECKING:  # a process without Airflow can import this module
    from dag_factory.airflow_people import Acts

_HEEDED_SECONDS: Final = 120.0


@dataclass(frozen=True, slots=True)
class _Unrun:
    """Jobs of a run that Airflow will not run: all of one that is gone, else the ended ones."""

    run_id: str
    jobs: dict[str, int]
    is_gone: bool


def heed_people(catalogue: Catalogue) -> None:
    """Cancel at once what people marked or deleted in Airflow a moment ago, and say who it was.

    What is missed here, for nobody looked for a while, is found by `sweep`.
    """
    from dag_factory.airflow_people import acts_of_the_last  # noqa: PLC0415  # as above

    acts = acts_of_the_last(_HEEDED_SECONDS)
    if acts.found:
        for unrun in _unrun(catalogue.runs.to_stop(acts.run_ids)):
            _stop(catalogue, acts, unrun)


def sweep(catalogue: Catalogue) -> None:
    """Deal with runs that vanished, and with tasks that ended and left their job open.

    What a person marked or deleted in Airflow is cancelled; a job that its trigger has cancelled
    for that says who it was. Any other run that vanished is asked for again, and a job whose task
    Airflow has ended goes to another run: nobody runs it in this one. Hosts whose triggerers are
    alive are noted as nodes, also while no job waits or runs there.
    """
    from dag_factory.airflow_people import acts_on  # noqa: PLC0415  # as above
    from dag_factory.airflow_runs import triggerer_hosts  # noqa: PLC0415  # as above

    catalogue.executions.alive(triggerer_hosts())
    stopped, waiting = catalogue.runs.stopped(), catalogue.runs.open()
    acts = acts_on({run.run_id for run in (*stopped, *waiting)})
    for unrun in _unrun(stopped):
        _stop(catalogue, acts, unrun)
    for unrun in _unrun(waiting):
        others = _stop(catalogue, acts, unrun)
        if others and unrun.is_gone:
            catalogue.runs.ask_again(unrun.run_id)
            continue
        for task_id, job_id in others.items():
            catalogue.runs.lose(
                job_id,
                f"Airflow ended the task {task_id} of run {unrun.run_id} without the job ending."
                " Look at the task's log in Airflow, then requeue the job.",
                unrun.run_id,
            )


def _unrun(runs: Sequence[OpenRun]) -> Iterator[_Unrun]:
    from dag_factory.airflow_runs import ended_tasks, run_states  # noqa: PLC0415  # as above

    states = run_states(run.run_id for run in runs)
    ended = ended_tasks(states)
    for run in runs:
        is_gone = run.run_id not in states
        jobs = {
            task_id: job_id
            for task_id, job_id in run.jobs.items()
            if is_gone or (run.run_id, task_id) in ended
        }
        if jobs:
            yield _Unrun(run.run_id, jobs, is_gone)


def _stop(catalogue: Catalogue, acts: "Acts", unrun: _Unrun) -> dict[str, int]:
    """Cancel the jobs whose tasks people stopped; return the others, by task id."""
    others = {}
    for task_id, job_id in unrun.jobs.items():
        if act := acts.on(unrun.run_id, task_id, is_gone=unrun.is_gone):
            catalogue.runs.stop(job_id, act.sentence())
        else:
            others[task_id] = job_id
    return others
