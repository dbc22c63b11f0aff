"""Plans of executions: all that is needed to run one, read from the catalogue."""

from collections.abc import Mapping
from pathlib import Path

from catalog.brokers import StoredFile, broker_of
from catalog.records.execution import ExecutionPlan, InputFile, OutputPlace, StoredAt
from catalog.records.files import FileRecord
from catalog.records.staging import Staging
from catalog.records.work import JobExecutionRecord, JobRecord
from catalog.services.inputs import check_media_types, given_files, input_files
from catalog.services.products import interface_of, product_directory
from catalog.stores.unit_of_work import UnitOfWork
from schemas.error_interface import ErrorMapping
from schemas.job_data import JobData, PropertyValue
from schemas.job_interface import JobInterface


def checked_plan_of(tx: UnitOfWork, job: JobRecord, execution: JobExecutionRecord) -> ExecutionPlan:
    """Return the plan of an execution that is to begin.

    Raises
    ------
    InvalidError
        Raised if a file was deleted, or has a media type that the job does not accept.
    """
    revision = tx.job_types.revision_by_id(job.job_type_rev_id)
    interface = interface_of(revision)
    data = JobData.parse(job.data)
    files = input_files(tx, data.inputs)
    check_media_types(interface.inputs, files)
    return _plan(tx, job, execution, interface=interface, data=data, files=files)


def plan_of(tx: UnitOfWork, job: JobRecord, execution: JobExecutionRecord) -> ExecutionPlan:
    """Return the plan of an execution, also of one that has ended."""
    revision = tx.job_types.revision_by_id(job.job_type_rev_id)
    data = JobData.parse(job.data)
    files = given_files(tx, data.inputs)
    return _plan(tx, job, execution, interface=interface_of(revision), data=data, files=files)


def _plan(
    tx: UnitOfWork,
    job: JobRecord,
    execution: JobExecutionRecord,
    *,
    interface: JobInterface,
    data: JobData,
    files: Mapping[str, tuple[FileRecord, ...]],
) -> ExecutionPlan:
    job_type = tx.job_types.get(job.job_type_id)
    workspaces = tx.workspaces.get_many(
        {file.workspace_id for each in files.values() for file in each}
        | set(data.output_workspaces.values())
    )
    directory = product_directory(tx, job, execution, job_type, files)
    return ExecutionPlan(
        job_exe_id=execution.id,
        job_id=job.id,
        try_number=job.num_exes,
        started=execution.started or execution.queued,
        job_type_name=job_type.name,
        job_type_version=job_type.version,
        interface=interface,
        error_mapping=ErrorMapping.parse(job_type.error_mapping),
        properties={
            name: value.value
            for name, value in data.inputs.items()
            if isinstance(value, PropertyValue)
        },
        files={
            name: tuple(
                _input_file(file, workspaces[file.workspace_id].json_config) for file in each
            )
            for name, each in files.items()
        },
        outputs={
            name: OutputPlace(
                broker=broker_of(workspaces[workspace_id].json_config), directory=directory
            )
            for name, workspace_id in data.output_workspaces.items()
        },
        timeout=0 if job_type.is_long_running else _limit(job),
        cpus=job.cpus_required,
        mem=job.mem_required,
        uses_docker=job_type.uses_docker,
        docker_image=job_type.docker_image,
        docker_privileged=job_type.docker_privileged,
        environment=_environment(tx, job),
        staging=Staging.of(job.staging),
        output_patterns=job_type.output_patterns or {},
        gpus=max(job.gpus, interface.gpus_required),
        ports=tuple(job.ports),
        disk_out=execution.disk_out_scheduled or 0.0,
    )


def _environment(tx: UnitOfWork, job: JobRecord) -> dict[str, str]:
    """Return what a job is given; only jobs of dialects share some of it with others."""
    shared = {} if job.origin is None else tx.job_sets.environment_of(job.id)
    return shared | job.environment


def _limit(job: JobRecord) -> int:
    """Return after how many seconds a job is stopped, 0 for never: the softer limit comes first."""
    return min((each for each in (job.timeout, job.soft_timeout) if each), default=0)


def _input_file(file: FileRecord, json_config: dict[str, object]) -> InputFile:
    broker = broker_of(json_config)
    path = broker.local(file.file_path)
    content = StoredFile(file.file_size, file.sha256)
    return InputFile(
        file_id=file.id,
        file_name=file.file_name,
        path=Path(file.file_name) if path is None else path,
        media_type=file.media_type,
        file_size=file.file_size,
        stored_at=StoredAt(broker, file.file_path, content) if path is None else None,
    )
