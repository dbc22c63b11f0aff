"""Import and export of configuration (seed 001, Import/Export Services)."""

from datetime import UTC, datetime
from typing import Annotated, Final

from fastapi import Depends, Response
from pydantic import BaseModel, Field

from catalog.queries.export import ExportFilter
from plugins.rest.dependencies import CatalogueDep
from plugins.rest.parameters import Ids, Texts
from plugins.rest.routing import SlashRouter
from plugins.rest.scale.body_schemas import ConfigurationDocument
from plugins.rest.scale.filters import JobTypeDep
from plugins.rest.scale.models.cautions import Warnings
from plugins.rest.scale.models.configuration import Exported
from plugins.rest.uploads import UPLOAD_DOCUMENTATION, UploadDep

router = SlashRouter(tags=["configuration"])
_IMPORT: Final = "import"


class Import(BaseModel):
    """What is imported."""

    document: ConfigurationDocument = Field(alias=_IMPORT)


def _export_filter(
    *,
    include: Texts,
    recipe_type_id: Ids,
    recipe_type_name: Texts,
    job_type: JobTypeDep,
    error_id: Ids,
    error_name: Texts,
) -> ExportFilter:
    return ExportFilter(
        include=include,
        recipe_type_ids=recipe_type_id,
        recipe_type_names=recipe_type_name,
        job_type=job_type,
        error_ids=error_id,
        error_names=error_name,
    )


ExportDep = Annotated[ExportFilter, Depends(_export_filter)]


@router.get("/configuration/", summary="Export configuration")
def export_configuration(catalogue: CatalogueDep, wanted: ExportDep) -> Exported:
    """Return recipe types, job types and errors as a document that can be imported."""
    return Exported.model_validate(catalogue.queries.export.document(wanted))


@router.get("/configuration/download/", summary="Export configuration as a file")
def download_configuration(
    response: Response, catalogue: CatalogueDep, wanted: ExportDep
) -> Exported:
    """Return the export for a browser to save."""
    name = f"scale-configuration-{datetime.now(UTC):%Y%m%d-%H%M%S}.json"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return Exported.model_validate(catalogue.queries.export.document(wanted))


@router.post("/configuration/", summary="Import configuration")
def import_configuration(catalogue: CatalogueDep, body: Import) -> Warnings:
    """Import errors, job types and recipe types: all of them, or nothing when one is not valid."""
    return Warnings.about(catalogue.configuration.import_document(body.document))


@router.post("/configuration/validation/", summary="Check an import")
def validate_configuration(catalogue: CatalogueDep, body: Import) -> Warnings:
    """Import errors, job types and recipe types, and undo it: nothing is saved."""
    return Warnings.about(catalogue.configuration.validate_document(body.document))


@router.post(
    "/configuration/upload/",
    summary="Import configuration from a file",
    openapi_extra=UPLOAD_DOCUMENTATION,
)
def upload_configuration(catalogue: CatalogueDep, document: UploadDep) -> Warnings:
    """Import one ``*.json`` file: of a form, or as the body with its name in X-FILE-NAME.

    It holds what an export answers, or what an import is sent.
    """
    if isinstance(document, dict) and document.keys() == {_IMPORT}:
        document = document[_IMPORT]
    return Warnings.about(catalogue.configuration.import_document(document))
