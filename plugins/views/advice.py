"""What to do about an error, for who reads of it at night."""

from collections.abc import Mapping
from typing import Final, assert_never

from catalog.states import ErrorCategory

_OF_BUILTIN: Final[Mapping[str, str]] = {
    "unknown": "Read the standard error of the job. Give its exit code an error of its own in the"
    " error mapping of the job type.",
    "database": "Look whether PostgreSQL answers. Jobs go on by themselves when it does.",
    "filesystem-io": "Look at the disk, the mounts and the permissions that the job's page names.",
    "nfs": "Look at the mount on the node, and at its server.",
    "node-lost": "Look at the node and the log of its engine.",
    "timeout": "Compare CPU time and timeout on the job's page. If it was busy, raise the timeout;"
    " if not, its log says what it waited for.",
    "scheduler-lost": "Look at Airflow's scheduler and triggerer, then requeue the job.",
    "launch": "Put the command on the PATH of the node or into the image, executable.",
    "docker": "Look whether the engine runs on the node. The job's page has its words.",
    "kubernetes": "Look whether the cluster runs. The job's page has its words.",
    "image-pull": "Build or load the image, or correct the Docker image of the job type.",
    "out-of-memory": "Raise the memory of the job type, or give the job less to do.",
    "invalid-input": "Send files of the media type that the interface of the job type names.",
    "invalid-results": "Correct the program or the interface. The job's page says what is wrong.",
}


def advice_on(name: str, category: ErrorCategory, description: str | None) -> str:
    """Return what to do about an error.

    Parameters
    ----------
    description
        What who made the error says of it: what to do, if it is not a builtin one.
    """
    if name in _OF_BUILTIN:
        return _OF_BUILTIN[name]
    match category:
        case ErrorCategory.DATA:
            fact, deed = "It is not tried again.", "Correct the data and send it again."
        case ErrorCategory.ALGORITHM:
            fact, deed = "It is not tried again.", "Correct the program, then requeue the job."
        case ErrorCategory.SYSTEM:
            fact, deed = "It is tried again while tries remain.", "Requeue what is left over."
        case _:
            assert_never(category)
    return fact if description else f"{fact} {deed}"
