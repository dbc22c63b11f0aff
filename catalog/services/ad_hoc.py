"""Job types that nobody configured: they follow from a submission or a registered document.

They are job types like all others: every dialect shows them, and each has its DAG.
"""

import hashlib
from typing import Any, Final

from catalog.records.configuration import JobTypeRecord
from catalog.records.submissions import AdHocType
from catalog.services.job_types import save_job_type
from catalog.services.recipe_types import check_users
from catalog.services.saving import ROOT, has_values, read_entry
from catalog.stores.unit_of_work import UnitOfWork

SHELL_NAME: Final = "shell-command"
TASK_NAME: Final = "task"
_PROCESSES: Final = "process"
SHELL_VERSION: Final = "1.0"
SHELL_INPUT: Final = "command"
RESULTS: Final = "results"
EVERYTHING: Final = ("**/*",)
CATEGORY: Final = "ad-hoc"
_SHELL_TIMEOUT: Final = 3600
_SHELL_MEMORY: Final = 4096.0


def save_ad_hoc(tx: UnitOfWork, wanted: AdHocType) -> JobTypeRecord:
    """Create the job type of this name and version, or edit it; one that was archived is back.

    Raises
    ------
    InvalidError
        Raised if the document is not valid, or would break a recipe type.
    """
    (entry,) = read_entry("job_types", wanted.document).job_types
    tx.definitions.lock()
    saved = save_job_type(tx, entry, ROOT)
    check_users(tx, {(entry.name, entry.version)})
    values: dict[str, Any] = {
        "output_patterns": {name: list(each) for name, each in wanted.output_patterns.items()},
        "is_active": True,
        "archived": None,
    }
    is_same = has_values(saved.record, values)
    if saved.changes_dags or not is_same:
        tx.definitions.changed()
    return saved.record if is_same else tx.job_types.update(saved.record.id, values)


def task_type(tx: UnitOfWork, docker_image: str | None) -> JobTypeRecord:
    """Return the job type of tasks that are submitted together: one for each image."""
    version = _PROCESSES if docker_image is None else _version_of(docker_image)
    found = tx.job_types.find(TASK_NAME, version)
    if found is not None and found.is_active and found.docker_image == docker_image:
        return found
    wanted = _shell(docker_image)
    document = {
        **wanted.document,
        "name": TASK_NAME,
        "version": version,
        "title": "Task",
        "description": f"A task of a job, in {docker_image or 'a process of a host'}.",
        "timeout": 0,
    }
    return save_ad_hoc(tx, AdHocType(document, wanted.output_patterns))


def _version_of(image: str) -> str:
    """Return a version that no other image has."""
    return hashlib.sha256(image.encode()).hexdigest()[:16]


def shell_type(tx: UnitOfWork, docker_image: str | None = None) -> JobTypeRecord:
    """Return the job type that runs one shell command, given as its input.

    Parameters
    ----------
    docker_image
        The image its containers are made from; None for processes of the host.
    """
    found = tx.job_types.find(SHELL_NAME, SHELL_VERSION)
    if found is not None and found.is_active and found.docker_image == docker_image:
        return found
    return save_ad_hoc(tx, _shell(docker_image))


def _shell(docker_image: str | None) -> AdHocType:
    return AdHocType(
        document={
            "name": SHELL_NAME,
            "version": SHELL_VERSION,
            "title": "Shell command",
            "description": "Runs a command with bash; every file it leaves is a result.",
            "category": CATEGORY,
            "uses_docker": docker_image is not None,
            "docker_image": docker_image,
            "timeout": _SHELL_TIMEOUT,
            "max_tries": 1,
            "cpus_required": 1.0,
            "mem_required": _SHELL_MEMORY,
            "interface": {
                "version": "1.0",
                "command": "/bin/bash",
                "command_arguments": f"-c ${{{SHELL_INPUT}}}",
                "input_data": [{"name": SHELL_INPUT, "type": "property", "required": True}],
                "output_data": [{"name": RESULTS, "type": "files", "required": False}],
            },
        },
        output_patterns={RESULTS: list(EVERYTHING)},
    )
