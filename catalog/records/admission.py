"""Records of admission: what nodes and job types have room for, and who wants in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Self

from schemas.job_interface import Start

UNLIMITED: Final = 2**62


@dataclass(frozen=True, slots=True)
class TypeLimits:
    """What keeps the jobs of a type from beginning, and where they start if the type says."""

    name: str
    version: str
    is_paused: bool
    max_scheduled: int | None
    start: Start | None


@dataclass(frozen=True, slots=True)
class Amount:
    """Thousandths of a CPU, KiB of memory, and a number of jobs: whole, so that sums are exact."""

    cpus: int
    mem: int
    jobs: int = 1

    def fits(self, room: Self) -> bool:
        """Say whether there is room for it."""
        return self.cpus <= room.cpus and self.mem <= room.mem and self.jobs <= room.jobs

    def without(self, taken: Self) -> "Amount":
        """Return what is left when something is taken."""
        return Amount(self.cpus - taken.cpus, self.mem - taken.mem, self.jobs - taken.jobs)


@dataclass(frozen=True, slots=True)
class NodeRoom:
    """What a node has in all, and what of it is free; `is_paused` says that no job may begin."""

    total: Amount
    free: Amount
    is_paused: bool = False


@dataclass(frozen=True, slots=True)
class Rooms:
    """What there is room for, now.

    Parameters
    ----------
    is_paused
        Whether the scheduler is paused: no job may begin anywhere.
    nodes
        By the id of the node.
    types
        How many more jobs of a type may begin, by its id; a type that has no limit is not there.
    pools
        What the jobs of a queue may still use of the cluster, likewise by its name.
    """

    is_paused: bool
    nodes: Mapping[int, NodeRoom]
    types: Mapping[int, int]
    pools: Mapping[str, Amount] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A queued job that waits; `seconds` is since it was queued.

    `is_ours` says that it waits in the process that asks, `rests` that it is long-running and was
    started a moment ago.
    """

    job_id: int
    job_type_id: int
    node_id: int
    is_ours: bool
    seconds: float
    need: Amount
    rests: bool = False
    pool: str = ""
