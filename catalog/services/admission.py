"""Which of the waiting jobs may begin.

Jobs come in the order of their priority (lower is sooner), then of their age. A job begins if its
type has room, its queue has a share of the cluster left, and its node has room. A job whose type is
full, or whose queue has used up its share, holds up nobody. A job that its node
has no room for yet lets others pass for `PATIENCE` seconds; from then on what becomes free on that
node is kept for it, so that many small jobs cannot keep a big one waiting for ever. A job that is
bigger than its whole node holds up nobody.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from catalog.records.admission import Candidate, NodeRoom, Rooms
from catalog.records.execution import Held, Watched
from catalog.stores.unit_of_work import UnitOfWork

PATIENCE: Final = 60.0


def admit(tx: UnitOfWork, watched: Watched) -> None:
    """Let jobs that wait in this process begin, as many as may.

    A job that may begin runs from then on: it has its place whatever becomes of this process, and
    whoever enters its task again goes on with it. The first in the order may wait in another
    process; its place is kept for it, and that process takes it within a second.
    """
    tx.admission.lock()
    places = {tx.nodes.seen(name).id: job_ids for name, job_ids in watched.waiting.items()}
    tx.admission.present(watched.admitter, places)
    if not places:
        return
    rooms = tx.admission.rooms()
    if rooms.is_paused or not any(has_room(rooms.nodes[node_id]) for node_id in places):
        return
    candidates = tx.admission.candidates(watched.admitter, full_types(rooms.types))
    tx.admission.take([each for each in choose(candidates, rooms) if each.is_ours])


def refused(tx: UnitOfWork, job_id: int, hostname: str) -> Held | None:
    """Return what keeps a queued job from beginning on a host at once, whoever else waits."""
    tx.admission.lock()
    wanted = tx.admission.candidate(job_id, tx.nodes.seen(hostname).id)
    reason = refusal(wanted, tx.admission.rooms())
    return None if reason is None else Held(reason)


def choose(
    candidates: Iterable[Candidate], rooms: Rooms, patience: float = PATIENCE
) -> list[Candidate]:
    """Return the jobs that may begin together, in the order they came.

    Parameters
    ----------
    candidates
        Jobs that wait, the first first.
    patience
        How many seconds after it was queued a job lets others pass.
    """
    if rooms.is_paused:
        return []
    free = {node_id: room.free for node_id, room in rooms.nodes.items() if not room.is_paused}
    left = dict(rooms.types)
    shares = dict(rooms.pools)
    kept: set[int] = set()
    chosen: list[Candidate] = []
    for each in candidates:
        node_id = each.node_id
        is_held = node_id not in free or node_id in kept or each.rests
        if is_held or left.get(each.job_type_id, 1) <= 0:
            continue
        share = shares.get(each.pool)
        if share is not None and not each.need.fits(share):
            continue
        if each.need.fits(free[node_id]):
            chosen.append(each)
            free[node_id] = free[node_id].without(each.need)
            if share is not None:
                shares[each.pool] = share.without(each.need)
            if each.job_type_id in left:
                left[each.job_type_id] -= 1
        elif each.seconds >= patience and each.need.fits(rooms.nodes[node_id].total):
            kept.add(node_id)
    return chosen


def full_types(types: Mapping[int, int]) -> list[int]:
    """Return the ids of job types of which no more jobs may begin."""
    return [type_id for type_id, left in types.items() if left <= 0]


def refusal(wanted: Candidate, rooms: Rooms) -> str | None:
    """Return why a job may not begin, were it the only one that waits; None if it may."""
    node = rooms.nodes[wanted.node_id]
    if rooms.is_paused or node.is_paused:
        return f"The {'scheduler' if rooms.is_paused else 'node'} is paused."
    if rooms.types.get(wanted.job_type_id, 1) <= 0:
        return "The job type is paused, or as many of its jobs run as may."
    share = rooms.pools.get(wanted.pool)
    if share is not None and not wanted.need.fits(share):
        return "The jobs of the queue use as much of the cluster as they may."
    if not wanted.need.fits(node.free):
        return "The node has not enough CPUs, memory or slots free."
    if wanted.rests:
        return "The job is long-running and was started a moment ago."
    return None


def has_room(room: NodeRoom) -> bool:
    """Say whether anything at all may fit on a node."""
    free = room.free
    return not room.is_paused and free.cpus > 0 and free.mem > 0 and free.jobs > 0
