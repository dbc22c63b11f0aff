"""Submitting jobs: what every dialect but Scale's own does with a request for work.

A job, its event and its outbox row are one transaction: when the answer goes out, every dialect
shows the job.
"""

import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from catalog.addresses import check_address
from catalog.database import Database
from catalog.errors import InvalidError, NotFoundError
from catalog.records.configuration import JobTypeRecord
from catalog.records.submissions import Submission
from catalog.records.work import JobRecord
from catalog.services.ad_hoc import SHELL_INPUT, shell_type
from catalog.services.creation import add_job, create_job
from catalog.states import EventType, JobStatus
from catalog.stores.unit_of_work import UnitOfWork
from schemas.job_data import JobData, PropertyValue
from schemas.job_interface import JobInterface
from schemas.workspace_configuration import WorkspaceConfiguration

RESULTS_VARIABLE: Final = "AIRSCALE_RESULTS_WORKSPACE"
_RESULTS_WORKSPACE: Final = "results"
_UNSTORABLE: Final = "\0"


class SubmissionService:
    """Takes jobs from the dialects."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def submit(self, wanted: Submission) -> JobRecord:
        """Create a job and queue it; a duplicate is recorded and not run.

        Raises
        ------
        NotFoundError
            Raised if there is no such job type.
        InvalidError
            Raised if the data does not fit the job type, an address may not be fetched, the queue
            does not exist, or the job type is archived or a system type.
        """
        check_submission(wanted)
        with self._database.transaction() as tx:
            return _submit(tx, tx.job_types.get(wanted.job_type_id), wanted)

    def submit_command(
        self, command: str, wanted: Submission, docker_image: str | None = None
    ) -> JobRecord:
        """Create a job that runs a shell command and queue it; errors as for `submit`.

        Parameters
        ----------
        wanted
            Everything else; its job type and data follow from the command.
        docker_image
            The image to run it in; None for a process of a host.
        """
        check_submission(wanted)
        if _UNSTORABLE in command:
            raise InvalidError("The command holds a NUL character. Leave it out.")
        with self._database.transaction() as tx:
            job_type = shell_type(tx, docker_image)
            data = JobData({SHELL_INPUT: PropertyValue(command)}, {})
            return _submit(tx, job_type, replace(wanted, job_type_id=job_type.id, data=data))


def _submit(tx: UnitOfWork, job_type: JobTypeRecord, wanted: Submission) -> JobRecord:
    if job_type.is_system or not job_type.is_active:
        raise InvalidError(
            f"Job type {job_type.name!r} version {job_type.version!r} is archived or a system"
            " type. Submit a job of an active type."
        )
    if wanted.pool is not None and tx.pools.find(wanted.pool) is None:
        raise NotFoundError("queue", wanted.pool)
    columns = submitted_columns(wanted)
    original = _original(tx, wanted)
    event = tx.events.add(type=EventType.USER, rule_id=None, description={"user": wanted.user})
    if original is None:
        data = with_workspaces(tx, job_type, wanted.data)
        return create_job(tx, job_type, data, event.id, columns)
    duplicate = add_job(tx, job_type, event.id, {**columns, "duplicate_of": original.id})
    reason = f"The same work as job {original.uid}, which was submitted before."
    now = datetime.now(UTC)
    return tx.jobs.transition(duplicate, JobStatus.CANCELED, {"reason": reason, "ended": now})


def _original(tx: UnitOfWork, wanted: Submission) -> JobRecord | None:
    """Return the job that does the work already, if that is enough."""
    if wanted.payload_hash is None or not wanted.is_deduplicated:
        return None
    tx.jobs.lock_payload(wanted.payload_hash)
    return tx.jobs.of_payload(wanted.payload_hash)


def submitted_columns(wanted: Submission) -> dict[str, Any]:
    """Return the columns of a job that its type does not decide."""
    chosen = {
        "priority": wanted.priority,
        "timeout": wanted.timeout,
        "soft_timeout": wanted.soft_timeout,
    }
    return {
        "uid": wanted.uid,
        "name": wanted.name,
        "origin": wanted.origin,
        "user_name": wanted.owner or wanted.user,
        "pool": wanted.pool,
        "payload_hash": wanted.payload_hash,
        "tags": list(wanted.tags),
        "environment": dict(wanted.environment),
        "staging": wanted.staging.to_json(),
        "parameters": None if wanted.parameters is None else dict(wanted.parameters),
        **{name: value for name, value in chosen.items() if value is not None},
    }


def with_workspaces(tx: UnitOfWork, job_type: JobTypeRecord, data: JobData) -> JobData:
    """Return the data with the workspace of results for every output that has none."""
    outputs = [each.name for each in JobInterface.parse(job_type.interface).outputs]
    missing = [name for name in outputs if name not in data.output_workspaces]
    if not missing:
        return data
    workspace_id = results_workspace(tx)
    given = {**data.output_workspaces, **dict.fromkeys(missing, workspace_id)}
    return replace(data, output_workspaces=given)


def results_workspace(tx: UnitOfWork) -> int:
    """Return the workspace of results; the builtin one is made when it is first needed."""
    name = os.environ.get(RESULTS_VARIABLE, _RESULTS_WORKSPACE)
    found = tx.workspaces.find(name)
    if found is not None:
        return found.id
    if name != _RESULTS_WORKSPACE:
        raise InvalidError(
            f"{RESULTS_VARIABLE} names the workspace {name!r}, which does not exist. An"
            " administrator should create it, or name another."
        )
    tx.definitions.lock()  # one at a time: another may have made it meanwhile
    found = tx.workspaces.find(name)
    if found is not None:
        return found.id
    folder = Path(os.environ.get("AIRSCALE_HOME", ".airscale")).absolute() / "results"
    document = {"version": "1.0", "broker": {"type": "host", "host_path": str(folder)}}
    return tx.workspaces.add(
        name=name,
        title="Results",
        description="Where jobs leave their results that name no workspace.",
        json_config=WorkspaceConfiguration.parse(document).to_json(),
    ).id


def check_submission(wanted: Submission) -> None:
    """Refuse what could not be run or kept."""
    for each in wanted.staging.urls:
        check_address(each.url)
    if wanted.staging.source is not None:
        check_address(wanted.staging.source.url)
    for name, value in wanted.environment.items():
        if not name or "=" in name or _UNSTORABLE in name + value:
            raise InvalidError(
                f"The environment variable {name!r} cannot be set: a name is not empty and has no"
                " '=', and neither name nor value has a NUL character."
            )
    texts = (wanted.name or "", wanted.payload_hash or "", *wanted.tags)
    if any(_UNSTORABLE in each for each in texts):
        raise InvalidError("A name, tag or hash holds a NUL character. Leave it out.")
