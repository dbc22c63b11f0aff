"""Job specs, hysds-io and containers (seed 000), and the job types that follow from them."""

from collections.abc import Mapping
from typing import Any, Final

from fastapi import APIRouter

from catalog.catalogue import Catalogue
from catalog.errors import InvalidError, NotFoundError
from catalog.records.configuration import JobTypeRecord
from catalog.records.submissions import AdHocType
from catalog.services.ad_hoc import CATEGORY, EVERYTHING, RESULTS
from plugins.rest.dependencies import CatalogueDep
from plugins.rest.merged import ParametersDep
from plugins.rest.mozart.wire import envelope, operation
from schemas.hysds import Destination, HysdsIo, JobSpec

SPEC: Final = "job specification"
IO: Final = "hysds-io"
CONTAINER: Final = "container"
router = APIRouter()
_ID: Final = {"id": "The id, as listed."}
_DOCUMENT: Final = {"spec": "The document, as JSON."}
_CONTAINER_ID: Final = {"container_id": "The id, as listed; `id` does too."}
_DEFAULT_TIMEOUT: Final = 86400


@operation(router, "/jobspec/type", "/job_spec/type", parameters=_ID, required=("id",))
def show_spec(catalogue: CatalogueDep, given: ParametersDep) -> dict[str, Any]:
    """Return a job specification."""
    return envelope(spec_document(catalogue, given.required_text("id")))


@operation(router, "/jobspec/list", "/job_spec/list")
def list_specs(catalogue: CatalogueDep) -> dict[str, Any]:
    """Return the ids of all job types, also of those that came from elsewhere."""
    return envelope(spec_ids(catalogue))


@operation(
    router, "/jobspec/add", "/job_spec/add", parameters=_DOCUMENT, required=("spec",), verb="POST"
)
def add_spec(catalogue: CatalogueDep, given: ParametersDep) -> dict[str, Any]:
    """Register a job specification; the job type that follows from it can be submitted to."""
    given.required("spec")
    document = given.json("spec")
    spec = JobSpec.parse(document)
    wiring = catalogue.registrations.find(IO, io_id(spec.id))
    io = None if wiring is None else HysdsIo.parse(wiring.document)
    job_type = _job_type(catalogue, spec, io)
    catalogue.registrations.put(SPEC, spec.id, document, job_type, spec.queues)
    return envelope(spec.id)


@operation(router, "/jobspec/remove", "/job_spec/remove", parameters=_ID, required=("id",))
def remove_spec(catalogue: CatalogueDep, given: ParametersDep) -> dict[str, Any]:
    """Remove a job specification; jobs that were submitted of it stay."""
    catalogue.registrations.remove(SPEC, given.required_text("id"))
    return envelope()


@operation(router, "/hysdsio/type", "/hysds_io/type", parameters=_ID, required=("id",))
def show_io(catalogue: CatalogueDep, given: ParametersDep) -> dict[str, Any]:
    """Return a hysds-io."""
    return envelope(io_document(catalogue, given.required_text("id")))


@operation(router, "/hysdsio/list", "/hysds_io/list")
def list_ios(catalogue: CatalogueDep) -> dict[str, Any]:
    """Return the ids of all hysds-io."""
    return envelope([each.key for each in catalogue.registrations.all(IO)])


@operation(
    router, "/hysdsio/add", "/hysds_io/add", parameters=_DOCUMENT, required=("spec",), verb="POST"
)
def add_io(catalogue: CatalogueDep, given: ParametersDep) -> dict[str, Any]:
    """Register a hysds-io; its lambdas are kept and never evaluated."""
    given.required("spec")
    document = given.json("spec")
    io = HysdsIo.parse(document)
    catalogue.registrations.put(IO, io.id, document)
    spec = catalogue.registrations.find(SPEC, _spec_id(io.id))
    if spec is not None:
        parsed = JobSpec.parse(spec.document)
        job_type = _job_type(catalogue, parsed, io)
        catalogue.registrations.put(SPEC, parsed.id, spec.document, job_type)
    return envelope(io.id)


@operation(router, "/hysdsio/remove", "/hysds_io/remove", parameters=_ID, required=("id",))
def remove_io(catalogue: CatalogueDep, given: ParametersDep) -> dict[str, Any]:
    """Remove a hysds-io."""
    catalogue.registrations.remove(IO, given.required_text("id"))
    return envelope()


@operation(router, "/container/list")
def list_containers(catalogue: CatalogueDep) -> dict[str, Any]:
    """Return the ids of all containers."""
    return envelope([each.key for each in catalogue.registrations.all(CONTAINER)])


@operation(
    router,
    "/container/add",
    parameters={
        "name": "The name, unique together with the version it includes.",
        "url": "The image: a reference as Docker takes it, or the address of its archive.",
        "version": "The version.",
        "digest": "The digest of the image.",
    },
    required=("name", "url", "version"),
    verb="POST",
)
def add_container(catalogue: CatalogueDep, given: ParametersDep) -> dict[str, Any]:
    """Register a container; its id is its name."""
    name = given.required_text("name")
    document = {
        "id": name,
        "digest": given.text("digest"),
        "url": given.required_text("url"),
        "version": given.required_text("version"),
    }
    catalogue.registrations.put(CONTAINER, name, document)
    for each in catalogue.registrations.all(SPEC):
        if each.document.get("container") == name:
            spec = JobSpec.parse(each.document)
            wiring = catalogue.registrations.find(IO, io_id(spec.id))
            io = None if wiring is None else HysdsIo.parse(wiring.document)
            job_type = _job_type(catalogue, spec, io)
            catalogue.registrations.put(SPEC, spec.id, each.document, job_type)
    return envelope(name)


@operation(router, "/container/remove", parameters=_CONTAINER_ID, required=("container_id",))
def remove_container(catalogue: CatalogueDep, given: ParametersDep) -> dict[str, Any]:
    """Remove a container that no job specification names."""
    name = given.required_text("container_id", "id")
    users = [
        each.key
        for each in catalogue.registrations.all(SPEC)
        if each.document.get("container") == name
    ]
    if users:
        raise InvalidError(
            f"Container {name!r} is used by {', '.join(users)}. Remove those job specifications"
            " first."
        )
    catalogue.registrations.remove(CONTAINER, name)
    return envelope()


@operation(router, "/container/info", parameters=_CONTAINER_ID, required=("container_id",))
def show_container(catalogue: CatalogueDep, given: ParametersDep) -> dict[str, Any]:
    """Return the description of a container."""
    name = given.required_text("container_id", "id")
    found = catalogue.registrations.find(CONTAINER, name)
    if found is None:
        raise NotFoundError(CONTAINER, name)
    return envelope(found.document)


def spec_ids(catalogue: Catalogue) -> list[str]:
    """Return the ids of every job type that can be submitted to."""
    return [spec_id(each.name, each.version) for each in catalogue.registrations.job_types()]


def spec_id(name: str, version: str) -> str:
    """Return the id of a job type as a job specification."""
    return f"job-{name}:{version}"


def io_id(identity: str) -> str:
    """Return the id of the wiring of a job specification."""
    return identity.replace("job", "hysds-io", 1)


def _spec_id(identity: str) -> str:
    return identity.replace("hysds-io", "job", 1)


def find_type(catalogue: Catalogue, identity: str) -> JobTypeRecord:
    """Return the job type that an id names, or raise `NotFoundError`."""
    name, _, version = identity.removeprefix("job-").rpartition(":")
    found = catalogue.registrations.job_type(name, version)
    if found is None or not identity.startswith("job-"):
        raise NotFoundError(SPEC, identity)
    return found


def spec_document(catalogue: Catalogue, identity: str) -> dict[str, Any]:
    """Return a job specification as it was registered, or as it follows from its job type."""
    registered = catalogue.registrations.find(SPEC, identity)
    if registered is not None:
        return {**registered.document, "job-version": identity.rpartition(":")[2]}
    job_type = find_type(catalogue, identity)
    return {
        "id": identity,
        "job-version": job_type.version,
        "command": job_type.interface["command"],
        "params": [
            {"name": each["name"], "destination": Destination.POSITIONAL.value}
            for each in job_type.interface["input_data"]
        ],
        "container": job_type.docker_image,
        "disk_usage": f"{int(job_type.disk_out_const_required)}MB",
        "soft_time_limit": job_type.timeout or None,
        "time_limit": job_type.timeout or None,
    }


def io_document(catalogue: Catalogue, identity: str) -> dict[str, Any]:
    """Return a wiring as it was registered, or as it follows from its job type.

    Parameters
    ----------
    identity
        Its id, or that of its job type: there is one for each (seed 000, "HySDS-IO").
    """
    identity = io_id(identity) if identity.startswith("job-") else identity
    registered = catalogue.registrations.find(IO, identity)
    if registered is not None:
        return {**registered.document, "job-specification": _spec_id(identity)}
    job_type = find_type(catalogue, _spec_id(identity))
    return {
        "id": identity,
        "job-specification": _spec_id(identity),
        "job-version": job_type.version,
        "label": job_type.title or job_type.name,
        "params": [
            {"name": each["name"], "from": "submitter", "optional": not each["required"]}
            for each in job_type.interface["input_data"]
        ],
    }


def _job_type(catalogue: Catalogue, spec: JobSpec, io: HysdsIo | None) -> AdHocType:
    """Return the job type of a job specification: positional parameters are its inputs."""
    names = [each.name for each in spec.params if each.destination is Destination.POSITIONAL]
    settings: dict[str, Any] = {
        "name": spec.name,
        "version": spec.version,
        "title": spec.id,
        "category": CATEGORY,
        "max_tries": 1,
        "timeout": spec.time_limit or _DEFAULT_TIMEOUT,
        "disk_out_const_required": spec.disk_usage,
        "uses_docker": spec.container is not None,
        "docker_image": _image(catalogue, spec.container),
        "interface": {
            "version": "1.0",
            "command": spec.command,
            "command_arguments": " ".join(f"${{{name}}}" for name in names),
            "input_data": [
                {"name": name, "type": "property", "required": _is_required(io, name)}
                for name in names
            ],
            "output_data": [{"name": RESULTS, "type": "files", "required": False}],
        },
    }
    return AdHocType(settings, {RESULTS: list(EVERYTHING)})


def _is_required(io: HysdsIo | None, name: str) -> bool:
    wiring = None if io is None else io.params.get(name)
    return wiring is None or not (wiring.is_optional or wiring.default is not None)


def _image(catalogue: Catalogue, container: str | None) -> str | None:
    """Return the image of a container: its reference, or its id for one that is an archive."""
    if container is None:
        return None
    found = catalogue.registrations.find(CONTAINER, container)
    document: Mapping[str, Any] = {} if found is None else found.document
    url = str(document.get("url", container)).removeprefix("docker://")
    return container if "://" in url else url
