"""Invocations of executions that are in no catalogue."""

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from catalog.records.execution import ExecutionPlan, InputFile
from dag_factory.runtimes.runtime import Invocation
from dag_factory.work_directory import WorkDirectory
from examples.docker import IMAGE
from schemas.error_interface import ErrorMapping
from schemas.job_interface import JobInterface


def invocation(
    executions: Path,
    *argv: str,
    image: str | None = IMAGE,
    files: Mapping[str, tuple[InputFile, ...]] | None = None,
    environment: Mapping[str, str] | None = None,
    exit_codes: Mapping[int, str] | None = None,
    cpus: float = 0.5,
    mem: float = 64.0,
) -> Invocation:
    """Return an invocation of a new execution, its work directory made."""
    # Beyond the ids of any catalogue: the engine may be shared with a system that runs.
    job_exe_id = 2**40 + secrets.randbits(40)
    work = WorkDirectory.of(executions, job_exe_id)
    work.prepare()
    plan = ExecutionPlan(
        job_exe_id=job_exe_id,
        job_id=job_exe_id,
        try_number=1,
        started=datetime.now(UTC),
        job_type_name="test",
        job_type_version="1.0",
        interface=JobInterface(argv[0], ""),
        error_mapping=ErrorMapping(exit_codes or {}),
        properties={},
        files=files or {},
        outputs={},
        timeout=0,
        cpus=cpus,
        mem=mem,
        uses_docker=True,
        docker_image=image,
        docker_privileged=False,
    )
    return Invocation(plan, work, argv, environment or {})


def input_file(path: Path, content: str, file_id: int = 1) -> InputFile:
    """Write a file and return it as an input."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    return InputFile(file_id, path.name, path, "text/plain", path.stat().st_size)
