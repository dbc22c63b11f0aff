"""Who stopped a task or run by hand, as Airflow's audit log has it.

Airflow does not write down who marks or deletes many tasks with one request.
"""

import json
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from airflow._shared.timezones import timezone
from airflow.models import Log
from airflow.utils.session import create_session
from sqlalchemy import ColumnElement, select

_TASK, _GROUP = "patch_task_instance", "patch_task_group_instances"
_RUN, _RUNS, _DELETED_RUN = "patch_dag_run", "bulk_dag_runs", "delete_dag_run"
_EVENTS: Final = (_TASK, _GROUP, _RUN, _RUNS, _DELETED_RUN)


@dataclass(frozen=True, slots=True)
class Act:
    """What a person did to a run, or to one task of it.

    Parameters
    ----------
    run_id, task_id
        To what; None for every task of the run.
    person
        The user name.
    done
        What it was, as a clause without its subject.
    is_deletion
        Whether the run is to be gone, and not only ended.
    """

    run_id: str
    task_id: str | None
    person: str
    done: str
    is_deletion: bool = False

    def sentence(self) -> str:
        """Say it, as the reason of a job that was cancelled by it."""
        return f"Cancelled by {self.person}, who {self.done} in Airflow."


@dataclass(frozen=True, slots=True)
class Acts:
    """The last acts of people, by run, task, and whether they delete.

    Airflow writes down what is asked for, also if it is refused then. So an act counts only where
    what it asks for is the case.
    """

    found: Mapping[tuple[str, str | None, bool], Act]

    @property
    def run_ids(self) -> frozenset[str]:
        """The runs of all acts."""
        return frozenset(act.run_id for act in self.found.values())

    def on(self, run_id: str, task_id: str, *, is_gone: bool) -> Act | None:
        """Return what ended a task, an act on it before one on its run; None if nobody did.

        Parameters
        ----------
        is_gone
            Whether Airflow does not have its run any more.
        """
        on_task = self.found.get((run_id, task_id, is_gone))
        return on_task or self.found.get((run_id, None, is_gone))


def acts_on(run_ids: Collection[str]) -> Acts:
    """Return what people did to these runs and their tasks."""
    if not run_ids:
        return Acts({})
    wanted = frozenset(run_ids)
    acts = _read(Log.run_id.in_(wanted) | (Log.event == _RUNS))
    return Acts({key: act for key, act in acts.items() if act.run_id in wanted})


def acts_of_the_last(seconds: float) -> Acts:
    """Return what people did a short time ago."""
    return Acts(_read(Log.dttm > timezone.utcnow() - timedelta(seconds=seconds)))


def _read(condition: ColumnElement[bool]) -> dict[tuple[str, str | None, bool], Act]:
    with create_session() as session:
        rows = session.execute(
            select(Log.event, Log.run_id, Log.task_id, Log.owner, Log.extra)
            .where(Log.event.in_(_EVENTS), condition)
            .order_by(Log.dttm, Log.id)
        ).all()
    acts = (act for row in rows for act in _acts(*row))
    return {(act.run_id, act.task_id, act.is_deletion): act for act in acts}


def _acts(
    event: str, run_id: str | None, task_id: str | None, owner: str | None, extra: str | None
) -> Iterator[Act]:
    person = owner or "somebody"
    said = _document(extra)
    if event == _RUNS:
        for action in _documents(said.get("actions")):
            for run in _documents(action.get("entities")):
                yield from _on_run(str(run.get("dag_run_id")), person, action, run)
    elif run_id is None:
        return
    elif event in (_RUN, _DELETED_RUN):
        action = {"action": "delete" if event == _DELETED_RUN else "update"}
        yield from _on_run(run_id, person, action, said)
    elif state := said.get("new_state"):
        yield Act(run_id, task_id, person, f"marked its task {state}")


def _on_run(
    run_id: str, person: str, action: Mapping[str, Any], said: Mapping[str, Any]
) -> Iterator[Act]:
    if action.get("action") == "delete":
        yield Act(run_id, None, person, "deleted its run", is_deletion=True)
    elif state := said.get("state"):
        yield Act(run_id, None, person, f"marked its run {state}")


def _document(text: str | None) -> Mapping[str, Any]:
    with suppress(ValueError):
        found = json.loads(text or "")
        if isinstance(found, dict):
            return found
    return {}


def _documents(found: object) -> list[Mapping[str, Any]]:
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []
