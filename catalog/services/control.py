"""Jobs that act on other jobs: what they ask for is done at once, and they are kept as done."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from catalog.database import Database
from catalog.records.configuration import JobTypeRecord
from catalog.records.work import JobRecord
from catalog.services.creation import add_job
from catalog.services.lifecycle import queue_job
from catalog.services.resources import MIN_CPUS, MIN_MEM
from catalog.states import EventType, ExecutionStatus, JobStatus
from catalog.stores.unit_of_work import UnitOfWork

_INTERFACE: Final[Mapping[str, Any]] = {
    "version": "1.0",
    "command": "airscale-control",
    "command_arguments": "",
    "input_data": [],
    "output_data": [],
    "shared_resources": [],
}


class ControlService:
    """Keeps the record of jobs that acted on others."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def record(
        self, name: str, version: str, user: str, columns: Mapping[str, object]
    ) -> JobRecord:
        """Create a job that has completed: it did what it was asked for before this is called.

        Parameters
        ----------
        name, version
            Of its job type, a system type, which is made when it is first needed.
        columns
            Further columns of the job.
        """
        with self._database.transaction() as tx:
            job_type = _control_type(tx, name, version)
            event = tx.events.add(type=EventType.USER, rule_id=None, description={"user": user})
            job = queue_job(tx, add_job(tx, job_type, event.id, columns))
            execution = tx.executions.open_of(job.id)
            assert execution is not None  # noqa: S101  # queueing made it, in this transaction
            now = datetime.now(UTC)
            begun = tx.executions.transition(execution, ExecutionStatus.RUNNING, {"started": now})
            running = tx.jobs.transition(job, JobStatus.RUNNING, {"started": now})
            tx.executions.transition(
                begun, ExecutionStatus.COMPLETED, {"ended": now, "job_exit_code": 0}
            )
            return tx.jobs.transition(running, JobStatus.COMPLETED, {"ended": now})


def _control_type(tx: UnitOfWork, name: str, version: str) -> JobTypeRecord:
    found = tx.job_types.find(name, version)
    if found is not None:
        return found
    tx.definitions.lock()  # one at a time: another may have made it meanwhile
    found = tx.job_types.find(name, version)
    if found is not None:
        return found
    added = tx.job_types.add(
        name=name,
        version=version,
        title=name,
        description="Acts on other jobs, at once.",
        category="system",
        is_system=True,
        uses_docker=False,
        interface=dict(_INTERFACE),
        error_mapping={"version": "1.0", "exit_codes": {}},
        priority=1,
        timeout=0,
        max_tries=1,
        cpus_required=MIN_CPUS,
        mem_required=MIN_MEM,
        disk_out_const_required=0.0,
        disk_out_mult_required=0.0,
    )
    tx.job_types.add_revision(added)
    return added
