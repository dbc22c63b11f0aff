"""Stores of the outbox, and of the versions of the DAG bundle."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import BigInteger, any_, func, literal, select, text, update
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.orm import Session, aliased

from catalog import dag_names
from catalog.records.convert import to_record
from catalog.records.work import OutboxRecord, RunRequest
from catalog.stores.bulk import insert_rows
from catalog.tables import ConfigurationFile, DagShard, DagSnapshot, Definitions, Outbox

CHANNEL: Final = "airscale_outbox"
_DEFINITIONS_ID: Final = 1
_PATIENT_ATTEMPTS: Final = 20
_REST_SECONDS: Final = 30.0
_LONGEST_REST_SECONDS: Final = 3600.0
_OPEN_RUNS: Final = text(
    """
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
    WHERE job.status IN ('QUEUED', 'RUNNING')
      AND job.last_status_change < clock_timestamp() - make_interval(secs => :quiet)
      AND member.value = to_jsonb(job.id)
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
        rows = self._session.execute(_OPEN_RUNS, {"quiet": quiet_seconds})
        runs: dict[str, dict[str, int]] = {}
        for run_id, task_id, job_id in rows:
            runs.setdefault(run_id, {})[task_id] = job_id
        return list(runs.items())

    def ask_again(self, run_id: str) -> None:
        """Put a run back among those that must be created."""
        self._session.execute(
            update(Outbox)
            .where(Outbox.run_id == run_id)
            .values(dispatched=None, not_before=func.clock_timestamp())
        )


class DefinitionStore:
    """The count of changes of what DAGs are made from, and the snapshots made of them."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def changed(self) -> None:
        """Count a change, in the transaction that makes it; changes wait for one another here."""
        self._session.execute(
            update(Definitions)
            .where(Definitions.id == _DEFINITIONS_ID)
            .values(revision=Definitions.revision + 1)
        )

    def release(self) -> None:
        """Let DAGs that were held back move on: the runs that waited for them may be made now."""
        self._session.execute(
            update(Definitions)
            .where(Definitions.id == _DEFINITIONS_ID, Definitions.is_held_back)
            .values(revision=Definitions.revision + 1, is_held_back=False)
        )

    def lock(self) -> None:
        """Let one transaction at a time edit what DAGs are made from; to be called before edits."""
        self._session.execute(
            select(Definitions.id).where(Definitions.id == _DEFINITIONS_ID).with_for_update()
        )

    def lock_stale(self) -> int | None:
        """Return the revision a new snapshot is due for, locked; None if there is no need."""
        return self._session.scalars(
            select(Definitions.revision)
            .where(
                Definitions.id == _DEFINITIONS_ID,
                Definitions.revision != Definitions.snapshot_revision,
            )
            .with_for_update()
        ).first()

    def fresh_version(self) -> str | None:
        """Return the version of the newest snapshot, None if definitions changed since."""
        return self._session.scalars(
            select(Definitions.snapshot_version).where(
                Definitions.revision == Definitions.snapshot_revision
            )
        ).first()

    def current_version(self) -> str | None:
        """Return the version of the newest snapshot, None before the first."""
        return self._session.scalars(select(Definitions.snapshot_version)).one()

    def keep(
        self,
        revision: int,
        version: str,
        files: Mapping[str, str],
        shards: Mapping[str, Any],
        *,
        is_held_back: bool,
    ) -> None:
        """Keep a snapshot as the current one. What exists under the same digest keeps its content.

        A shard that the last snapshot did not have counts as made now, also if it was there
        before: Airflow reads a file again only if it is younger than what it read last.

        Parameters
        ----------
        files
            File name to shard digest.
        shards
            Shard digest to content.
        is_held_back
            Whether some DAG has an older revision than its type, for runs that wait for it.
        """
        last = self._session.scalars(
            select(DagSnapshot.shards).join(
                Definitions, Definitions.snapshot_version == DagSnapshot.version
            )
        ).first()
        known = set((last or {}).values())
        new = [
            {"digest": digest, "content": content}
            for digest, content in shards.items()
            if digest not in known
        ]
        if new:
            self._session.execute(
                insert(DagShard).on_conflict_do_update(
                    index_elements=["digest"], set_={"created": func.clock_timestamp()}
                ),
                new,
            )
        self._session.execute(
            insert(DagSnapshot).values(version=version, shards=dict(files)).on_conflict_do_nothing()
        )
        self._session.execute(
            update(Definitions)
            .where(Definitions.id == _DEFINITIONS_ID)
            .values(snapshot_revision=revision, snapshot_version=version, is_held_back=is_held_back)
        )

    def shards_of(self, version: str) -> dict[str, tuple[dict[str, Any], float]]:
        """Return file name to (content, seconds since the epoch of its making) for a version.

        Raises
        ------
        LookupError
            Raised if there was never such a version.
        """
        files = self._session.scalars(
            select(DagSnapshot.shards).where(DagSnapshot.version == version)
        ).first()
        if files is None:
            message = f"There is no DAG bundle version {version!r} in the catalogue."
            raise LookupError(message)
        rows = self._session.scalars(
            select(DagShard).where(DagShard.digest.in_(list(files.values())))
        )
        content = {row.digest: (row.content, row.created.timestamp()) for row in rows}
        return {name: content[digest] for name, digest in files.items()}


class ConfigurationFileStore:
    """What became of each file of dags/recipes."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def digests(self) -> dict[str, str]:
        """Return path to sha256 of every file as it was last imported or refused."""
        rows = self._session.execute(select(ConfigurationFile.path, ConfigurationFile.sha256))
        return {path: digest for path, digest in rows}  # noqa: C416

    def problems(self) -> dict[str, str]:
        """Return path to problem of every file that was refused."""
        rows = self._session.execute(
            select(ConfigurationFile.path, ConfigurationFile.problem).where(
                ConfigurationFile.problem.is_not(None)
            )
        )
        return {path: problem for path, problem in rows if problem is not None}

    def record(self, path: str, sha256: str, problem: str | None) -> bool:
        """Keep the outcome of one import; `problem` is None when it succeeded.

        Returns
        -------
        bool
            Whether the file's problem is another than before, or there is none any more.
        """
        before = self._session.get(ConfigurationFile, path, populate_existing=True)
        has_changed = problem != (None if before is None else before.problem)
        row = insert(ConfigurationFile).values(path=path, sha256=sha256, problem=problem)
        self._session.execute(
            row.on_conflict_do_update(
                index_elements=["path"],
                set_={
                    "sha256": row.excluded.sha256,
                    "problem": row.excluded.problem,
                    "last_modified": func.clock_timestamp(),
                },
            )
        )
        return has_changed

    def forget(self, path: str) -> bool:
        """Forget a file that is gone; what it configured stays. Return whether it had a problem."""
        row = self._session.get(ConfigurationFile, path)
        if row is None:
            return False
        self._session.delete(row)
        self._session.flush()
        return row.problem is not None
