"""Whether a job may run privileged: only where the deployment says so."""

import os
from typing import Final

from catalog.records.execution import ExecutionPlan
from dag_factory.failures import JobFailure

PRIVILEGED_VARIABLE: Final = "AIRSCALE_ALLOW_PRIVILEGED"


def is_privileged(plan: ExecutionPlan) -> bool:
    """Say whether an execution runs privileged.

    Raises
    ------
    JobFailure
        Raised as ``launch`` if its job type asks for it and the deployment does not allow it.
    """
    if plan.docker_privileged and os.environ.get(PRIVILEGED_VARIABLE) != "1":
        raise JobFailure(
            "launch",
            f"Job type {plan.job_type_name!r} version {plan.job_type_version!r} asks for"
            f" docker_privileged, which this deployment does not allow. Set"
            f" {PRIVILEGED_VARIABLE}=1 to allow it, or edit the job type.",
        )
    return plan.docker_privileged
