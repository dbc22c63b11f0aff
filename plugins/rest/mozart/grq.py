"""The look-ups of GRQ that clients of Mozart need to submit on demand; Mozart has some, too."""

from typing import Any, Final

from fastapi import APIRouter

from catalog.catalogue import Catalogue
from catalog.errors import NotFoundError
from plugins.rest.dependencies import CatalogueDep
from plugins.rest.merged import ParametersDep
from plugins.rest.mozart.specs import IO, io_document, io_id, spec_document, spec_ids
from plugins.rest.mozart.wire import envelope, operation

router = APIRouter()
on_demand = APIRouter()
"""What Mozart has of them itself."""
_GET: Final = ("GET",)
_TYPE: Final = {"job_type": "A job type of jobspec/list."}


@operation(
    on_demand, "/on-demand", parameters={"id": "A job type; all of them, if not given."}, verbs=_GET
)
@operation(router, "/grq/on-demand", parameters={"id": "A job type; all of them, if not given."})
def show_on_demand(catalogue: CatalogueDep, given: ParametersDep) -> dict[str, Any]:
    """Return the wiring of one job type, or of all."""
    identity = given.text("id")
    if identity is None:
        found: Any = [_entry(catalogue, each) for each in spec_ids(catalogue)]
    elif identity in spec_ids(catalogue):
        found = _entry(catalogue, identity)
    else:
        raise NotFoundError("job type", identity)
    return {"success": True, "result": found}


@operation(
    router, "/hysds_io/type", "/hysdsio/type", parameters={"id": "The id."}, required=("id",)
)
def show_io(catalogue: CatalogueDep, given: ParametersDep) -> dict[str, Any]:
    """Return a hysds-io."""
    return envelope(io_document(catalogue, given.required_text("id")))


@operation(router, "/hysds_io/list", "/hysdsio/list")
def list_ios(catalogue: CatalogueDep) -> dict[str, Any]:
    """Return the ids of all hysds-io."""
    return envelope([each.key for each in catalogue.registrations.all(IO)])


@operation(on_demand, "/on-demand/job-params", parameters=_TYPE, required=("job_type",), verbs=_GET)
def show_parameters(catalogue: CatalogueDep, given: ParametersDep) -> dict[str, Any]:
    """Return what a submitter of a job type is asked for, and its limits."""
    identity = given.required_text("job_type", "id")
    wiring, spec = io_document(catalogue, io_id(identity)), spec_document(catalogue, identity)
    return {
        "success": True,
        "hysds_io": io_id(identity),
        "job_spec": identity,
        "submission_type": wiring.get("submission_type", "individual"),
        "enable_dedup": wiring.get("enable_dedup", True),
        "params": [each for each in wiring["params"] if each["from"] == "submitter"],
        **{name: spec.get(name) for name in ("time_limit", "soft_time_limit", "disk_usage")},
    }


def _entry(catalogue: Catalogue, identity: str) -> dict[str, Any]:
    wiring = io_document(catalogue, io_id(identity))
    return {
        "hysds_io": io_id(identity),
        "job_spec": identity,
        "version": identity.rpartition(":")[2],
        "label": wiring.get("label", identity),
        "params": wiring["params"],
        "job_specification": spec_document(catalogue, identity),
    }
