"""How an execution ended: its stored results, or why it failed."""

from dataclasses import replace
from datetime import UTC, datetime

from catalog.records.execution import ExecutionPlan, Failure, Results
from dag_factory.collected_patterns import Patterns
from dag_factory.collection import collect
from dag_factory.disk import disk_used
from dag_factory.failures import JobFailure
from dag_factory.publication import store
from dag_factory.runtimes.runtime import Exit, Invocation, Runtime
from dag_factory.submitted import submitted_names
from dag_factory.work_directory import artifact_lines, tail


def results_of(runtime: Runtime, invocation: Invocation, end: Exit) -> Results | Failure:
    """Collect and store what a successful command made."""
    plan, work = invocation.plan, invocation.work
    stdout, stderr = tail(work.stdout), tail(work.stderr)
    disk_out = disk_used(work.outputs)  # before the products are moved out of it
    used = replace(runtime.used(invocation), disk_out=disk_out)
    if end.code != 0 or end.out_of_memory:
        return replace(_exit_failure(plan, end, stdout, stderr), used=used)
    try:
        seen_as = runtime.output_directory(work)
        lines = artifact_lines(work.stdout)
        patterns = Patterns(plan.output_patterns, submitted_names(plan.staging))
        collection = collect(plan.interface, work.outputs, seen_as, lines, patterns)
        made = store(plan, collection, end.completed, stdout, stderr)
        return replace(made, used=used)
    except JobFailure as failure:
        words = (failure.error_name, failure.detail)
        return Failure(*words, end.code, end.completed, stdout, stderr, used)


def failure_of(runtime: Runtime, invocation: Invocation, failure: JobFailure) -> Failure:
    """Return why an execution failed, with what it has printed."""
    return Failure(
        failure.error_name,
        failure.detail,
        job_completed=datetime.now(UTC),
        stdout=tail(invocation.work.stdout),
        stderr=tail(invocation.work.stderr),
        used=runtime.used(invocation),
    )


def _exit_failure(plan: ExecutionPlan, end: Exit, stdout: str, stderr: str) -> Failure:
    if end.out_of_memory:
        detail = (
            f"The job used more than its {plan.mem:.0f} MiB of memory and was stopped."
            " Raise mem_required of the job type."
        )
        return Failure("out-of-memory", detail, end.code, end.completed, stdout, stderr)
    mapped = plan.error_mapping.name_for(end.code)
    meaning = "does not list" if mapped is None else f"calls {mapped}"
    last_words = stderr.strip().splitlines()[-1:] or stdout.strip().splitlines()[-1:]
    detail = f"The algorithm ended with exit code {end.code}, which its error mapping {meaning}."
    if last_words:
        detail += f" Its last words: {last_words[0][:500]}"
    return Failure(mapped or "unknown", detail, end.code, end.completed, stdout, stderr)
