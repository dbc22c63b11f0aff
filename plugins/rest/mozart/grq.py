"""The look-ups of GRQ that clients of Mozart need to submit on demand."""

from typing import Any

from fastapi import APIRouter

from catalog.catalogue import Catalogue
from catalog.errors import NotFoundError
from plugins.rest.dependencies import CatalogueDep
from plugins.rest.merged import ParametersDep
from plugins.rest.mozart.specs import IO, io_document, io_id, spec_document, spec_ids
from plugins.rest.mozart.wire import envelope, operation

router = APIRouter()


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
