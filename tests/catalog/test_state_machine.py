"""Jobs of a recipe under any order of events: what must always hold, holds after each."""

import shutil
import tempfile
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from catalog.catalogue import Catalogue
from catalog.database import Database
from catalog.errors import ConflictError
from catalog.records.execution import Ended, ExecutionPlan, Failure
from catalog.records.work import JobRecord
from catalog.states import ExecutionStatus, JobStatus
from tests.support.catalogues import (
    ALGORITHM_ERROR,
    World,
    interface,
    job_type,
    recipe_job,
    recipe_type,
    results,
)
from tests.support.postgres import PostgresServer

PARENTS = {"a": "", "b": "a", "c": "a", "d": "bc"}
OPEN = {ExecutionStatus.QUEUED, ExecutionStatus.RUNNING}
STOPPED = {JobStatus.FAILED, JobStatus.CANCELED}
names = st.sampled_from(sorted(PARENTS))


class RecipeMachine(RuleBasedStateMachine):
    """One recipe, a diamond, run by several who know nothing of each other."""

    world_maker: ClassVar[Any]  # Path to World; a plain callable would be bound as a method

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="airscale-machine-"))
        self.world = type(self).world_maker(self.folder)
        self.recipe = self.world.queue_recipe("diamond")
        self.ids = {name: job.id for name, job in self.world.jobs(self.recipe).items()}
        self.plans: dict[str, ExecutionPlan] = {}
        self.completed: set[str] = set()

    @rule(name=names)
    def begin(self, name: str) -> None:
        """Begin a job; what may not begin is refused."""
        before = self.world.job(self.ids[name])
        try:
            begun = self.world.catalogue.executions.begin(before.id, "host")
        except ConflictError:
            assert before.status in {JobStatus.PENDING, JobStatus.BLOCKED}
            return
        if isinstance(begun, Ended):
            assert begun.succeeded is (before.status is JobStatus.COMPLETED)
            assert before.status in {JobStatus.COMPLETED, *STOPPED}
        else:
            assert before.status in {JobStatus.QUEUED, JobStatus.RUNNING}
            self.plans[name] = begun

    @rule(name=names)
    def complete(self, name: str) -> None:
        """Complete the execution somebody began last, whatever became of it since."""
        if name in self.plans:
            made = results(self.plans[name], {"out": [f"{name}.tif"]})
            self.world.catalogue.executions.complete(self.plans[name].job_exe_id, made)

    @rule(name=names, error_name=st.sampled_from([ALGORITHM_ERROR, "node-lost"]))
    def fail(self, name: str, error_name: str) -> None:
        """Fail the execution somebody began last, whatever became of it since."""
        if name in self.plans:
            failure = Failure(error_name, "-")
            self.world.catalogue.executions.fail(self.plans[name].job_exe_id, failure)

    @rule(name=names)
    def cancel(self, name: str) -> None:
        """Cancel a job; what has ended for good refuses."""
        before = self.world.job(self.ids[name]).status
        try:
            self.world.catalogue.executions.cancel(self.ids[name], "-")
        except ConflictError:
            assert before in {JobStatus.COMPLETED, JobStatus.CANCELED}

    @rule(name=names)
    def lose(self, name: str) -> None:
        """Lose a job, as the sweep does."""
        self.world.catalogue.runs.lose(self.ids[name], "-")

    @invariant()
    def everything_holds(self) -> None:
        """Look at the whole recipe once."""
        jobs = self.world.jobs(self.recipe)
        for name, job in jobs.items():
            self._executions_agree(name, job)
            self._parents_agree(job, [jobs[parent] for parent in PARENTS[name]])
        now_completed = {name for name, job in jobs.items() if job.status is JobStatus.COMPLETED}
        assert self.completed <= now_completed, "a completed job must stay completed"
        self.completed = now_completed
        is_complete = self.world.recipe(self.recipe.id).completed is not None
        assert is_complete == (now_completed == set(PARENTS))
        published = sorted(each.file_name for each in self.world.products())
        assert published == sorted(f"{name}.tif" for name in now_completed)

    def _executions_agree(self, name: str, job: JobRecord) -> None:
        executions = self.world.executions(job.id)
        assert job.num_exes == len(executions)
        assert job.num_exes <= job.max_tries
        still_open = [each.status for each in executions if each.status in OPEN]
        expected = [str(job.status)] if job.status in {"QUEUED", "RUNNING"} else []
        assert still_open == expected, name
        completed = [each for each in executions if each.status is ExecutionStatus.COMPLETED]
        assert len(completed) == int(job.status is JobStatus.COMPLETED)

    def _parents_agree(self, job: JobRecord, parents: list[JobRecord]) -> None:
        all_completed = all(each.status is JobStatus.COMPLETED for each in parents)
        any_stopped = any(each.status in {*STOPPED, JobStatus.BLOCKED} for each in parents)
        if job.num_exes:
            assert all_completed
        elif job.status is not JobStatus.CANCELED:
            assert not all_completed, "it should have been queued"
            assert job.status is (JobStatus.BLOCKED if any_stopped else JobStatus.PENDING)

    def teardown(self) -> None:
        """Close what the machine opened."""
        self.world.database.close()
        shutil.rmtree(self.folder, ignore_errors=True)


@pytest.mark.slow
def test_a_recipe_holds_together_under_any_order_of_events(
    postgres: PostgresServer, catalogue_template: str
) -> None:
    databases = []

    def make(folder: Path) -> World:
        databases.append(postgres.create(catalogue_template))
        world = World.over(Catalogue(Database(postgres.url(databases[-1]))), folder)
        made = interface(
            {"file": "file", "other": "file"}, {"out": "file"}, optional=["file", "other"]
        )
        jobs = {
            name: recipe_job(
                "step",
                parents=dict(zip(parents, ({"file": "out"}, {"other": "out"}), strict=False)),
            )
            for name, parents in PARENTS.items()
        }
        world.configure([job_type("step", made, max_tries=2)], [recipe_type("diamond", jobs)])
        return world

    class Machine(RecipeMachine):
        """The machine over the databases of this test."""

        world_maker = staticmethod(make)

    machine: Any = Machine.TestCase  # hypothesis makes the class
    machine.settings = settings(
        max_examples=8,
        stateful_step_count=25,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    try:
        machine().runTest()
    finally:
        for name in databases:
            postgres.drop(name)
    assert databases
