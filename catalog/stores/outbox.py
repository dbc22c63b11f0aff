"""The store of the outbox: DAG runs that must exist."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import BigInteger, TextClause, any_, func, literal, select, text, update
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.orm import Session, aliased

from catalog import dag_names
from catalog.records.convert import to_record
from catalog.records.work import OutboxRecord, RunRequest
from catalog.stores.bulk import insert_rows
from catalog.tables import Outbox

CHANNEL: Final = "airscale_outbox"
_PATIENT_ATTEMPTS: Final = 20
_REST_SECONDS: Final = 30.0
_LONGEST_REST_SECONDS: Final = 3600.0
_RUNS_OF_JOBS: Final = """
    SELECT outbox.run_id, member.key AS task_id, job.id AS job_id
    FROM job
    JOIN LATERAL (
        SELECT * FROM outbox AS run
        WHERE run.subject = COALESCE(
          (SELECT 'recipe-' || recipe_job.recipe_id FROM recipe_job
           WHERE recipe_job.job_id = job.id),
          'job-' || job.id)
        ORDER BY run.id DESC
        LIMIT 1
      ) AS outbox ON outbox.dispatched IS NOT NULL
    CROSS JOIN LATERAL jsonb_each(outbox.conf -> 'jobs') AS member
    WHERE member.value = to_jsonb(job.id)
    """
_OPEN_RUNS: Final = text(
    f"""{_RUNS_OF_JOBS}
      AND job.status IN ('QUEUED', 'RUNNING')
      AND job.last_status_change < clock_timestamp() - make_interval(secs => :quiet)
    ORDER BY outbox.id
    """
)
_RUNS_TO_STOP: Final = text(
    f"""{_RUNS_OF_JOBS}
      AND outbox.run_id = ANY(:run_ids)
      AND job.id IN (
        SELECT CAST(each.value AS bigint)
        FROM outbox AS asked CROSS JOIN LATERAL jsonb_each(asked.conf -> 'jobs') AS each
        WHERE asked.run_id = ANY(:run_ids))
      AND (job.status IN ('QUEUED', 'RUNNING')
        OR (job.status = 'CANCELED' AND job.reason = :reason))
    ORDER BY outbox.id
    """  # noqa: S608 - all of it is ours
)
_STOPPED_RUNS: Final = text(
    f"""{_RUNS_OF_JOBS}
      AND job.status = 'CANCELED' AND job.reason = :reason
      AND job.last_status_change > clock_timestamp() - make_interval(secs => :seconds)
    ORDER BY outbox.id
    """
)


class OutboxStore:
    """Rows of DAG runs that must exist."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(
        self, dag_id: str, run_id: str, revision_num: int | None, conf: Mapping[str, Any]
    ) -> None:
        """Ask for a DAG run; the dispatcher hears of it when the transaction commits.

        Parameters
        ----------
        revision_num
            The revision whose tasks the run needs, None where any will do.
        """
        self.add_many([RunRequest(dag_id, run_id, revision_num, conf)])

    def add_many(self, requests: Sequence[RunRequest]) -> None:
        """Ask for many DAG runs in one statement; the dispatcher is woken once."""
        if not requests:
            return
        rows = [
            {
                "dag_id": each.dag_id,
                "run_id": each.run_id,
                "subject": each.run_id,
                "revision_num": each.revision_num,
                "conf": dict(each.conf),
            }
            for each in requests
        ]
        statement = insert_rows(Outbox, rows).on_conflict_do_nothing(index_elements=["run_id"])
        self._session.execute(statement)
        self._session.execute(select(func.pg_notify(CHANNEL, requests[-1].run_id)))

    def add_again(self, subject: str) -> None:
        """Ask for another run of what has run before: a run that has ended cannot go on.

        A run that was asked for and does not exist yet will do; so will none for what never had
        one. To be called with the recipe or job locked, so that runs are numbered one by one.

        Parameters
        ----------
        subject
            The run id of the first run.
        """
        newest = self._session.scalars(
            select(Outbox).where(Outbox.subject == subject).order_by(Outbox.id.desc()).limit(1)
        ).first()
        if newest is None or newest.dispatched is None:
            return
        runs = self._session.scalars(
            select(func.count()).select_from(Outbox).where(Outbox.subject == subject)
        ).one()
        run_id = dag_names.later_run_id(subject, runs + 1)
        self._session.execute(
            insert(Outbox).values(
                dag_id=newest.dag_id,
                run_id=run_id,
                subject=subject,
                revision_num=newest.revision_num,
                conf=newest.conf,
            )
        )
        self._session.execute(select(func.pg_notify(CHANNEL, run_id)))

    def add_in_time(self, subject: str) -> None:
        """Ask for another run as `add_again` does, if the last one was not made a moment ago.

        The more runs there were, the longer that is: a run that Airflow cannot do is not asked for
        over and over.
        """
        age = func.extract("epoch", func.clock_timestamp() - func.max(Outbox.dispatched))
        runs, seconds = self._session.execute(
            select(func.count(), age).where(Outbox.subject == subject)
        ).one()
        if seconds is not None and seconds >= min(_REST_SECONDS * runs, _LONGEST_REST_SECONDS):
            self.add_again(subject)

    def is_newest(self, run_id: str) -> bool:
        """Say whether no later run of the same recipe or job was asked for."""
        later = aliased(Outbox)
        return (
            self._session.scalars(
                select(later.id)
                .join(Outbox, Outbox.subject == later.subject)
                .where(Outbox.run_id == run_id, later.id > Outbox.id)
                .limit(1)
            ).first()
            is None
        )

    def claim(self, limit: int) -> list[OutboxRecord]:
        """Lock and return runs that are due, oldest first; rows another process holds are left."""
        statement = (
            select(Outbox)
            .where(Outbox.dispatched.is_(None), Outbox.not_before <= func.clock_timestamp())
            .order_by(Outbox.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        return [to_record(OutboxRecord, row) for row in self._session.scalars(statement)]

    def dispatched(self, *outbox_ids: int) -> None:
        """Note that the runs exist."""
        self._session.execute(
            update(Outbox)
            .where(Outbox.id == any_(literal(list(outbox_ids), ARRAY(BigInteger))))
            .values(dispatched=func.clock_timestamp(), problem=None)
        )

    def postpone(self, outbox_id: int, seconds: float, problem: str) -> None:
        """Try a run again later, and keep the reason for people to see."""
        later = func.clock_timestamp() + text("make_interval(secs => :seconds)").bindparams(
            seconds=seconds
        )
        self._session.execute(
            update(Outbox)
            .where(Outbox.id == outbox_id)
            .values(attempts=Outbox.attempts + 1, not_before=later, problem=problem)
        )

    def awaited_revisions(self) -> dict[str, int]:
        """Return the oldest revision that runs wait for, by DAG id.

        A run that could not be made for minutes holds nobody up any longer.
        """
        rows = self._session.execute(
            select(Outbox.dag_id, func.min(Outbox.revision_num))
            .where(
                Outbox.dispatched.is_(None),
                Outbox.revision_num.is_not(None),
                Outbox.attempts < _PATIENT_ATTEMPTS,
            )
            .group_by(Outbox.dag_id)
        )
        return {dag_id: oldest for dag_id, oldest in rows if oldest is not None}

    def open_runs(self, quiet_seconds: float) -> list[tuple[str, dict[str, int]]]:
        """Return dispatched runs and their queued or running jobs, by task id.

        Of the runs of a recipe or job only the newest counts: the tasks of earlier ones have
        ended with the try that was requeued.

        Parameters
        ----------
        quiet_seconds
            Only jobs whose status did not change for so long.
        """
        return self._runs(_OPEN_RUNS, quiet=quiet_seconds)

    def stopped_runs(self, reason: str, seconds: float) -> list[tuple[str, dict[str, int]]]:
        """Return the newest runs of jobs that were cancelled for this reason, by task id.

        Parameters
        ----------
        seconds
            Only jobs that were cancelled so short a time ago.
        """
        return self._runs(_STOPPED_RUNS, reason=reason, seconds=seconds)

    def runs_to_stop(self, run_ids: Iterable[str], reason: str) -> list[tuple[str, dict[str, int]]]:
        """Return those of these runs that are the newest of jobs that wait or run, by task id.

        Parameters
        ----------
        reason
            Jobs that were cancelled for it count, too.
        """
        return self._runs(_RUNS_TO_STOP, run_ids=list(run_ids), reason=reason)

    def _runs(self, statement: TextClause, **values: object) -> list[tuple[str, dict[str, int]]]:
        runs: dict[str, dict[str, int]] = {}
        for run_id, task_id, job_id in self._session.execute(statement, values):
            runs.setdefault(run_id, {})[task_id] = job_id
        return list(runs.items())

    def ask_again(self, run_id: str) -> None:
        """Put a run back among those that must be created."""
        self._session.execute(
            update(Outbox)
            .where(Outbox.run_id == run_id)
            .values(dispatched=None, not_before=func.clock_timestamp())
        )
