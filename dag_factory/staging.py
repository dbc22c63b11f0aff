"""Inputs from brokers without a file system: copied into the work directory before a job starts.

Outputs go the other way, by the broker of their workspace (`dag_factory.publication`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from catalog.records.execution import ExecutionPlan, InputFile
from dag_factory.failures import JobFailure


def with_staged_paths(plan: ExecutionPlan, directory: Path) -> ExecutionPlan:
    """Return the plan with a path in `directory` for each file that has to be staged."""
    if all(file.stored_at is None for file in _files(plan.files)):
        return plan
    files = {
        name: tuple(_with_path(file, directory) for file in files)
        for name, files in plan.files.items()
    }
    return replace(plan, files=files)


def stage(plan: ExecutionPlan) -> None:
    """Copy the files to their paths; what stands there whole, from an earlier try, stays.

    Raises
    ------
    JobFailure
        Raised as ``filesystem-io`` if a file cannot be copied, or is not what was stored.
    """
    for file in _files(plan.files):
        place = file.stored_at
        if place is None or file.path.exists():
            continue
        where = place.broker.where(place.file_path)
        try:
            fetched = place.broker.fetch(place.file_path, file.path)
        except OSError as error:
            raise JobFailure(
                "filesystem-io",
                f"The input file {where} could not be copied to this host ({error})."
                " Look whether the storage can be reached and the file is still there.",
            ) from error
        if fetched != place.content:
            file.path.unlink()
            raise JobFailure(
                "filesystem-io",
                f"The input file {where} is not what was stored there: it has"
                f" {fetched.file_size} bytes and the checksum {fetched.sha256}. Store it again.",
            )


def _files(files: Mapping[str, Iterable[InputFile]]) -> list[InputFile]:
    return [file for each in files.values() for file in each]


def _with_path(file: InputFile, directory: Path) -> InputFile:
    if file.stored_at is None:
        return file
    return replace(file, path=directory / str(file.file_id) / file.file_name)
