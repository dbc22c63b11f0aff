"""The store of the gate: who waits, what there is room for, and who begins.

Whoever admits holds one lock while it looks and takes, so two never take the same room.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Text,
    and_,
    any_,
    column,
    delete,
    func,
    literal,
    literal_column,
    or_,
    select,
    text,
    update,
    values,
)
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.orm import Session

from catalog.records.admission import UNLIMITED, Amount, Candidate, NodeRoom, Rooms
from catalog.records.submissions import DEFAULT_POOL
from catalog.states import ExecutionStatus, JobStatus
from catalog.tables import Admitter, Job, JobExecution, JobType, Node, Pool, Scheduler, Waiting

RESTART_SECONDS: Final = 60.0
"""At least so long after one start of a long-running job comes the next."""
_LIVE_SECONDS: Final = 10.0
_WHOLE: Final = 100.0
_HAS: Final = ("cpus", "mem")
_LOCK: Final = 0x61697273  # any number that nobody else locks: "airs"


class AdmissionStore:
    """Jobs that wait to begin."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def lock(self) -> None:
        """Let one process at a time admit, until the transaction ends; taken before all rows."""
        self._session.execute(select(func.pg_advisory_xact_lock(_LOCK)))

    def present(self, admitter: str, waiting: Mapping[int, Sequence[int]]) -> None:
        """Note that a process lives, and which jobs wait in it; forget those of dead ones.

        Parameters
        ----------
        waiting
            Node id to job ids; what waited in this process and is not among them does not any more.
        """
        now = func.clock_timestamp()
        row = insert(Admitter).values(name=admitter, seen=now)
        self._session.execute(
            row.on_conflict_do_update(index_elements=["name"], set_={"seen": row.excluded.seen})
        )
        self._session.execute(delete(Admitter).where(Admitter.seen < _ago(6 * _LIVE_SECONDS)))
        job_ids = [job_id for each in waiting.values() for job_id in each]
        self._session.execute(
            delete(Waiting).where(
                Waiting.admitter == admitter,
                Waiting.job_id != func.all(literal(job_ids, ARRAY(BigInteger))),
            )
        )
        for node_id, each in waiting.items():
            self._enter(admitter, node_id, each)

    def _enter(self, admitter: str, node_id: int, job_ids: Sequence[int]) -> None:
        """Let queued jobs wait here; what is there already is left alone, not written again.

        A job that another transaction changes at this moment comes in the next time.
        """
        known = select(Waiting.job_id).where(
            Waiting.job_id == Job.id, Waiting.admitter == admitter, Waiting.node_id == node_id
        )
        rows = (
            select(
                Job.id,
                literal(admitter, Text),
                literal(node_id, BigInteger),
                func.clock_timestamp(),
            )
            .where(
                Job.id == any_(literal(list(job_ids), ARRAY(BigInteger))),
                Job.status == JobStatus.QUEUED,
                ~known.exists(),
            )
            .with_for_update(of=Job, read=True, key_share=True, skip_locked=True)
        )
        entering = insert(Waiting).from_select(["job_id", "admitter", "node_id", "since"], rows)
        self._session.execute(
            entering.on_conflict_do_update(
                index_elements=["job_id"],
                set_={
                    "admitter": entering.excluded.admitter,
                    "node_id": entering.excluded.node_id,
                },
            )
        )

    def rooms(self) -> Rooms:
        """Return what nodes and job types have room for."""
        running = self._session.execute(
            select(
                JobExecution.node_id,
                Job.job_type_id,
                func.sum(_cpus(JobExecution.cpus_scheduled)),
                func.sum(_mem(JobExecution.mem_scheduled)),
                func.count(),
            )
            .join(Job, Job.id == JobExecution.job_id)
            .join(JobType, JobType.id == Job.job_type_id)
            .where(JobExecution.status == ExecutionStatus.RUNNING, JobType.is_system.is_(False))
            .group_by(JobExecution.node_id, Job.job_type_id)
        ).all()
        used: dict[int | None, Amount] = {}
        counts: dict[int, int] = {}
        for node_id, type_id, cpus, mem, jobs in running:
            taken = Amount(int(cpus or 0), int(mem or 0), jobs)
            used[node_id] = _sum(used.get(node_id, Amount(0, 0, 0)), taken)
            counts[type_id] = counts.get(type_id, 0) + jobs
        nodes = self._nodes(used)
        return Rooms(self._is_paused(), nodes, self._types(counts), self._pools(nodes))

    def _pools(self, nodes: Mapping[int, NodeRoom]) -> dict[str, Amount]:
        """Return what queues may still use that have no right to everything."""
        shares = self._session.execute(
            select(Pool.name, Pool.max_capacity).where(Pool.max_capacity < _WHOLE)
        ).all()
        if not shares:
            return {}
        used = {
            name: Amount(int(cpus or 0), int(mem or 0), 0)
            for name, cpus, mem in self._session.execute(
                select(
                    _pool(),
                    func.sum(_cpus(JobExecution.cpus_scheduled)),
                    func.sum(_mem(JobExecution.mem_scheduled)),
                )
                .join(Job, Job.id == JobExecution.job_id)
                .where(JobExecution.status == ExecutionStatus.RUNNING)
                .group_by(_pool())
            )
        }
        cpus, mem = (_total(getattr(each.total, name) for each in nodes.values()) for name in _HAS)
        return {
            name: Amount(int(cpus * most / _WHOLE), int(mem * most / _WHOLE), UNLIMITED).without(
                used.get(name, Amount(0, 0, 0))
            )
            for name, most in shares
            if most is not None
        }

    def _is_paused(self) -> bool:
        return self._session.scalars(select(Scheduler.is_paused)).one()

    def _nodes(self, used: Mapping[int | None, Amount]) -> dict[int, NodeRoom]:
        rows = self._session.execute(
            select(
                Node.id, _cpus(Node.cpus_total), _mem(Node.mem_total), Node.slots, Node.is_paused
            )
        )
        rooms = {}
        for node_id, *has, is_paused in rows:
            total = Amount(*(UNLIMITED if each is None else int(each) for each in has))
            free = total.without(used.get(node_id, Amount(0, 0, 0)))
            rooms[node_id] = NodeRoom(total, free, is_paused)
        return rooms

    def _types(self, counts: Mapping[int, int]) -> dict[int, int]:
        rows = self._session.execute(
            select(JobType.id, JobType.max_scheduled, JobType.is_paused).where(
                or_(JobType.max_scheduled.is_not(None), JobType.is_paused),
                JobType.is_system.is_(False),
            )
        )
        return {
            type_id: 0 if is_paused or most is None else most - counts.get(type_id, 0)
            for type_id, most, is_paused in rows
        }

    def candidates(self, admitter: str, full_types: Sequence[int]) -> list[Candidate]:
        """Return the jobs that wait in any live process, in their order.

        Parameters
        ----------
        full_types
            Ids of job types whose jobs cannot begin, and are left out.
        """
        rows = self._session.execute(
            select(
                Waiting.job_id,
                Job.job_type_id,
                Waiting.node_id,
                Waiting.admitter == admitter,
                func.extract("epoch", func.clock_timestamp() - Job.queued),
                _cpus(Job.cpus_required),
                _mem(Job.mem_required),
                _rests(),
                _pool(),
            )
            .join(Job, Job.id == Waiting.job_id)
            .join(JobType, JobType.id == Job.job_type_id)
            .join(Admitter, Admitter.name == Waiting.admitter)
            .where(
                Job.status == JobStatus.QUEUED,
                Admitter.seen >= _ago(_LIVE_SECONDS),
                Job.job_type_id != func.all(literal(list(full_types), ARRAY(BigInteger))),
            )
            .order_by(Job.priority, Job.queued, Job.id)
        )
        return [
            Candidate(
                job_id,
                type_id,
                node_id,
                is_ours,
                float(age),
                Amount(int(cpus), int(mem)),
                rests,
                pool,
            )
            for job_id, type_id, node_id, is_ours, age, cpus, mem, rests, pool in rows
        ]

    def candidate(self, job_id: int, node_id: int) -> Candidate:
        """Return a queued job as one that would begin on a node now; system jobs need no room."""
        type_id, cpus, mem, rests, is_system, pool = self._session.execute(
            select(
                Job.job_type_id,
                _cpus(Job.cpus_required),
                _mem(Job.mem_required),
                _rests(),
                JobType.is_system,
                _pool(),
            )
            .join(JobType, JobType.id == Job.job_type_id)
            .where(Job.id == job_id)
        ).one()
        need = Amount(0, 0, 0) if is_system else Amount(int(cpus), int(mem))
        return Candidate(
            job_id, type_id, node_id, is_ours=True, seconds=0.0, need=need, rests=rests, pool=pool
        )

    def take(self, chosen: Sequence[Candidate]) -> None:
        """Let jobs begin: each runs on its node from here on, whatever becomes of this process.

        A job that another transaction changes at this moment is left for the next time.
        """
        now = datetime.now(UTC)
        wanted = [each.job_id for each in chosen]
        free = (
            select(Job.id)
            .where(
                Job.id == any_(literal(wanted, ARRAY(BigInteger))), Job.status == JobStatus.QUEUED
            )
            .order_by(Job.id)
            .with_for_update(skip_locked=True)
        )
        taken = list(self._session.scalars(free))
        if not taken:
            return
        begun = {"status": JobStatus.RUNNING, "started": now, "last_status_change": now}
        self._session.execute(update(Job).where(Job.id.in_(taken)).values(begun))
        places = values(
            column("job_id", BigInteger), column("node_id", BigInteger), name="place"
        ).data([(each.job_id, each.node_id) for each in chosen if each.job_id in set(taken)])
        self._session.execute(
            update(JobExecution)
            .where(
                JobExecution.job_id == places.c.job_id,
                JobExecution.status == ExecutionStatus.QUEUED,
            )
            .values(
                status=ExecutionStatus.RUNNING,
                started=now,
                pre_started=now,
                node_id=places.c.node_id,
            )
        )
        self._session.execute(delete(Waiting).where(Waiting.job_id.in_(taken)))


def _rests() -> ColumnElement[bool]:
    """Say of a job, in SQL, that it is long-running and was started a moment ago."""
    last = select(JobExecution.id).where(
        JobExecution.job_id == Job.id, JobExecution.started > _ago(RESTART_SECONDS)
    )
    return and_(JobType.is_long_running, JobType.is_system.is_(False), last.exists())


def _pool() -> ColumnElement[str]:
    """Return the queue of a job, in SQL; written out, for it is also grouped by."""
    return func.coalesce(Job.pool, literal_column(f"'{DEFAULT_POOL}'"))


def _total(amounts: Iterable[int]) -> int:
    """Return what nodes have together; everything if one has not told."""
    return min(sum(amounts), UNLIMITED)


def _ago(seconds: float) -> Any:
    return func.clock_timestamp() - text(f"interval '{seconds} seconds'")


def _cpus(cpus: Any) -> Any:
    return func.round(cpus * 1000)


def _mem(mem: Any) -> Any:
    return func.round(mem * 1024)


def _sum(one: Amount, other: Amount) -> Amount:
    return Amount(one.cpus + other.cpus, one.mem + other.mem, one.jobs + other.jobs)
