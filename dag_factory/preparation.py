"""What an execution is run with, and the work directory it is run in."""

from collections.abc import Mapping
from pathlib import Path

from catalog.records.execution import ExecutionPlan
from dag_factory.command_line import OUTPUT_DIRECTORY, command_line
from dag_factory.disk import check_room
from dag_factory.failures import JobFailure
from dag_factory.job_environment import environment_of
from dag_factory.publication import missing_inputs
from dag_factory.runtimes.choice import runtime_for
from dag_factory.runtimes.runtime import Invocation, Runtime
from dag_factory.staging import stage, with_staged_paths
from dag_factory.submitted import put_submitted
from dag_factory.work_directory import WorkDirectory, unique_names
from schemas.job_interface import InputType


def runtime_of(plan: ExecutionPlan) -> Runtime:
    """Return the runtime a job type asks for."""
    return runtime_for(uses_docker=plan.uses_docker)


def invocation_of(plan: ExecutionPlan, runtime: Runtime, directory: Path) -> Invocation:
    """Return how an execution is run; its inputs need not be there yet."""
    work = WorkDirectory.of(directory, plan.job_exe_id)
    plan = with_staged_paths(plan, work.staged)
    values = _values(plan, runtime, work)
    return Invocation(
        plan=plan,
        work=work,
        argv=tuple(command_line(plan.interface, values)),
        environment=environment_of(plan, runtime.output_directory(work)),
    )


def _values(plan: ExecutionPlan, runtime: Runtime, work: WorkDirectory) -> Mapping[str, str]:
    """Return what stands for each name of the command line."""
    values = {**plan.properties, OUTPUT_DIRECTORY: str(runtime.output_directory(work))}
    lists = {each.name for each in plan.interface.inputs if each.type is InputType.FILES}
    for name, files in plan.files.items():
        if name in lists:
            values[name] = str(runtime.input_directory(work, name))
        else:
            values[name] = str(runtime.input_path(work, name, files[0].file_name))
    return values


def prepare(runtime: Runtime, invocation: Invocation) -> None:
    """Make the work directory with the inputs; raises `JobFailure` if it cannot be."""
    missing = missing_inputs(invocation.plan)
    if missing:
        raise JobFailure(
            "filesystem-io",
            f"The input file {missing[0]} cannot be read on this host. Look whether the workspace"
            " is mounted and the file still there.",
        )
    try:
        invocation.work.prepare()
        check_room(invocation.plan, invocation.work)
        stage(invocation.plan)
        named = {name: unique_names(files) for name, files in invocation.plan.files.items()}
        runtime.give(invocation.work, named)
    except OSError as error:
        raise JobFailure(
            "filesystem-io",
            f"The work directory {invocation.work.root} could not be made ({error})."
            " Look at the disk and permissions of this host.",
        ) from error
    put_submitted(invocation.plan.staging, invocation.work.outputs, invocation.deadline)
