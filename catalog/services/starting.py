"""Starting the job or recipe of a trigger rule, inside the transaction of its cause."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from catalog.errors import InvalidError
from catalog.records.configuration import RuleTarget
from catalog.services.creation import RecipeOrder, create_job, create_recipes
from catalog.stores.unit_of_work import UnitOfWork
from schemas.job_data import FilesValue, JobData, PropertyValue
from schemas.job_interface import JobInterface
from schemas.recipe_data import RecipeData


@dataclass(frozen=True, slots=True)
class Start:
    """The inputs of one job or recipe, and the event that starts it."""

    inputs: Mapping[str, PropertyValue | FilesValue]
    event_id: int


def start_target(
    tx: UnitOfWork,
    target: RuleTarget,
    inputs: Mapping[str, PropertyValue | FilesValue],
    workspace_name: str | None,
    event_id: int,
) -> None:
    """Queue the job or recipe that a rule starts, as `start_targets` does."""
    start_targets(tx, target, [Start(inputs, event_id)], workspace_name)


def start_targets(
    tx: UnitOfWork, target: RuleTarget, starts: Sequence[Start], workspace_name: str | None
) -> None:
    """Queue the jobs or recipes that a rule starts; recipes of one type are made together.

    Parameters
    ----------
    workspace_name
        The workspace of every product; None where there are none.

    Raises
    ------
    CatalogueError
        Raised if the type was archived, the workspace does not exist or is archived, or the
        inputs do not fit.
    """
    if not starts:
        return
    if not target.is_active:
        raise InvalidError(
            f"The {target.label} is archived, so its trigger rule starts nothing. Bring it back,"
            " or turn the rule off."
        )
    workspace_id = None if workspace_name is None else _workspace_id(tx, workspace_name)
    if target.is_recipe:
        orders = [
            RecipeOrder(RecipeData(inputs=each.inputs, workspace_id=workspace_id), each.event_id)
            for each in starts
        ]
        create_recipes(tx, tx.recipe_types.get(target.id), orders)
        return
    job_type = tx.job_types.get(target.id)
    outputs = JobInterface.parse(job_type.interface).outputs
    places = {} if workspace_id is None else {each.name: workspace_id for each in outputs}
    for each in starts:
        data = JobData(inputs=each.inputs, output_workspaces=places)
        create_job(tx, job_type, data, each.event_id)


def _workspace_id(tx: UnitOfWork, name: str) -> int:
    workspace = tx.workspaces.named(name)
    if not workspace.is_active:
        raise InvalidError(
            f"The workspace {name!r} is archived and takes no products. Bring it back, or name"
            " another in the trigger rule."
        )
    return workspace.id
