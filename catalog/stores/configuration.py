"""Stores of what a data engineer configures."""

from datetime import UTC, datetime
from typing import Any, ClassVar

from sqlalchemy import select

from catalog.errors import NotFoundError
from catalog.records.admission import TypeLimits
from catalog.records.configuration import (
    ErrorRecord,
    JobTypeRecord,
    JobTypeRevisionRecord,
    RecipeTypeRecord,
    RecipeTypeRevisionRecord,
    RuleTarget,
    TriggerRuleRecord,
    WorkspaceRecord,
)
from catalog.states import EventType
from catalog.stores.store import Store
from catalog.tables import (
    Error,
    JobType,
    JobTypeRevision,
    RecipeType,
    RecipeTypeRevision,
    TriggerRule,
    Workspace,
)
from schemas.job_interface import Start


class WorkspaceStore(Store[WorkspaceRecord]):
    """Rows of workspaces."""

    table = Workspace
    record = WorkspaceRecord
    noun = "workspace"

    def find(self, name: str) -> WorkspaceRecord | None:
        """Return the workspace of this name, if any."""
        return self._first(Workspace.name == name)

    def named(self, name: str) -> WorkspaceRecord:
        """Return the workspace of this name, or raise `NotFoundError`."""
        found = self.find(name)
        if found is None:
            raise NotFoundError(self.noun, name)
        return found

    def active(self) -> list[WorkspaceRecord]:
        """Return every workspace that is not archived, by name."""
        rows = self._session.scalars(
            select(Workspace).where(Workspace.is_active).order_by(Workspace.name)
        )
        return [self._record(row) for row in rows]


class ErrorStore(Store[ErrorRecord]):
    """Rows of errors."""

    table = Error
    record = ErrorRecord
    noun = "error"

    def find(self, name: str) -> ErrorRecord | None:
        """Return the error of this name, if any."""
        return self._first(Error.name == name)

    def names(self) -> frozenset[str]:
        """Return the names of all errors."""
        return frozenset(self._session.scalars(select(Error.name)))


class TriggerRuleStore(Store[TriggerRuleRecord]):
    """Rows of trigger rules. A rule is never redefined: it is archived, and another added."""

    table = TriggerRule
    record = TriggerRuleRecord
    noun = "trigger rule"

    def archive(self, rule_id: int) -> None:
        """Take a rule out of use, keeping it for the events that refer to it."""
        self.update(rule_id, {"is_active": False, "archived": datetime.now(UTC)})

    def with_targets(self, kind: EventType) -> list[tuple[TriggerRuleRecord, RuleTarget]]:
        """Return the active rules of this type with what each starts, recipes first, by rule."""
        return self._targets(TriggerRule.type == kind, TriggerRule.is_active)

    def targets_of(self, rule_id: int) -> list[RuleTarget]:
        """Return what a rule starts."""
        return [target for _, target in self._targets(TriggerRule.id == rule_id)]

    def _targets(self, *where: Any) -> list[tuple[TriggerRuleRecord, RuleTarget]]:
        found: list[tuple[TriggerRuleRecord, RuleTarget]] = []
        tables: tuple[tuple[Any, bool], ...] = ((RecipeType, True), (JobType, False))
        for table, is_recipe in tables:
            rows = self._session.execute(
                select(TriggerRule, table.id, table.name, table.version, table.is_active)
                .join(table, table.trigger_rule_id == TriggerRule.id)
                .where(*where)
                .order_by(TriggerRule.id)
            )
            found += [
                (self._record(rule), RuleTarget(target_id, is_recipe, name, version, is_active))
                for rule, target_id, name, version, is_active in rows
            ]
        return found


class JobTypeStore(Store[JobTypeRecord]):
    """Rows of job types and of their revisions."""

    table = JobType
    record = JobTypeRecord
    noun = "job type"

    def find(self, name: str, version: str) -> JobTypeRecord | None:
        """Return the job type of this name and version, if any."""
        return self._first(JobType.name == name, JobType.version == version)

    def all(self) -> list[JobTypeRecord]:
        """Return every job type, archived or not, by name and version."""
        rows = self._session.scalars(select(JobType).order_by(JobType.name, JobType.version))
        return [self._record(row) for row in rows]

    def limits(self) -> list[TypeLimits]:
        """Return the limits of every active job type that is not the system's, by name."""
        rows = self._session.execute(
            select(
                JobType.name,
                JobType.version,
                JobType.is_paused,
                JobType.max_scheduled,
                JobType.interface["start"].astext,
            )
            .where(JobType.is_active, JobType.is_system.is_(False))
            .order_by(JobType.name, JobType.version)
        )
        return [
            TypeLimits(name, version, is_paused, most, None if start is None else Start(start))
            for name, version, is_paused, most, start in rows
        ]

    def add_revision(self, job_type: JobTypeRecord) -> JobTypeRevisionRecord:
        """Keep the interface a job type has now under its current revision number."""
        return _JobTypeRevisions(self._session).add(
            job_type_id=job_type.id,
            revision_num=job_type.revision_num,
            interface=job_type.interface,
        )

    def revision(self, job_type_id: int, revision_num: int) -> JobTypeRevisionRecord:
        """Return one revision of a job type, or raise `NotFoundError`."""
        return _JobTypeRevisions(self._session).numbered(job_type_id, revision_num)

    def revision_by_id(self, revision_id: int) -> JobTypeRevisionRecord:
        """Return the revision with this id, or raise `NotFoundError`."""
        return _JobTypeRevisions(self._session).get(revision_id)


class _JobTypeRevisions(Store[JobTypeRevisionRecord]):
    table = JobTypeRevision
    record = JobTypeRevisionRecord
    noun: ClassVar[str] = "job type revision"

    def numbered(self, job_type_id: int, revision_num: int) -> JobTypeRevisionRecord:
        found = self._first(
            JobTypeRevision.job_type_id == job_type_id,
            JobTypeRevision.revision_num == revision_num,
        )
        if found is None:
            raise NotFoundError(self.noun, f"{job_type_id} revision {revision_num}")
        return found


class RecipeTypeStore(Store[RecipeTypeRecord]):
    """Rows of recipe types and of their revisions."""

    table = RecipeType
    record = RecipeTypeRecord
    noun = "recipe type"

    def find(self, name: str, version: str) -> RecipeTypeRecord | None:
        """Return the recipe type of this name and version, if any."""
        return self._first(RecipeType.name == name, RecipeType.version == version)

    def active(self) -> list[RecipeTypeRecord]:
        """Return every recipe type that is not archived, by name and version."""
        rows = self._session.scalars(
            select(RecipeType)
            .where(RecipeType.is_active)
            .order_by(RecipeType.name, RecipeType.version)
        )
        return [self._record(row) for row in rows]

    def add_revision(self, recipe_type: RecipeTypeRecord) -> RecipeTypeRevisionRecord:
        """Keep the definition a recipe type has now under its current revision number."""
        return _RecipeTypeRevisions(self._session).add(
            recipe_type_id=recipe_type.id,
            revision_num=recipe_type.revision_num,
            definition=recipe_type.definition,
        )

    def revision(self, recipe_type_id: int, revision_num: int) -> RecipeTypeRevisionRecord:
        """Return one revision of a recipe type, or raise `NotFoundError`."""
        return _RecipeTypeRevisions(self._session).numbered(recipe_type_id, revision_num)

    def revision_by_id(self, revision_id: int) -> RecipeTypeRevisionRecord:
        """Return the revision with this id, or raise `NotFoundError`."""
        return _RecipeTypeRevisions(self._session).get(revision_id)


class _RecipeTypeRevisions(Store[RecipeTypeRevisionRecord]):
    table = RecipeTypeRevision
    record = RecipeTypeRevisionRecord
    noun: ClassVar[str] = "recipe type revision"

    def numbered(self, recipe_type_id: int, revision_num: int) -> RecipeTypeRevisionRecord:
        found = self._first(
            RecipeTypeRevision.recipe_type_id == recipe_type_id,
            RecipeTypeRevision.revision_num == revision_num,
        )
        if found is None:
            raise NotFoundError(self.noun, f"{recipe_type_id} revision {revision_num}")
        return found
