"""Names that the examples of seed 001 order by, where the fields of a list are called otherwise.

Source: the parameter ``order`` of Job List, Job Execution List, Node List and Recipe List.
"""

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import replace
from typing import Annotated, Any

from fastapi import Depends

from catalog.queries.listing import PageRequest
from plugins.rest.parameters import PageDep
from plugins.rest.scale.models.job_types import JobTypeBrief


def _also_by(
    names: Mapping[str, str],
) -> Callable[[PageRequest], Coroutine[Any, Any, PageRequest]]:
    async def page_request(page: PageDep) -> PageRequest:
        return replace(page, order=tuple(_called(each, names) for each in page.order))

    return page_request


def _called(order: str, names: Mapping[str, str]) -> str:
    name = order.removeprefix("-")
    return order.removesuffix(name) + names.get(name, name)


JobPageDep = Annotated[
    PageRequest,
    Depends(_also_by({"name": "job_type__name", "version": "job_type__version"})),
]
ExecutionPageDep = Annotated[
    PageRequest,
    Depends(_also_by({f"job_type__{x}": f"job__job_type__{x}" for x in JobTypeBrief.model_fields})),
]
NodePageDep = Annotated[PageRequest, Depends(_also_by({"host_name": "hostname"}))]
RecipePageDep = Annotated[
    PageRequest,
    Depends(_also_by({"name": "recipe_type__name", "version": "recipe_type__version"})),
]
