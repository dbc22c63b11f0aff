"""Where a file comes from and what was made of it: files, and the executions between them."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, select

from catalog.database import Database
from catalog.states import ExecutionStatus, FileKind
from catalog.tables import FileAncestry, JobExecution, JobType, RecipeJob, ScaleFile
from catalog.tables import Job as JobTable

MOST_EACH_WAY: Final = 40


@dataclass(frozen=True, slots=True)
class FileNode:
    """A file of the graph; size in bytes."""

    id: int
    kind: FileKind
    file_name: str
    media_type: str
    file_size: int
    is_published: bool
    is_deleted: bool


@dataclass(frozen=True, slots=True)
class StepNode:
    """An execution of the graph, with its job and the recipe of that."""

    id: int
    job_id: int
    status: ExecutionStatus
    type_name: str
    type_version: str
    type_title: str | None
    recipe_id: int | None
    job_name: str | None


@dataclass(frozen=True, slots=True)
class Provenance:
    """A graph around one file.

    Parameters
    ----------
    made
        Triples: an execution of this id made, of the first file, the second.
    is_cut
        Whether there are more files than are in the graph.
    """

    files: dict[int, FileNode]
    steps: dict[int, StepNode]
    made: tuple[tuple[int, int, int], ...]
    is_cut: bool


class ProvenanceQueries:
    """Reads provenance, in five statements however large it is."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, file_id: int) -> Provenance:
        """Return the graph of a file: the oldest of its ancestors, and of its descendants."""
        above, below = FileAncestry.ancestor_id, FileAncestry.descendant_id
        with self._database.reading() as connection:
            ancestors = _ids(connection, above, below == file_id)
            descendants = _ids(connection, below, above == file_id)
            near = {*ancestors[:MOST_EACH_WAY], file_id, *descendants[:MOST_EACH_WAY]}
            made = _made(connection, near)
            return Provenance(
                files=_files(connection, near),
                steps=_steps(connection, {step for _, step, _ in made}),
                made=made,
                is_cut=max(len(ancestors), len(descendants)) > MOST_EACH_WAY,
            )


def _ids(connection: Connection, other: Any, condition: Any) -> list[int]:
    statement = select(other).where(condition).order_by(other).limit(MOST_EACH_WAY + 1)
    return list(connection.scalars(statement))


def _made(connection: Connection, ids: Collection[int]) -> tuple[tuple[int, int, int], ...]:
    rows = connection.execute(
        select(FileAncestry.ancestor_id, FileAncestry.job_exe_id, FileAncestry.descendant_id)
        .where(
            FileAncestry.descendant_id.in_(ids),
            FileAncestry.ancestor_id.in_(ids),
            FileAncestry.is_direct,
        )
        .order_by(FileAncestry.descendant_id, FileAncestry.ancestor_id)
    )
    return tuple((row[0], row[1], row[2]) for row in rows)


def _files(connection: Connection, ids: Collection[int]) -> dict[int, FileNode]:
    columns: list[Any] = [
        ScaleFile.id, ScaleFile.kind, ScaleFile.file_name, ScaleFile.media_type,
        ScaleFile.file_size, ScaleFile.is_published, ScaleFile.is_deleted,
    ]  # fmt: skip
    rows = connection.execute(select(*columns).where(ScaleFile.id.in_(ids)).order_by(ScaleFile.id))
    return {row.id: FileNode(*row) for row in rows}


def _steps(connection: Connection, ids: Collection[int]) -> dict[int, StepNode]:
    columns: list[Any] = [
        JobExecution.id, JobExecution.job_id, JobExecution.status, JobType.name, JobType.version,
        JobType.title, RecipeJob.recipe_id, RecipeJob.job_name,
    ]  # fmt: skip
    rows = connection.execute(
        select(*columns)
        .join(JobTable, JobTable.id == JobExecution.job_id)
        .join(JobType, JobType.id == JobTable.job_type_id)
        .outerjoin(RecipeJob, RecipeJob.job_id == JobTable.id)
        .where(JobExecution.id.in_(ids))
        .order_by(JobExecution.id)
    )
    return {row.id: StepNode(*row) for row in rows}
