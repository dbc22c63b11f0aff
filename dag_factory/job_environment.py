"""The environment of a job's command: the same whatever it runs as."""

import json
import os
from pathlib import Path
from typing import Final

from catalog.records.execution import ExecutionPlan
from dag_factory.failures import JobFailure
from dag_factory.submitted import SOURCE

ENVIRONMENT_VARIABLE: Final = "AIRSCALE_JOB_ENVIRONMENT"


def environment_of(plan: ExecutionPlan, outputs: Path) -> dict[str, str]:
    """Return the environment of a command, with the names of seed 003, "Jobs".

    What its submitter gives wins over what the deployment gives to all jobs, also as ``JOB_ID``.

    Parameters
    ----------
    outputs
        The directory in which the command starts, as it sees it.

    Raises
    ------
    JobFailure
        Raised as ``launch`` if ``AIRSCALE_JOB_ENVIRONMENT`` is wrong.
    """
    environment = {
        **_of_all_jobs(),
        "JOB_ID": str(plan.job_id),
        "JOB_EXE_ID": str(plan.job_exe_id),
        **plan.environment,
        "JOB_OUTPUT_DIR": str(outputs),
    }
    source = plan.staging.source
    if source is not None:
        environment |= {
            "JOB_SOURCE_DIR": str(outputs / SOURCE),
            "SRC_GIT_URL": source.url,
            "GIT_COMMIT_REF": source.commit_ref or "",
        }
    return environment


def _of_all_jobs() -> dict[str, str]:
    """Return what the deployment gives to all jobs, such as the ``DATA_DIR_COMCAM`` of seed 003."""
    configured = os.environ.get(ENVIRONMENT_VARIABLE)
    if not configured:
        return {}
    try:
        given = json.loads(configured)
    except ValueError as error:
        raise _wrong(f"is not JSON ({error})") from error
    if not isinstance(given, dict):
        raise _wrong("is no object")
    for name, value in given.items():
        if not name or set(name) & {"=", "\0"} or not isinstance(value, str) or "\0" in value:
            raise _wrong(f"holds {name!r}, which is no name with a text")
    return given


def _wrong(what: str) -> JobFailure:
    return JobFailure(
        "launch",
        f'{ENVIRONMENT_VARIABLE} {what}. Set it to an object like {{"DATA_DIR": "/data"}}, or'
        " unset it.",
    )
