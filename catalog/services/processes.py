"""Processes that people deploy: one job type, or a recipe type with the job types of its steps.

A recipe that is executed as a process ends with a job that collects its outputs; that job has the
uid under which everybody knows the execution. It waits for the others and fails with them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from catalog.database import Database
from catalog.errors import ConflictError, NotFoundError
from catalog.records.staging import NOTHING, Staging
from catalog.records.submissions import AdHocType, RegistrationRecord, Submission
from catalog.records.work import JobRecord
from catalog.services.ad_hoc import save_ad_hoc
from catalog.services.creation import create_recipe
from catalog.services.recipe_types import save_recipe_type
from catalog.services.removal import RemovalService
from catalog.services.saving import ROOT, read_entry
from catalog.services.submissions import check_submission, results_workspace, submitted_columns
from catalog.states import EventType, JobStatus
from catalog.stores.unit_of_work import UnitOfWork
from schemas.job_data import InputValue
from schemas.recipe_data import RecipeData

KIND: Final = "process"
LAST_JOB: Final = "end of workflow"
"""The name of the last job in the recipe of a process; no step can be called so."""

_TYPES: Final = "job_types"


@dataclass(frozen=True, slots=True)
class Deployment:
    """A process that somebody deploys.

    Parameters
    ----------
    name, version
        Of its job type, and of its recipe type.
    document
        What is kept of it.
    job_types
        The first is the process itself, or the last job of its recipe; then those of the steps.
    recipe
        The definition of the recipe; None for a process of one job.
    """

    name: str
    version: str
    title: str
    document: Mapping[str, Any]
    job_types: Sequence[AdHocType]
    recipe: Mapping[str, Any] | None = None

    @property
    def key(self) -> str:
        """The id of the process."""
        return f"{self.name}:{self.version}"


class ProcessService:
    """Deploys, executes and undeploys processes."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._removal = RemovalService(database)

    def deploy(self, wanted: Deployment) -> None:
        """Make the types of a process; one that is deployed again is replaced.

        Raises
        ------
        ConflictError
            Raised if a job type or recipe type of this name and version is not that of a process.
        InvalidError
            Raised if a type is not valid.
        """
        with self._database.transaction() as tx:
            tx.definitions.lock()
            known = tx.registrations.find(KIND, wanted.key)
            if known is None:
                _refuse_taken(tx, wanted)
            else:
                _archive(tx, known)
            made = [save_ad_hoc(tx, each) for each in wanted.job_types]
            names = [[each.name, each.version] for each in made]
            if wanted.recipe is not None:
                _save_recipe(tx, wanted)
            document = {**wanted.document, _TYPES: names, "is_recipe": wanted.recipe is not None}
            tx.registrations.put(KIND, wanted.key, document, made[0].id)

    def undeploy(self, key: str) -> RegistrationRecord:
        """Take a process out; its types are archived, its jobs stay.

        Raises
        ------
        NotFoundError
            Raised if it is not deployed.
        """
        with self._database.transaction() as tx:
            tx.definitions.lock()
            known = tx.registrations.find(KIND, key)
            if known is None:
                raise NotFoundError(KIND, key)
            _archive(tx, known)
            tx.registrations.remove(KIND, key)
            return known

    def execute(
        self,
        name: str,
        version: str,
        wanted: Submission,
        inputs: Mapping[str, InputValue],
        staged: Mapping[str, Staging],
    ) -> JobRecord:
        """Create the recipe of a process and queue its jobs; return the last of them.

        Parameters
        ----------
        wanted
            Of the last job; its data follows from the recipe.
        staged
            What is put into the work directories of its jobs, by their names.

        Raises
        ------
        NotFoundError
            Raised if there is no such recipe type.
        InvalidError
            Raised if the inputs do not fit, or an address may not be fetched.
        """
        for each in (*staged.values(), NOTHING):
            check_submission(replace(wanted, staging=each))
        with self._database.transaction() as tx:
            recipe_type = tx.recipe_types.find(name, version)
            if recipe_type is None or not recipe_type.is_active:
                raise NotFoundError(KIND, f"{name}:{version}")
            user = {"user": wanted.user}
            event = tx.events.add(type=EventType.USER, rule_id=None, description=user)
            data = RecipeData(inputs, results_workspace(tx))
            recipe = create_recipe(tx, recipe_type, data, event.id)
            columns = submitted_columns(wanted)
            shared = {key: columns[key] for key in ("origin", "user_name", "environment")}
            jobs = tx.recipes.jobs(recipe.id)
            for job_name, job_id in jobs.items():
                staging = staged.get(job_name, NOTHING).to_json()
                tx.jobs.update(job_id, {**shared, "staging": staging})
            return tx.jobs.update(jobs[LAST_JOB], columns)

    def dismiss(self, uid: UUID, user: str) -> bool:
        """Cancel an execution that has not ended, with every job of it; False if it had ended."""
        with self._database.transaction() as tx:
            job = tx.jobs.by_uid(uid)
            others = _others(tx, job)
        was_stopped = self._removal.stop(uid, user)
        for each in others if was_stopped else []:
            self._removal.stop(each.uid, user)
        return was_stopped

    def steps_of(self, uid: UUID) -> dict[str, UUID]:
        """Return the uids of the jobs of an execution by the names of their steps."""
        with self._database.transaction() as tx:
            place = tx.recipes.of_job(tx.jobs.by_uid(uid).id)
            if place is None or place.job_name != LAST_JOB:
                return {}
            ids = tx.recipes.jobs(place.recipe_id)
            found = tx.jobs.get_many(ids.values())
            return {name: found[job_id].uid for name, job_id in ids.items() if name != LAST_JOB}

    def tell(self, uid: UUID, word: str) -> bool:
        """Keep the word that a step sends of its job; False if the job has ended."""
        with self._database.transaction() as tx:
            job = tx.jobs.lock(tx.jobs.by_uid(uid).id)
            is_open = job.status in (JobStatus.PENDING, JobStatus.QUEUED, JobStatus.RUNNING)
            if is_open:
                tx.jobs.update(job.id, {"step_status": word})
            return is_open


def _others(tx: UnitOfWork, job: JobRecord) -> list[JobRecord]:
    """Return the jobs of the recipe that a last job ends."""
    place = tx.recipes.of_job(job.id)
    if place is None or place.job_name != LAST_JOB:
        return []
    found = tx.jobs.get_many(tx.recipes.jobs(place.recipe_id).values())
    return [each for each in found.values() if each.id != job.id]


def _refuse_taken(tx: UnitOfWork, wanted: Deployment) -> None:
    names = [(each.document["name"], each.document["version"]) for each in wanted.job_types]
    taken = [each for each in names if tx.job_types.find(*each) is not None]
    if wanted.recipe is not None and tx.recipe_types.find(wanted.name, wanted.version) is not None:
        taken.append((wanted.name, wanted.version))
    # What was undeployed left its types behind, archived: they may be had again.
    for name, version in taken:
        job_type = tx.job_types.find(name, version)
        recipe_type = tx.recipe_types.find(name, version)
        if (job_type is not None and job_type.is_active) or (
            recipe_type is not None and recipe_type.is_active
        ):
            raise ConflictError(
                f"There is a job type or recipe type {name!r} in version {version!r} already, which"
                " is no process. Choose another id or version."
            )


def _archive(tx: UnitOfWork, known: RegistrationRecord) -> None:
    archived = {"is_active": False, "archived": datetime.now(UTC)}
    name, version = known.document[_TYPES][0]
    recipe_type = tx.recipe_types.find(name, version) if known.document["is_recipe"] else None
    if recipe_type is not None:
        tx.recipe_types.update(recipe_type.id, archived)
    for each in known.document[_TYPES]:
        job_type = tx.job_types.find(*each)
        if job_type is not None:
            tx.job_types.update(job_type.id, archived)
    tx.definitions.changed()


def _save_recipe(tx: UnitOfWork, wanted: Deployment) -> None:
    entry = {
        "name": wanted.name,
        "version": wanted.version,
        "title": wanted.title,
        "definition": wanted.recipe,
    }
    (read,) = read_entry("recipe_types", entry).recipe_types
    saved = save_recipe_type(tx, read, ROOT)
    tx.recipe_types.update(saved.record.id, {"is_active": True, "archived": None})
    tx.definitions.changed()
