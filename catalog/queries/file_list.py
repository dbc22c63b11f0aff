"""The list of files a person looks through: little of each, found by what people ask for.

Products have indexes for each filter, which lead to the newest first.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, Select, case, exists, func, or_, select, text

from catalog.database import Database
from catalog.queries.job_list import TypeName
from catalog.queries.keyset import Slice, SliceRequest
from catalog.queries.listing import Condition
from catalog.queries.parts import WorkspaceBrief
from catalog.states import FileKind
from catalog.tables import JobType, Recipe, RecipeJob, ScaleFile, Workspace

Bounds = tuple[float, float, float, float]
"""West, south, east and north in degrees; west is more than east across the antimeridian."""

LONGEST_OUTLINE: Final = 4000
"""Characters of a geometry that lists have; of longer ones they have the bounds."""
_WHOLE_WORLD: Final = 360.0
_MOST_TYPES: Final = 200
_MEDIA_TYPES: Final = text(
    """
    WITH RECURSIVE found(media_type, number) AS (
        SELECT (SELECT media_type FROM scale_file WHERE kind = 'PRODUCT'
                ORDER BY media_type LIMIT 1), 1
        UNION ALL
        SELECT (SELECT media_type FROM scale_file
                WHERE kind = 'PRODUCT' AND media_type > found.media_type
                ORDER BY media_type LIMIT 1), number + 1
        FROM found WHERE found.media_type IS NOT NULL AND number < :most
    )
    SELECT media_type FROM found WHERE media_type IS NOT NULL ORDER BY media_type
    """
)


@dataclass(frozen=True, slots=True)
class FileLine:
    """A file in the list; size in bytes, outline as WKT where it is short."""

    id: int
    kind: FileKind
    file_name: str
    media_type: str
    file_size: int
    created: datetime
    data_started: datetime | None
    data_ended: datetime | None
    is_published: bool
    published: datetime | None
    is_deleted: bool
    job_id: int | None
    center_point: str | None
    outline: str | None
    bounds: Bounds | None
    workspace: WorkspaceBrief
    job_type: TypeName | None


@dataclass(frozen=True, slots=True)
class FileListFilter:
    """Which files are wanted; None and empty ask for nothing.

    Parameters
    ----------
    name
        How the name begins; ``*`` stands for any characters.
    since
        Files that entered the catalogue at or after this time.
    data_from, data_to
        Files with data of this time, both included.
    bounds
        Files with a footprint whose bounds overlap these.
    """

    kind: FileKind | None = FileKind.PRODUCT
    name: str = ""
    media_type: str | None = None
    job_type_id: int | None = None
    recipe_id: int | None = None
    job_id: int | None = None
    recipe_type_id: int | None = None
    workspace_id: int | None = None
    is_published: bool | None = None
    since: datetime | None = None
    data_from: datetime | None = None
    data_to: datetime | None = None
    bounds: Bounds | None = None

    def conditions(self) -> list[Condition]:
        """Return the conditions on a file."""
        given: list[tuple[Any, Callable[[Any], Condition]]] = [
            (self.kind, lambda kind: ScaleFile.kind == kind),
            (self.media_type, lambda media_type: ScaleFile.media_type == media_type),
            (self.job_type_id, lambda type_id: ScaleFile.job_type_id == type_id),
            (self.job_id, lambda job_id: ScaleFile.job_id == job_id),
            (self.workspace_id, lambda workspace_id: ScaleFile.workspace_id == workspace_id),
            (self.is_published, ScaleFile.is_published.is_),
            (self.since, lambda time: ScaleFile.created >= time),
            (self.data_from, lambda time: _data_ended() >= time),
            (self.data_to, lambda time: ScaleFile.data_started <= time),
            (self.name or None, lambda name: ScaleFile.file_name.like(_pattern(name), escape="\\")),
            (self.recipe_id, lambda recipe: _of_recipe(RecipeJob.recipe_id == recipe)),
            (self.recipe_type_id, lambda type_id: _of_recipe(Recipe.recipe_type_id == type_id)),
            (self.bounds, _overlap),
        ]
        return [condition(value) for value, condition in given if value is not None]


class FileListQueries:
    """Reads the list of files."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def slice(self, request: SliceRequest, wanted: FileListFilter) -> Slice[FileLine]:
        """Return some files that were not deleted, newest first."""
        with self._database.reading() as connection:
            rows = connection.execute(_statement(request, wanted)).all()
        found: Slice[FileLine] = request.cut([_line(row) for row in rows])
        return found

    def media_types(self) -> Sequence[str]:
        """Return the media types that products have."""
        with self._database.reading() as connection:
            return _media_types(connection)


def _media_types(connection: Connection) -> Sequence[str]:
    return connection.scalars(_MEDIA_TYPES, {"most": _MOST_TYPES}).all()


def _statement(request: SliceRequest, wanted: FileListFilter) -> Select[Any]:
    is_forward = request.after is not None
    place = [] if request.before is None else [ScaleFile.id < request.before]
    place += [] if request.after is None else [ScaleFile.id > request.after]
    keys = (
        select(ScaleFile.id)
        .where(ScaleFile.is_deleted.is_(False), *place, *wanted.conditions())
        .order_by(ScaleFile.id.asc() if is_forward else ScaleFile.id.desc())
        .limit(request.size + 1)
        .subquery("slice")
    )
    columns: list[Any] = [
        ScaleFile.id, ScaleFile.kind, ScaleFile.file_name, ScaleFile.media_type,
        ScaleFile.file_size, ScaleFile.created, ScaleFile.data_started, ScaleFile.data_ended,
        ScaleFile.is_published, ScaleFile.published, ScaleFile.is_deleted, ScaleFile.job_id,
        ScaleFile.center_point,
        case((func.length(ScaleFile.geometry) <= LONGEST_OUTLINE, ScaleFile.geometry)),
        ScaleFile.west, ScaleFile.south, ScaleFile.east, ScaleFile.north,
        Workspace.id, Workspace.title,
        JobType.id, JobType.name, JobType.version, JobType.title, JobType.is_system,
    ]  # fmt: skip
    return (
        select(*columns)
        .join(keys, keys.c.id == ScaleFile.id)
        .join(Workspace, Workspace.id == ScaleFile.workspace_id)
        .outerjoin(JobType, JobType.id == ScaleFile.job_type_id)
        .order_by(ScaleFile.id.desc())
    )


def _line(row: Row[Any]) -> FileLine:
    values: list[Any] = list(row)
    own, bounds, workspace, job_type = values[:14], values[14:18], values[18:20], values[20:]
    return FileLine(  # type: ignore[call-arg]  # as many as it has
        *own,
        None if bounds[0] is None else (bounds[0], bounds[1], bounds[2], bounds[3]),
        WorkspaceBrief(*workspace),
        None if job_type[0] is None else TypeName(*job_type),
    )


def _data_ended() -> Any:
    return func.coalesce(ScaleFile.data_ended, ScaleFile.data_started)


def _pattern(name: str) -> str:
    literal = name.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return literal.replace("*", "%") if "*" in name else f"{literal}%"


def _of_recipe(condition: Condition) -> Condition:
    return exists(
        select(RecipeJob.job_id)
        .join(Recipe, Recipe.id == RecipeJob.recipe_id)
        .where(RecipeJob.job_id == ScaleFile.job_id, condition)
    )


def _overlap(bounds: Bounds) -> Condition:
    west, south, east, north = bounds
    if west > east:
        half = _WHOLE_WORLD / 2
        return or_(_overlap((west, south, half, north)), _overlap((-half, south, east, north)))
    box = func.box(
        func.point(ScaleFile.east, ScaleFile.north), func.point(ScaleFile.west, ScaleFile.south)
    )
    wanted = func.box(func.point(east, north), func.point(west, south))
    found: Condition = ScaleFile.west.is_not(None) & box.op("&&", is_comparison=True)(wanted)
    return found
