"""Storing what a job made in its workspaces, ready to enter the catalogue."""

import logging
import os
from datetime import datetime
from pathlib import Path, PurePosixPath

from catalog.errors import InvalidError
from catalog.geometry import footprint_of
from catalog.media_types import media_type_of
from catalog.previews import BusyError, has_preview, workshop
from catalog.records.execution import ExecutionPlan, OutputPlace, ProductFile, Results
from catalog.records.previews import Preview
from dag_factory.collection import CollectedFile, Collection
from dag_factory.failures import JobFailure
from schemas.job_interface import JobInterface
from schemas.results_manifest import GeoMetadata

_log = logging.getLogger(__name__)


def store(
    plan: ExecutionPlan, collection: Collection, completed: datetime, stdout: str, stderr: str
) -> Results:
    """Copy every file to its workspace and return what is to be published.

    The paths follow from the execution, so a repeated step writes the same files again.

    Raises
    ------
    JobFailure
        Raised as ``invalid-results`` if a geometry is not valid, as ``filesystem-io`` if a
        workspace cannot be written.
    """
    for parsed in collection.manifest.parse_results:
        _check_footprint(f"parse result of {parsed.filename!r}", parsed.geo_metadata)
    return Results(
        outputs={
            name: tuple(
                _store(plan.outputs[name], plan.interface, name, each) for each in collected
            )
            for name, collected in collection.files.items()
        },
        parse_results=collection.manifest.parse_results,
        manifest=collection.manifest.to_json(),
        job_completed=completed,
        stdout=stdout,
        stderr=stderr,
    )


def _store(
    place: OutputPlace, interface: JobInterface, name: str, collected: CollectedFile
) -> ProductFile:
    geo = collected.output_file.geo_metadata
    file_path = f"{place.directory}/{collected.relative_path}"
    _check_footprint(f"output {name!r}", geo)
    try:
        stored = place.broker.put(collected.path, file_path)
    except OSError as error:
        raise JobFailure(
            "filesystem-io",
            f"The output {name!r} could not be stored at {place.broker.where(file_path)!r}"
            f" ({error}). Look at the workspace's disk and permissions.",
        ) from error
    file_name = PurePosixPath(collected.relative_path).name
    media_type = _declared(interface, name) or media_type_of(file_name)
    return ProductFile(
        file_name=file_name,
        file_path=file_path,
        file_size=stored.file_size,
        sha256=stored.sha256,
        media_type=media_type,
        geo_metadata=geo,
        preview=_preview(collected.path, media_type),
    )


def _preview(path: Path, media_type: str) -> Preview | None:
    """Return a small picture of what is one; whatever comes of it, the product is published."""
    if not has_preview(media_type):
        return None
    try:
        return workshop().draw(path, media_type)
    except (BusyError, OSError) as error:  # it is made when somebody looks
        _log.warning("The preview of %s was not made: %s", path.name, error)
        return None


def _check_footprint(what: str, geo_metadata: GeoMetadata) -> None:
    try:
        footprint_of(geo_metadata.geo_json)
    except InvalidError as error:
        raise JobFailure("invalid-results", f"The {what}: {error}") from error


def _declared(interface: JobInterface, name: str) -> str | None:
    return next(output.media_type for output in interface.outputs if output.name == name)


def missing_inputs(plan: ExecutionPlan) -> list[Path]:
    """Return the input files that this host cannot read; what is staged is not among them."""
    return [
        file.path
        for files in plan.files.values()
        for file in files
        if file.stored_at is None
        and not (os.path.isfile(file.path) and os.access(file.path, os.R_OK))  # noqa: PTH113  # Path.is_file raises where a directory cannot be read
    ]
