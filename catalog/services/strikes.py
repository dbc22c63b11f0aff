"""Strike processes: creating and changing them (seed 001, Strike Services)."""

from collections.abc import Mapping
from typing import Any, Final

from catalog.database import Database
from catalog.errors import InvalidError
from catalog.records.files import StrikeRecord
from catalog.services.lifecycle import queue_job
from catalog.services.nodes import check_text
from catalog.states import EventType, JobStatus
from catalog.stores.unit_of_work import UnitOfWork
from schemas.problems import DocumentError
from schemas.strike_configuration import StrikeConfiguration

_EDITABLE: Final = (
    "title",
    "description",
    "configuration",
    "is_active",
    "is_paused",
    "pause_reason",
)


class StrikeService:
    """Creates Strike processes, and gives them to whoever runs them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(
        self,
        name: str,
        configuration: object,
        *,
        title: str | None = None,
        description: str | None = None,
        user: str = "",
    ) -> StrikeRecord:
        """Create a Strike process and the job that shows it; its DAG starts by itself.

        Raises
        ------
        InvalidError
            Raised if the configuration is not valid, names an unknown workspace, or the name is
            taken.
        """
        if not name:
            raise InvalidError("The name of the Strike process is empty. Give it a name.")
        parsed = _parsed(configuration)
        with self._database.transaction() as tx:
            tx.definitions.lock()
            if tx.strikes.find(name) is not None:
                raise InvalidError(
                    f"There is a Strike process named {name!r} already. Choose another name."
                )
            _check_workspaces(tx, parsed)
            strike = tx.strikes.add(
                name=name,
                title=title or name,
                description=description,
                configuration=parsed.to_json(),
                job_id=_strike_job(tx, name, user),
            )
            tx.definitions.changed()
            return strike

    def update(self, strike_id: int, changes: Mapping[str, Any]) -> StrikeRecord:
        """Change a Strike process; it follows by itself.

        Parameters
        ----------
        changes
            Some of title, description, configuration, is_active, is_paused, pause_reason. One
            that is paused leaves its directory alone until it is resumed, which takes the reason
            away. One that is not active is stopped: its
            job is cancelled and its DAG goes; when it is active again the job is queued again.

        Raises
        ------
        NotFoundError
            Raised if there is no such Strike process.
        InvalidError
            Raised if there is no change, an unknown one, or a configuration that is not valid.
        """
        unexpected = sorted(changes.keys() - set(_EDITABLE))
        if unexpected:
            raise InvalidError(
                f"Unexpected fields: {', '.join(unexpected)}. Only {', '.join(_EDITABLE)} of a"
                " Strike process can be changed."
            )
        if not changes:
            raise InvalidError("No fields specified for update.")
        values = dict(changes)
        check_text("pause_reason", values.get("pause_reason"))
        with self._database.transaction() as tx:
            tx.definitions.lock()
            strike = tx.strikes.get(strike_id)
            if not values.get("is_paused", strike.is_paused):
                values["pause_reason"] = None
            if "configuration" in values:
                parsed = _parsed(values["configuration"])
                _check_workspaces(tx, parsed)
                values["configuration"] = parsed.to_json()
            changed = tx.strikes.update(strike_id, values)
            if changed.is_active:
                job = tx.jobs.lock(strike.job_id)
                if job.status in (JobStatus.CANCELED, JobStatus.FAILED):
                    queue_job(tx, job)
            tx.definitions.changed()
            return changed


def _parsed(configuration: object) -> StrikeConfiguration:
    try:
        return StrikeConfiguration.parse(configuration)
    except DocumentError as error:
        raise InvalidError(str(error)) from error


def _check_workspaces(tx: UnitOfWork, configuration: StrikeConfiguration) -> None:
    for index, rule in enumerate(configuration.rules):
        if tx.workspaces.find(rule.workspace_name) is None:
            raise InvalidError(
                f"$.files_to_ingest[{index}].workspace_name: there is no workspace"
                f" {rule.workspace_name!r}. Create it first, or name one that exists."
            )


def _strike_job(tx: UnitOfWork, name: str, user: str) -> int:
    job_type = tx.job_types.find("scale-strike", "1.0")
    if job_type is None:
        message = "The system job type 'scale-strike' is missing. Run `airscale migrate`."
        raise LookupError(message)
    event = tx.events.add(
        type=EventType.STRIKE_CREATED, rule_id=None, description={"strike": name, "user": user}
    )
    job = tx.jobs.add(
        job_type_id=job_type.id,
        job_type_rev_id=tx.job_types.revision(job_type.id, job_type.revision_num).id,
        event_id=event.id,
        status=JobStatus.PENDING,
        priority=job_type.priority,
        timeout=0,
        max_tries=job_type.max_tries,
        cpus_required=job_type.cpus_required,
        mem_required=job_type.mem_required,
        data={"version": "1.0", "input_data": [], "output_data": []},
        results={"version": "1.0", "output_data": []},
    )
    return queue_job(tx, job).id
