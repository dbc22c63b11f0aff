"""Filters that several lists of the Scale dialect share."""

from typing import Annotated

from fastapi import Depends

from catalog.queries.parts import JobTypeFilter
from plugins.rest.parameters import Ids, Texts


async def _job_type_filter(
    job_type_id: Ids, job_type_name: Texts, job_type_category: Texts
) -> JobTypeFilter:
    return JobTypeFilter(job_type_id, job_type_name, job_type_category)


JobTypeDep = Annotated[JobTypeFilter, Depends(_job_type_filter)]
