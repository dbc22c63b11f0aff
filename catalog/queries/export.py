"""The configuration of this installation as a document (seed 001, Import/Export Services)."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from sqlalchemy import Connection, and_, false, or_, tuple_

from catalog.database import Database
from catalog.errors import InvalidError
from catalog.queries.listing import Condition, Listing, any_of
from catalog.queries.parts import EVERY_JOB_TYPE, RULE, JobTypeFilter, RuleRow
from catalog.queries.shape import Shape
from catalog.states import ErrorCategory
from catalog.tables import Error, JobType, RecipeType, TriggerRule

VERSION: Final = "1.0"
SECTIONS: Final = ("recipe_types", "job_types", "errors")
Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class ExportFilter:
    """Which records are wanted; an empty sequence asks for nothing in particular.

    Parameters
    ----------
    include
        Any of `SECTIONS`; by default all of them.
    recipe_type_ids, recipe_type_names
        Recipe types; if any are given, only the job types they use are wanted as well.
    job_type
        Job types, whatever recipe types use; only the errors they name are wanted as well.
    error_ids, error_names
        Errors, whatever job types name.
    """

    include: Sequence[str] = ()
    recipe_type_ids: Sequence[int] = ()
    recipe_type_names: Sequence[str] = ()
    job_type: JobTypeFilter = EVERY_JOB_TYPE
    error_ids: Sequence[int] = ()
    error_names: Sequence[str] = ()

    @property
    def sections(self) -> frozenset[str]:
        """The sections that are wanted.

        Raises
        ------
        InvalidError
            Raised if there is no such section.
        """
        unknown = sorted(set(self.include) - set(SECTIONS))
        if unknown:
            raise InvalidError(
                f"There is no section {unknown[0]!r} to include. The sections are:"
                f" {', '.join(SECTIONS)}."
            )
        return frozenset(self.include or SECTIONS)


@dataclass(frozen=True, slots=True)
class _RecipeType:
    name: str
    version: str
    title: str
    description: str | None
    definition: dict[str, Any]
    trigger_rule: RuleRow | None


@dataclass(frozen=True, slots=True)
class _JobType:
    name: str
    version: str
    title: str | None
    description: str | None
    category: str | None
    author_name: str | None
    author_url: str | None
    is_system: bool
    is_long_running: bool
    is_operational: bool
    icon_code: str | None
    uses_docker: bool
    docker_privileged: bool
    docker_image: str | None
    priority: int
    timeout: int
    max_scheduled: int | None
    max_tries: int
    cpus_required: float
    mem_required: float
    disk_out_const_required: float
    disk_out_mult_required: float
    interface: dict[str, Any]
    error_mapping: dict[str, Any]
    trigger_rule: RuleRow | None


@dataclass(frozen=True, slots=True)
class _Error:
    name: str
    title: str | None
    description: str | None
    category: ErrorCategory


_BY_NAME: Final = ("name", "version")
_RECIPE_TYPES: Final = Listing(
    noun="recipe type",
    root=RecipeType,
    shape=Shape(_RecipeType, RecipeType, trigger_rule=RULE),
    joins=((TriggerRule, TriggerRule.id == RecipeType.trigger_rule_id),),
)
_JOB_TYPES: Final = Listing(
    noun="job type",
    root=JobType,
    shape=Shape(_JobType, JobType, trigger_rule=RULE),
    joins=((TriggerRule, TriggerRule.id == JobType.trigger_rule_id),),
)
_ERRORS: Final = Listing("error", Error, Shape(_Error, Error))


class ExportQueries:
    """Reads the configuration as a document that another installation can import."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def document(self, wanted: ExportFilter) -> dict[str, Any]:
        """Return a configuration document, version 1.0, in three statements.

        What is archived is left out, unless a recipe type that is not needs it; so are system job
        types, builtin errors and SYSTEM errors, which every installation has.

        Raises
        ------
        InvalidError
            Raised if `wanted` includes something there is not.
        """
        sections = wanted.sections
        with self._database.reading() as connection:
            recipe_types = _recipe_types(connection, wanted)
            job_types = _job_types(connection, wanted, _used(recipe_types))
            errors = _errors(connection, wanted, _named(job_types))
        found: dict[str, Iterable[Any]] = {
            "recipe_types": recipe_types, "job_types": job_types, "errors": errors
        }  # fmt: skip
        return {
            "version": VERSION,
            **{
                name: [_entry(each) for each in rows] if name in sections else []
                for name, rows in found.items()
            },
        }


def _recipe_types(connection: Connection, wanted: ExportFilter) -> tuple[_RecipeType, ...]:
    return _RECIPE_TYPES.every(
        connection,
        RecipeType.is_active.is_(True),
        *any_of(RecipeType.id, wanted.recipe_type_ids),
        *any_of(RecipeType.name, wanted.recipe_type_names),
        order=_BY_NAME,
    )


def _job_types(
    connection: Connection, wanted: ExportFilter, used: frozenset[Key]
) -> tuple[_JobType, ...]:
    is_used = tuple_(JobType.name, JobType.version).in_(sorted(used)) if used else false()
    asked_for = wanted.job_type.conditions()
    if asked_for:
        which = and_(*asked_for)
    elif wanted.recipe_type_ids or wanted.recipe_type_names:
        which = is_used
    else:
        which = or_(JobType.is_active, is_used)
    return _JOB_TYPES.every(connection, JobType.is_system.is_(False), which, order=_BY_NAME)


def _errors(
    connection: Connection, wanted: ExportFilter, named: frozenset[str]
) -> tuple[_Error, ...]:
    conditions: list[Condition] = [
        Error.is_builtin.is_(False),
        Error.category != ErrorCategory.SYSTEM,
    ]
    asked_for = [*any_of(Error.id, wanted.error_ids), *any_of(Error.name, wanted.error_names)]
    if asked_for:
        conditions += asked_for
    elif wanted.recipe_type_ids or wanted.recipe_type_names or wanted.job_type.conditions():
        conditions.append(Error.name.in_(sorted(named)))
    return _ERRORS.every(connection, *conditions, order=("name",))


def _used(recipe_types: Iterable[_RecipeType]) -> frozenset[Key]:
    return frozenset(
        (job["job_type"]["name"], job["job_type"]["version"])
        for each in recipe_types
        for job in each.definition.get("jobs", ())
    )


def _named(job_types: Iterable[_JobType]) -> frozenset[str]:
    return frozenset(
        name for each in job_types for name in each.error_mapping.get("exit_codes", {}).values()
    )


def _entry(row: Any) -> dict[str, Any]:
    entry = asdict(row)
    rule = entry.get("trigger_rule")
    if rule is not None:
        kept = ("type", "name", "is_active", "configuration")
        entry["trigger_rule"] = {name: rule[name] for name in kept}
    return entry
