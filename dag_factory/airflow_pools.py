"""Airflow's pools, kept in step with the catalogue; like runs, only where Airflow allows it."""

from collections.abc import Mapping
from typing import Final

from airflow.models import Pool
from airflow.utils.session import create_session
from sqlalchemy import select

_DESCRIPTION: Final = "Jobs of a job type of Airscale; its slots follow the catalogue."


def synchronise(wanted: Mapping[str, int]) -> int:
    """Make and correct pools; return how many were. It may be repeated, by any number at once.

    Deferred tasks count, because a job that runs is one. Pools that are not wanted are left alone.

    Parameters
    ----------
    wanted
        Slots by name; -1 for no limit.
    """
    if not wanted:
        return 0
    with create_session() as session:
        rows = session.execute(
            select(Pool.pool, Pool.slots, Pool.include_deferred).where(Pool.pool.in_(list(wanted)))
        )
        present = {name: (slots, deferred) for name, slots, deferred in rows}
    changed = {name: slots for name, slots in wanted.items() if present.get(name) != (slots, True)}
    for name, slots in changed.items():
        Pool.create_or_update_pool(
            name=name, slots=slots, description=_DESCRIPTION, include_deferred=True
        )
    return len(changed)
