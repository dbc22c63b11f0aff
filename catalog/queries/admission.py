"""Why a job that waits at the gate has not begun; the same rooms that admission looks at."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, func, select
from sqlalchemy.orm import Session

from catalog.records.admission import UNLIMITED, Amount, Candidate, NodeRoom, Rooms
from catalog.records.submissions import DEFAULT_POOL
from catalog.states import ExecutionStatus
from catalog.stores.admission import RESTART_SECONDS, AdmissionStore
from catalog.tables import Job, JobExecution, JobType, Node, Pool

_SHOWN: Final = 5


@dataclass(frozen=True, slots=True)
class _Place:
    """A job that waits, the node it would run on, and how many come before it there."""

    wanted: Candidate
    hostname: str
    room: NodeRoom
    before: int


def waiting_sentence(connection: Connection, job_id: int) -> str | None:
    """Return what keeps a queued job that waits from beginning; None if it waits nowhere."""
    with Session(connection) as session:
        store = AdmissionStore(session)
        candidates = store.candidates("", [])
        wanted = next((each for each in candidates if each.job_id == job_id), None)
        if wanted is None:
            return None
        rooms = store.rooms()
    earlier = candidates[: candidates.index(wanted)]
    place = _Place(
        wanted,
        connection.execute(select(Node.hostname).where(Node.id == wanted.node_id)).scalar_one(),
        rooms.nodes[wanted.node_id],
        sum(_competes(each, wanted, rooms) for each in earlier),
    )
    return (
        _node_sentence(connection, place)
        or _type_sentence(connection, wanted, rooms)
        or _share_sentence(connection, place, rooms)
        or _rest_sentence(wanted)
        or _room_sentence(connection, place)
        or _order_sentence(place)
    )


def _competes(other: Candidate, wanted: Candidate, rooms: Rooms) -> bool:
    """Say whether a job that comes earlier may take the place that another wants."""
    is_possible = other.need.fits(rooms.nodes[other.node_id].total) and not other.rests
    is_open = rooms.types.get(other.job_type_id, 1) > 0 and _has_share(other, rooms)
    return other.node_id == wanted.node_id and is_possible and is_open


def _has_share(wanted: Candidate, rooms: Rooms) -> bool:
    """Say whether what the queue of a job has left of its share is enough for it."""
    share = rooms.pools.get(wanted.pool)
    return share is None or wanted.need.fits(share)


def _node_sentence(connection: Connection, place: _Place) -> str | None:
    if place.room.is_paused:
        return (
            f"The node {place.hostname}, on which it waits, is paused; resume it with"
            " PATCH /nodes/{id}/."
        )
    if place.wanted.need.fits(place.room.total):
        return None
    bigger = connection.execute(
        select(Node.hostname)
        .where(Node.is_active, Node.id != place.wanted.node_id)
        .where(Node.cpus_total * 1000 >= place.wanted.need.cpus)
        .where(Node.mem_total * 1024 >= place.wanted.need.mem)
        .order_by(Node.hostname)
    ).scalars()
    others = ", ".join(bigger)
    advice = (
        f"only {others} would do, and it waits elsewhere"
        if others
        else "no node is big enough; lower what its job type requires, or add a bigger node"
    )
    return (
        f"It needs {_amount(place.wanted.need, place)}, and the node {place.hostname} has"
        f" {_amount(place.room.total, place)} in all: {advice}."
    )


def _type_sentence(connection: Connection, wanted: Candidate, rooms: Rooms) -> str | None:
    if rooms.types.get(wanted.job_type_id, 1) > 0:
        return None
    most = connection.execute(
        select(JobType.max_scheduled).where(JobType.id == wanted.job_type_id)
    ).scalar_one()
    running = _running(connection, Job.job_type_id == wanted.job_type_id)
    return f"At most {most} jobs of its type run at once (max_scheduled); running now: {running}."


def _share_sentence(connection: Connection, place: _Place, rooms: Rooms) -> str | None:
    if _has_share(place.wanted, rooms):
        return None
    name = place.wanted.pool
    most = connection.execute(select(Pool.max_capacity).where(Pool.name == name)).scalar_one()
    running = _running(connection, func.coalesce(Job.pool, DEFAULT_POOL) == name)
    return (
        f"It needs {_amount(place.wanted.need, place)}, and the share of its queue {name!r} is used"
        f" up: at most {_number(most or 0.0)} % of the cluster; running of it: {running}."
    )


def _rest_sentence(wanted: Candidate) -> str | None:
    if not wanted.rests:
        return None
    return (
        "It is long-running and has failed; it starts again"
        f" {RESTART_SECONDS:.0f} seconds after its last start."
    )


def _room_sentence(connection: Connection, place: _Place) -> str | None:
    if place.wanted.need.fits(place.room.free):
        return None
    running = _running(connection, JobExecution.node_id == place.wanted.node_id)
    return (
        f"It needs {_amount(place.wanted.need, place)}, and the node {place.hostname} has"
        f" {_amount(place.room.free, place)} free; running there: {running}"
        f"{_behind(place.before, ', and it is behind')}."
    )


def _order_sentence(place: _Place) -> str:
    if not place.before:
        return f"It may begin on the node {place.hostname}, and does so within seconds."
    return f"Its turn has not come on the node {place.hostname}: it is{_behind(place.before)}."


def _behind(count: int, start: str = " behind") -> str:
    if not count:
        return ""
    return f"{start} {count} that come first by priority, then by age"


def _running(connection: Connection, *where: object) -> str:
    """Return the running jobs that meet a condition, for a sentence."""
    ids: Sequence[int] = (
        connection.execute(
            select(JobExecution.job_id)
            .join(Job, Job.id == JobExecution.job_id)
            .join(JobType, JobType.id == Job.job_type_id)
            .where(
                JobExecution.status == ExecutionStatus.RUNNING,
                JobType.is_system.is_(False),
                *where,  # type: ignore[arg-type]  # conditions
            )
            .order_by(JobExecution.job_id)
        )
        .scalars()
        .all()
    )
    if not ids:
        return "no jobs"
    shown = ", ".join(str(each) for each in ids[:_SHOWN])
    more = f" and {len(ids) - _SHOWN} more" if len(ids) > _SHOWN else ""
    return f"{'job' if len(ids) == 1 else 'jobs'} {shown}{more}"


def _amount(amount: Amount, place: _Place) -> str:
    """Return CPUs, MiB and slots, as far as the node limits them, for a sentence."""
    total = place.room.total
    parts = {
        f"{_number(amount.cpus / 1000)} CPUs": total.cpus,
        f"{_number(amount.mem / 1024)} MiB": total.mem,
        f"{amount.jobs} {'slot' if amount.jobs == 1 else 'slots'}": total.jobs,
    }
    return ", ".join(part for part, limit in parts.items() if limit != UNLIMITED)


def _number(value: float) -> str:
    return f"{value:.3f}".rstrip("0").rstrip(".")
