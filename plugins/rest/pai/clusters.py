"""Virtual clusters: queues with a share of the cluster (seed 004)."""

from http import HTTPStatus
from typing import Any, Final

from fastapi import APIRouter

from catalog.queries.pools import PoolRow
from plugins.rest.dependencies import CatalogueDep
from plugins.rest.merged import Parameters, ParametersDep, documented
from plugins.rest.pai.config import is_name
from plugins.rest.pai.known import AskerDep
from plugins.rest.pai.wire import PaiError, invalid

_WHOLE: Final = 100.0

router = APIRouter(tags=["virtual clusters"])


@router.get("/virtual-clusters", summary="List virtual clusters")
def list_virtual_clusters(catalogue: CatalogueDep) -> dict[str, Any]:
    """Return every virtual cluster by name."""
    return {name: _object(each) for name, each in catalogue.queries.pools.all().items()}


@router.get("/virtual-clusters/{name}", summary="Show a virtual cluster")
def show_virtual_cluster(catalogue: CatalogueDep, name: str) -> dict[str, Any]:
    """Return the share of a virtual cluster, and what it uses now."""
    found = catalogue.queries.pools.all().get(name)
    if found is None:
        raise PaiError(
            HTTPStatus.NOT_FOUND,
            "VirtualClusterNotFound",
            f"could not find virtual cluster {name}",
        )
    return _object(found)


@router.put(
    "/virtual-clusters/{name}",
    status_code=HTTPStatus.CREATED,
    summary="Make a virtual cluster, or change its share",
    openapi_extra=documented(
        {
            "vcCapacity": "Percent of the cluster that it is meant to have; 100 by default.",
            "vcMaxCapacity": "Percent that its jobs may use at most; 100 by default.",
        }
    ),
)
def update_virtual_cluster(
    catalogue: CatalogueDep, asker: AskerDep, given: ParametersDep, name: str
) -> dict[str, str]:
    """Make or change a virtual cluster, for administrators."""
    asker.must_be_admin()
    if not is_name(name):
        raise invalid(f"The name {name!r} is not valid. Use letters, digits, '-', '.', '_', '~'.")
    catalogue.pools.save(name, _percent(given, "vcCapacity"), _percent(given, "vcMaxCapacity"))
    return {"message": f"update vc: {name} successfully"}


def _percent(given: Parameters, name: str) -> float | None:
    value = given.text(name)
    if value is None:
        return None
    try:
        return float(value)
    except ValueError as error:
        raise invalid(f"The parameter {name!r} is {value!r}. Give a percentage.") from error


def _object(row: PoolRow) -> dict[str, Any]:
    return {
        "capacity": _WHOLE if row.capacity is None else row.capacity,
        "maxCapacity": _WHOLE if row.max_capacity is None else row.max_capacity,
        "usedCapacity": row.used_capacity,
        "numActiveJobs": row.running,
        "numJobs": row.running + row.waiting,
        "numPendingJobs": row.waiting,
        "resourcesUsed": {"memory": row.mem, "vCores": row.cpus, "GPUs": row.gpus},
    }
