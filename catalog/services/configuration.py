"""Import of configuration: errors, job types and recipe types (seed 001, Import/Export).

One transaction: any failure saves nothing. Records that exist are edited, by name or by name and
version; what a document does not give stays, and null empties or removes it. Only a change of an
interface or definition makes a new revision. A trigger rule that changed is archived and replaced.
"""

from catalog.database import Database
from catalog.records.configuration import JobTypeRecord, RecipeTypeRecord
from catalog.services.errors import save_error
from catalog.services.job_types import save_job_type
from catalog.services.recipe_types import check_users, save_recipe_type
from catalog.services.saving import Caution, Saved, read_configuration, read_only_cautions
from catalog.stores.unit_of_work import UnitOfWork


class ConfigurationService:
    """Imports configuration documents."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def import_document(self, document: object) -> tuple[Caution, ...]:
        """Import a configuration document in one transaction.

        Raises
        ------
        InvalidError
            Raised with every problem found, each with its JSON path; nothing is saved then.
        """
        with self._database.transaction() as tx:
            return import_configuration(tx, document)

    def validate_document(self, document: object) -> tuple[Caution, ...]:
        """Import a configuration document and undo it; returns and raises as the import does."""
        with self._database.rehearsal() as tx:
            return import_configuration(tx, document)


def import_configuration(tx: UnitOfWork, document: object) -> tuple[Caution, ...]:
    """Import a configuration document inside a transaction; errors as for the service."""
    configuration = read_configuration(document)
    tx.definitions.lock()
    for index, error in enumerate(configuration.errors):
        save_error(tx, error, f"$.errors[{index}]")
    job_types = [
        save_job_type(tx, each, f"$.job_types[{index}]")
        for index, each in enumerate(configuration.job_types)
    ]
    recipe_types = [
        save_recipe_type(tx, each, f"$.recipe_types[{index}]")
        for index, each in enumerate(configuration.recipe_types)
    ]
    if job_types:
        check_users(tx, {(each.name, each.version) for each in configuration.job_types})
    saved: list[Saved[JobTypeRecord] | Saved[RecipeTypeRecord]] = [*job_types, *recipe_types]
    if any(each.changes_dags for each in saved):
        tx.definitions.changed()
    cautions = [caution for each in saved for caution in each.cautions]
    return (*read_only_cautions(configuration), *cautions)
