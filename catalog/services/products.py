"""Products: where they are stored, what identifies them, and how they enter the catalogue.

Source: contract section 4, Products and parse_results.
"""

import hashlib
import json
import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final

from catalog.geometry import footprint_of
from catalog.records.configuration import JobTypeRecord, JobTypeRevisionRecord
from catalog.records.execution import ProductFile, Results
from catalog.records.files import FileRecord
from catalog.records.work import JobExecutionRecord, JobRecord
from catalog.services.inputs import given_files
from catalog.services.triggers import file_event
from catalog.states import EventType, FileKind
from catalog.stores.unit_of_work import UnitOfWork
from schemas.job_data import JobData, PropertyValue
from schemas.job_interface import JobInterface, OutputType
from schemas.results_manifest import GeoMetadata, ParseResult

_log = logging.getLogger(__name__)
_BOUNDS: Final = ("west", "south", "east", "north")


def interface_of(revision: JobTypeRevisionRecord) -> JobInterface:
    """Return the interface of a revision of a job type; the same document is read once."""
    return _interface(json.dumps(revision.interface))


@lru_cache(maxsize=256)
def _interface(document: str) -> JobInterface:
    return JobInterface.parse(json.loads(document))


def product_directory(
    tx: UnitOfWork,
    job: JobRecord,
    execution: JobExecutionRecord,
    job_type: JobTypeRecord,
    given: Mapping[str, tuple[FileRecord, ...]],
) -> str:
    """Return the directory of a workspace for the products of an execution.

    ``[recipes/<recipe>/<version>/]jobs/<type>/<version>/[unknown_source_data_time/]YYYY/MM/DD/
    job_exe_<id>``; the date is the earliest ``data_started`` of the sources, else the day the
    execution was queued, so that a repeated step comes to the same directory.
    """
    parts = []
    recipe_type = tx.recipes.type_of_job(job.id)
    if recipe_type is not None:
        parts += ["recipes", *recipe_type]
    parts += ["jobs", job_type.name, job_type.version]
    files = [file for each in given.values() for file in each]
    sources = (
        files  # a source has no ancestors
        if all(file.kind is FileKind.SOURCE for file in files)
        else tx.files.sources_of(file.id for file in files)
    )
    dates = [source.data_started for source in sources if source.data_started is not None]
    if not dates:
        parts.append("unknown_source_data_time")
    day = min(dates, default=execution.queued).astimezone(UTC)
    return "/".join(
        [*map(_path_part, parts), f"{day.year:04d}/{day:%m/%d}", f"job_exe_{execution.id}"]
    )


def publish(
    tx: UnitOfWork, execution: JobExecutionRecord, job: JobRecord, results: Results
) -> dict[str, Any]:
    """Add the products of an execution to the catalogue, published, with their ancestry.

    Older products with the same uuid are unpublished. Parse results are written to the sources
    they name, and their rules fire.

    Returns
    -------
    dict
        Job Results document: output names with file ids.
    """
    if not results.parse_results and not any(results.outputs.values()):
        return {"version": "1.0", "output_data": []}
    data = JobData.parse(job.data)
    # one file may be given to several inputs
    files = {file.id: file for each in given_files(tx, data.inputs).values() for file in each}
    inputs = list(files.values())
    job_type = tx.job_types.get(job.job_type_id)
    tx.files.lock_products(job_type.id)
    revision = tx.job_types.revision_by_id(job.job_type_rev_id)
    added = {
        name: [
            _add_product(
                tx,
                execution=execution,
                job_type=job_type,
                data=data,
                inputs=inputs,
                output_name=name,
                product=product,
            )
            for product in files
        ]
        for name, files in results.outputs.items()
    }
    products = [product for each in added.values() for product in each]
    tx.files.unpublish_superseded((product.uuid for product in products), execution.id)
    tx.files.add_ancestry(
        [product.id for product in products], [file.id for file in inputs], execution.id
    )
    _apply_parse_results(tx, results.parse_results, inputs)
    return _results_document(interface_of(revision), added)


def product_uuid(
    job_type: JobTypeRecord,
    output_name: str,
    file_name: str,
    input_uuids: Iterable[str],
    properties: Mapping[str, str],
) -> str:
    """Return the identity of a product: the same when the same job makes it of the same data."""
    identity = [
        job_type.name,
        job_type.version,
        output_name,
        file_name,
        sorted(input_uuids),
        sorted(properties.items()),
    ]
    return hashlib.blake2b(json.dumps(identity).encode(), digest_size=16).hexdigest()


def _add_product(
    tx: UnitOfWork,
    *,
    execution: JobExecutionRecord,
    job_type: JobTypeRecord,
    data: JobData,
    inputs: list[FileRecord],
    output_name: str,
    product: ProductFile,
) -> FileRecord:
    properties = {
        name: value.value for name, value in data.inputs.items() if isinstance(value, PropertyValue)
    }
    added = tx.files.add(
        kind=FileKind.PRODUCT,
        workspace_id=data.output_workspaces[output_name],
        file_name=product.file_name,
        file_path=product.file_path,
        media_type=product.media_type,
        file_size=product.file_size,
        sha256=product.sha256,
        data_type=[],
        uuid=product_uuid(
            job_type, output_name, product.file_name, (file.uuid for file in inputs), properties
        ),
        is_operational=job_type.is_operational
        and all(file.is_operational for file in inputs if file.kind is FileKind.PRODUCT),
        is_published=True,
        published=datetime.now(UTC),
        job_type_id=job_type.id,
        job_id=execution.job_id,
        job_exe_id=execution.id,
        output_name=output_name,
        **{"meta_data": {}, "countries": [], **_geo_columns(product.geo_metadata)},
    )
    if product.preview is not None:
        tx.previews.keep(added.id, product.preview)
    return added


def _geo_columns(geo: GeoMetadata) -> dict[str, Any]:
    """Return the columns for what is known; the others are left as they are."""
    footprint = footprint_of(geo.geo_json)
    columns: dict[str, Any] = {
        "data_started": geo.data_started,
        "data_ended": geo.data_ended,
        "geometry": None if footprint is None else footprint.geometry,
        "center_point": None if footprint is None else footprint.center_point,
        "meta_data": None if footprint is None else footprint.properties,
        "countries": None if footprint is None else list(footprint.countries),
    }
    if footprint is not None and footprint.bounds is not None:
        columns |= zip(_BOUNDS, footprint.bounds, strict=True)
    return {name: value for name, value in columns.items() if value is not None}


def _apply_parse_results(
    tx: UnitOfWork, parse_results: Iterable[ParseResult], inputs: Sequence[FileRecord]
) -> None:
    """Write parse results to the sources they name, then fire the rules, once for each source.

    Sources are taken in the order of their ids, so that two jobs wait for one another at most.
    """
    by_name: dict[str, list[ParseResult]] = {}
    for parsed in parse_results:
        by_name.setdefault(parsed.filename, []).append(parsed)
    for name in by_name.keys() - {
        each.file_name for each in inputs if each.kind is FileKind.SOURCE
    }:
        _log.warning("The parse result of %r is dropped: no source of that name was given.", name)
    sources = [
        _parsed_source(tx, file, by_name[file.file_name])
        for file in sorted(inputs, key=lambda each: each.id)
        if file.kind is FileKind.SOURCE and file.file_name in by_name
    ]
    for source in sources:
        file_event(tx, EventType.PARSE, source)


def _parsed_source(
    tx: UnitOfWork, file: FileRecord, parse_results: Iterable[ParseResult]
) -> FileRecord:
    source = tx.files.lock(file.id)
    types = dict.fromkeys(source.data_type)
    values: dict[str, Any] = {"is_parsed": True, "parsed": datetime.now(UTC)}
    for parsed in parse_results:
        types.update(dict.fromkeys(parsed.data_types))
        values |= _geo_columns(parsed.geo_metadata)
        if parsed.new_workspace_path is not None:
            tx.moves.ask(source, parsed.new_workspace_path)
    return tx.files.update(file.id, {**values, "data_type": list(types)})


def _results_document(
    interface: JobInterface, added: Mapping[str, list[FileRecord]]
) -> dict[str, Any]:
    kinds = {output.name: output.type for output in interface.outputs}
    return {
        "version": "1.0",
        "output_data": [
            {"name": name, "file_ids": [file.id for file in files]}
            if kinds[name] is OutputType.FILES
            else {"name": name, "file_id": files[0].id}
            for name, files in added.items()
            if files
        ],
    }


def _path_part(text: str) -> str:
    """Keep a name from making directories of its own."""
    return text.replace("/", "_") if text not in (".", "..") else text.replace(".", "_")
