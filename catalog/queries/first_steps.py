"""Which of the first steps of a new installation have been taken."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, exists, select

from catalog.database import Database
from catalog.states import FileKind
from catalog.tables import RecipeType, ScaleFile, Strike, Workspace


@dataclass(frozen=True, slots=True)
class FirstSteps:
    """What there is at least one of."""

    workspaces: bool
    recipe_types: bool
    strikes: bool
    sources: bool
    products: bool


class FirstStepQueries:
    """Looks for one of everything."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def taken(self) -> FirstSteps:
        """Return what there is; one statement that looks at one row of each table."""
        steps = {
            "workspaces": _any(Workspace.id, Workspace.is_active),
            "recipe_types": _any(RecipeType.id, RecipeType.is_active),
            "strikes": _any(Strike.id, Strike.is_active),
            "sources": _any_file(FileKind.SOURCE),
            "products": _any_file(FileKind.PRODUCT),
        }
        with self._database.reading() as connection:
            row = connection.execute(select(*(step.label(name) for name, step in steps.items())))
            return FirstSteps(**row.mappings().one())


def _any(key: Any, condition: Any) -> ColumnElement[bool]:
    return exists(select(key).where(condition))


def _any_file(kind: FileKind) -> ColumnElement[bool]:
    # Ordered as an index is: else all sources may be passed on the way to the first product.
    first = select(ScaleFile.id).where(ScaleFile.kind == kind).order_by(ScaleFile.last_modified)
    return first.limit(1).scalar_subquery().is_not(None)
