"""The life of an execution, as whoever runs it and whoever comes second see it."""

from typing import Final

import pytest

from catalog.errors import ConflictError, NotFoundError
from catalog.records.execution import Ended, ExecutionPlan, Failure
from catalog.states import ExecutionStatus, JobStatus
from catalog.tables import Node
from tests.support.catalogues import (
    ALGORITHM_ERROR,
    DATA_ERROR,
    World,
    at_once,
    interface,
    job_type,
    recipe_job,
    recipe_type,
    results,
)

SUCCEEDED: Final = Ended(succeeded=True)
FAILED: Final = Ended(succeeded=False)


@pytest.fixture
def job_id(world: World) -> int:
    """Return a queued job with one output, ``out``."""
    world.configure([job_type("maker", interface(outputs={"out": "file"}))])
    return world.queue_job("maker").id


def test_begin_takes_a_job_off_the_queue(world: World, job_id: int) -> None:
    plan = world.begin(job_id)
    assert world.job(job_id).status is JobStatus.RUNNING
    (execution,) = world.executions(job_id)
    assert execution.id == plan.job_exe_id
    assert execution.status is ExecutionStatus.RUNNING
    assert execution.started == world.job(job_id).started == plan.started


def test_begin_again_gives_the_same_plan(world: World, job_id: int) -> None:
    assert world.begin(job_id) == world.begin(job_id)
    assert len(world.executions(job_id)) == 1


def test_many_who_begin_at_once_share_one_execution(world: World, job_id: int) -> None:
    begun = at_once(6, lambda _: world.begin(job_id))
    assert all(each == begun[0] and isinstance(each, ExecutionPlan) for each in begun)
    assert len(world.executions(job_id)) == 1


def test_hosts_that_begin_at_once_become_one_node(world: World) -> None:
    world.configure([job_type("maker")])
    ids = [world.queue_job("maker").id for _ in range(4)]
    begun = at_once(4, lambda number: world.begin(ids[number]))
    assert all(isinstance(each, ExecutionPlan) for each in begun)
    assert world.count(Node) == 1


def test_a_job_that_does_not_exist_cannot_begin(world: World) -> None:
    with pytest.raises(NotFoundError, match="There is no job 99"):
        world.begin(99)


def test_a_job_that_waits_for_its_parents_cannot_begin(world: World) -> None:
    world.configure(
        [job_type("step")],
        [recipe_type("two", {"a": recipe_job("step"), "b": recipe_job("step", parents={"a": {}})})],
    )
    recipe = world.queue_recipe("two")
    with pytest.raises(ConflictError, match="its parents have not completed"):
        world.begin(world.jobs(recipe)["b"].id)


def test_the_end_of_a_job_is_what_a_later_begin_gives(world: World) -> None:
    world.configure([job_type("step")])
    completed, failed, canceled = (world.queue_job("step").id for _ in range(3))
    world.run(completed)
    world.fail(failed)
    world.catalogue.executions.cancel(canceled, "-")
    begin = world.catalogue.executions.begin
    ends = [begin(each, "host") for each in (completed, failed, canceled)]
    assert ends == [SUCCEEDED, FAILED, FAILED]


def test_a_system_error_is_retried_until_the_tries_are_used_up(world: World, job_id: int) -> None:
    assert [world.fail(job_id, "node-lost") for _ in range(3)] == [True, True, False]
    job = world.job(job_id)
    assert job.status is JobStatus.FAILED
    assert job.num_exes == 3
    assert [each.status for each in world.executions(job_id)] == [ExecutionStatus.FAILED] * 3


@pytest.mark.parametrize("error_name", [DATA_ERROR, ALGORITHM_ERROR])
def test_an_error_of_data_or_algorithm_is_never_retried(
    world: World, job_id: int, error_name: str
) -> None:
    assert not world.fail(job_id, error_name)
    job = world.job(job_id)
    assert job.status is JobStatus.FAILED
    assert job.num_exes == 1
    assert job.error_id is not None


def test_an_error_that_is_gone_counts_as_unknown_and_is_retried(world: World, job_id: int) -> None:
    assert world.fail(job_id, "no-such-error")
    with world.database.transaction() as tx:
        unknown = tx.errors.find("unknown")
    assert unknown is not None
    assert world.executions(job_id)[0].error_id == unknown.id


def test_a_retry_forgets_what_the_try_before_left_on_the_job(world: World, job_id: int) -> None:
    world.fail(job_id, "node-lost")
    job = world.job(job_id)
    assert job.status is JobStatus.QUEUED
    assert (job.started, job.ended, job.error_id, job.reason) == (None, None, None, None)


def test_the_next_try_has_an_execution_and_a_directory_of_its_own(
    world: World, job_id: int
) -> None:
    first = world.begin(job_id)
    world.catalogue.executions.fail(first.job_exe_id, Failure("node-lost", "-"))
    second = world.begin(job_id)
    assert second.job_exe_id != first.job_exe_id
    assert second.try_number == 2
    assert second.outputs["out"].directory != first.outputs["out"].directory


def test_a_job_nobody_runs_any_more_is_queued_again(world: World, job_id: int) -> None:
    lost = world.begin(job_id)
    world.catalogue.runs.lose(job_id, "Airflow ended the task.")
    assert world.job(job_id).status is JobStatus.QUEUED
    with world.database.transaction() as tx:
        ended = tx.executions.get(lost.job_exe_id)
    assert (ended.status, ended.detail) == (ExecutionStatus.FAILED, "Airflow ended the task.")
    assert world.begin(job_id).job_exe_id != lost.job_exe_id


def test_a_job_that_is_lost_over_and_over_fails_when_its_tries_are_used_up(
    world: World, job_id: int
) -> None:
    for _ in range(world.job(job_id).max_tries - 1):
        world.catalogue.runs.lose(job_id, "-")
        assert world.job(job_id).status is JobStatus.QUEUED
    world.catalogue.runs.lose(job_id, "Airflow ended the task.")
    job = world.job(job_id)
    assert (job.status, job.reason) == (JobStatus.FAILED, "Airflow ended the task.")


def test_losing_a_job_that_has_ended_changes_nothing(world: World, job_id: int) -> None:
    world.run(job_id, out=["a.tif"])
    world.catalogue.runs.lose(job_id, "-")
    assert world.job(job_id).status is JobStatus.COMPLETED


def test_completing_twice_publishes_once(world: World, job_id: int) -> None:
    plan = world.begin(job_id)
    made = results(plan, {"out": ["a.tif"]})
    complete = world.catalogue.executions.complete
    assert [complete(plan.job_exe_id, made) for _ in range(2)] == [SUCCEEDED, SUCCEEDED]
    assert len(world.products()) == 1


def test_many_who_complete_at_once_publish_once(world: World, job_id: int) -> None:
    plan = world.begin(job_id)
    made = results(plan, {"out": ["a.tif"]})
    ends = at_once(6, lambda _: world.catalogue.executions.complete(plan.job_exe_id, made))
    assert ends == [SUCCEEDED] * 6
    assert len(world.products()) == 1


def test_completing_after_a_cancellation_publishes_nothing(world: World, job_id: int) -> None:
    plan = world.begin(job_id)
    world.catalogue.executions.cancel(job_id, "a person changed their mind")
    made = results(plan, {"out": ["a.tif"]})
    assert world.catalogue.executions.complete(plan.job_exe_id, made) == FAILED
    assert world.products() == []
    assert world.job(job_id).status is JobStatus.CANCELED


def test_whoever_completes_a_try_that_failed_meanwhile_learns_that_there_is_another(
    world: World, job_id: int
) -> None:
    plan = world.begin(job_id)
    world.catalogue.executions.fail(plan.job_exe_id, Failure("node-lost", "-"))
    made = results(plan, {"out": ["a.tif"]})
    assert world.catalogue.executions.complete(plan.job_exe_id, made) is None
    assert world.catalogue.executions.fail(plan.job_exe_id, Failure("unknown", "-")) is None
    assert world.products() == []
    assert world.job(job_id).status is JobStatus.QUEUED
    assert world.job(job_id).num_exes == 2


def test_failing_and_completing_at_once_ends_the_execution_once(world: World, job_id: int) -> None:
    plan = world.begin(job_id)
    made = results(plan, {"out": ["a.tif"]})
    service = world.catalogue.executions

    def end(number: int) -> Ended | None:
        if number % 2:
            return service.complete(plan.job_exe_id, made)
        return service.fail(plan.job_exe_id, Failure(DATA_ERROR, "-"))

    ends = at_once(6, end)
    has_completed = world.job(job_id).status is JobStatus.COMPLETED
    assert ends == [Ended(succeeded=has_completed)] * 6
    assert len(world.products()) == int(has_completed)


def test_a_cancelled_job_keeps_the_reason_and_its_open_execution_ends(
    world: World, job_id: int
) -> None:
    world.begin(job_id)
    canceled = world.catalogue.executions.cancel(job_id, "no longer needed")
    assert (canceled.status, canceled.reason) == (JobStatus.CANCELED, "no longer needed")
    assert [each.status for each in world.executions(job_id)] == [ExecutionStatus.CANCELED]


@pytest.mark.parametrize("end", ["run", "cancel"])
def test_what_has_completed_or_was_cancelled_cannot_be_cancelled(
    world: World, job_id: int, end: str
) -> None:
    if end == "run":
        world.run(job_id, out=["a.tif"])
    else:
        world.catalogue.executions.cancel(job_id, "-")
    with pytest.raises(ConflictError, match=f"Job {job_id} is"):
        world.catalogue.executions.cancel(job_id, "again")


def test_what_was_cancelled_before_the_start_is_not_started(world: World, job_id: int) -> None:
    plan = world.begin(job_id)
    assert world.catalogue.executions.starting(plan.job_exe_id, "-a", {"JOB_ID": "1"})
    assert world.executions(job_id)[0].command_arguments == "-a"
    world.catalogue.executions.cancel(job_id, "-")
    assert not world.catalogue.executions.starting(plan.job_exe_id, "-b", {})
    assert world.executions(job_id)[0].command_arguments == "-a"


def test_leftovers_are_the_executions_that_began_and_have_ended(world: World, job_id: int) -> None:
    leftovers = world.catalogue.executions.leftovers
    assert leftovers(job_id) == []
    first = world.begin(job_id)
    assert leftovers(job_id) == []
    world.catalogue.executions.fail(first.job_exe_id, Failure("node-lost", "-"))
    assert [each.job_exe_id for each in leftovers(job_id)] == [first.job_exe_id]
    second = world.begin(job_id)
    world.catalogue.executions.cancel(job_id, "-")
    assert [each.job_exe_id for each in leftovers(job_id)] == [first.job_exe_id, second.job_exe_id]
    assert leftovers(99) == []


def test_a_failure_is_kept_whatever_its_text_holds(world: World, job_id: int) -> None:
    plan = world.begin(job_id)
    failure = Failure(DATA_ERROR, "half \ud800 and\0NUL", stdout="\0", stderr="\udcff")
    world.catalogue.executions.fail(plan.job_exe_id, failure)
    (execution,) = world.executions(job_id)
    assert (execution.detail, execution.stdout, execution.stderr) == (
        "half ? and\ufffdNUL", "\ufffd", "?"
    )  # fmt: skip


def test_a_job_whose_input_was_deleted_ends_as_invalid_input(world: World) -> None:
    world.configure([job_type("reader", interface({"file": "file"}))])
    source = world.source("a.tif")
    job = world.queue_job("reader", {"file": source})
    with world.database.transaction() as tx:
        tx.files.update(source.id, {"is_deleted": True})
    assert world.catalogue.executions.begin(job.id, "host") == FAILED
    (execution,) = world.executions(job.id)
    assert "does not exist or was deleted" in (execution.detail or "")
    with world.database.transaction() as tx:
        assert tx.errors.get(execution.error_id or 0).name == "invalid-input"


def test_a_job_that_runs_already_is_taken_over_although_its_input_was_deleted(
    world: World,
) -> None:
    world.configure([job_type("reader", interface({"file": "file"}, {"out": "file"}))])
    source = world.source("a.tif")
    job = world.queue_job("reader", {"file": source})
    plan = world.begin(job.id)
    assert world.catalogue.executions.starting(plan.job_exe_id, "", {})
    with world.database.transaction() as tx:
        tx.files.update(source.id, {"is_deleted": True})
    assert world.begin(job.id) == plan
    world.run(job.id, out=["b.tif"])
    with world.database.transaction() as tx:
        assert [each.id for each in tx.files.sources_of([world.products()[0].id])] == [source.id]


def test_a_product_of_the_wrong_media_type_fails_the_child_and_not_its_parent(
    world: World,
) -> None:
    accepting = interface({"file": "file"}, media_types={"file": ["image/tiff"]})
    world.configure(
        [job_type("maker", interface(outputs={"out": "file"})), job_type("reader", accepting)],
        [
            recipe_type(
                "two",
                {
                    "make": recipe_job("maker"),
                    "read": recipe_job("reader", parents={"make": {"file": "out"}}),
                },
            )
        ],
    )
    recipe = world.queue_recipe("two")
    jobs = world.jobs(recipe)
    world.run(jobs["make"].id, out=["a.txt"])
    assert world.catalogue.executions.begin(jobs["read"].id, "host") == FAILED
    assert world.statuses(recipe) == {"make": JobStatus.COMPLETED, "read": JobStatus.FAILED}
    assert world.job(jobs["read"].id).num_exes == 1
