"""Import of configuration (seed 001, Import/Export Services)."""

from typing import Any

from pydantic import BaseModel, Field

from plugins.rest.dependencies import CatalogueDep
from plugins.rest.routing import SlashRouter
from plugins.rest.wire import WireModel

router = SlashRouter(tags=["configuration"])


class Import(BaseModel):
    """What is imported."""

    document: dict[str, Any] = Field(alias="import", description="Configuration, version 1.0.")


class Caution(WireModel):
    """Something to know that did not stop the import."""

    id: str
    details: str


class Imported(WireModel):
    """What came of an import."""

    warnings: list[Caution]


@router.post("/configuration/", summary="Import configuration")
def import_configuration(catalogue: CatalogueDep, body: Import) -> Imported:
    """Import errors, job types and recipe types: all of them, or nothing when one is not valid."""
    cautions = catalogue.configuration.import_document(body.document)
    return Imported(warnings=[Caution.model_validate(each) for each in cautions])
