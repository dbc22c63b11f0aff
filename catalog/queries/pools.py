"""Queues with their share of the cluster, and what is used of it now."""

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Text, cast, func, literal_column, select

from catalog.database import Database
from catalog.records.submissions import DEFAULT_POOL
from catalog.states import ExecutionStatus, JobStatus
from catalog.tables import Job, JobExecution, JobSetTask, Node, Pool

_OPEN: Final = (JobStatus.PENDING, JobStatus.QUEUED, JobStatus.RUNNING)


@dataclass(frozen=True, slots=True)
class PoolRow:
    """A queue; shares in percent of the cluster, memory in MiB.

    `running` and `waiting` count submissions: jobs of one set are one.
    """

    name: str
    capacity: float | None
    max_capacity: float | None
    used_capacity: float
    running: int
    waiting: int
    cpus: float
    mem: float
    gpus: int


class PoolQueries:
    """Reads queues; jobs of no queue are in the default one, which always exists."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> dict[str, PoolRow]:
        """Return every queue by name, in four statements."""
        with self._database.reading() as connection:
            pools = {
                name: (capacity, most)
                for name, capacity, most in connection.execute(
                    select(Pool.name, Pool.capacity, Pool.max_capacity)
                )
            }
            counts = {name: each for name, *each in connection.execute(_counts())}
            used = {name: each for name, *each in connection.execute(_used())}
            total = connection.execute(_total()).one()
        return {
            name: _row(name, pools.get(name, (None, None)), counts.get(name), used.get(name), total)
            for name in sorted({DEFAULT_POOL, *pools})
        }


def _row(
    name: str, shares: tuple[Any, Any], counts: list[Any] | None, used: list[Any] | None, total: Any
) -> PoolRow:
    running, waiting = counts or (0, 0)
    cpus, mem, gpus = (float(each or 0) for each in used or (0, 0, 0))
    share = max(_share(cpus, total[0]), _share(mem, total[1]))
    return PoolRow(name, *shares, share, running, waiting, cpus, mem, int(gpus))


def _total() -> Any:
    """Return the statement for the CPUs and memory that nodes have told of."""
    return select(
        func.coalesce(func.sum(Node.cpus_total), 0.0), func.coalesce(func.sum(Node.mem_total), 0.0)
    ).where(Node.is_active)


def _pool() -> Any:
    # Written out: PostgreSQL takes two parameters for two expressions, whatever they hold.
    return func.coalesce(Job.pool, literal_column(f"'{DEFAULT_POOL}'"))


def _counts() -> Any:
    """Count the submissions of each queue that have a running job, and those that have none."""
    unit = func.coalesce("set " + cast(JobSetTask.job_set_id, Text), cast(Job.id, Text))
    units = (
        select(
            _pool().label("pool"),
            func.bool_or(Job.status == JobStatus.RUNNING).label("is_running"),
        )
        .select_from(Job)
        .outerjoin(JobSetTask, JobSetTask.job_id == Job.id)
        .where(Job.status.in_(_OPEN))
        .group_by(_pool(), unit)
        .subquery()
    )
    return select(
        units.c.pool,
        func.count().filter(units.c.is_running),
        func.count().filter(~units.c.is_running),
    ).group_by(units.c.pool)


def _used() -> Any:
    return (
        select(
            _pool(),
            func.sum(JobExecution.cpus_scheduled),
            func.sum(JobExecution.mem_scheduled),
            func.sum(Job.gpus),
        )
        .join(Job, Job.id == JobExecution.job_id)
        .where(JobExecution.status == ExecutionStatus.RUNNING)
        .group_by(_pool())
    )


def _share(used: float, total: float) -> float:
    """Return a share in percent; 0 while no node has told what it has."""
    return round(100.0 * used / total, 2) if total else 0.0
