"""The pools of Airflow that job types need whose jobs start in a worker."""

from dataclasses import dataclass
from typing import Final

from catalog import dag_names
from catalog.database import Database
from schemas.job_interface import Start

ANY_NUMBER: Final = -1
"""How Airflow writes that a pool has no limit."""


@dataclass(frozen=True, slots=True)
class WorkerPoolService:
    """Says which pools there must be."""

    database: Database

    def wanted(self, default: Start) -> dict[str, int]:
        """Return the slots of each pool, by its name: one for each job type that needs one.

        A pool has ``max_scheduled`` slots, and none while the job type or the scheduler is paused.

        Parameters
        ----------
        default
            Where jobs start whose type does not say.
        """
        with self.database.transaction() as tx:
            is_everything_paused = tx.scheduler.is_paused()
            types = tx.job_types.limits()
        pools = {}
        for each in types:
            if (each.start or default) is not Start.WORKER:
                continue
            is_paused = is_everything_paused or each.is_paused
            most = ANY_NUMBER if each.max_scheduled is None else each.max_scheduled
            pools[dag_names.job_dag_id(each.name, each.version)] = 0 if is_paused else most
        return pools
