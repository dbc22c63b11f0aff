"""Which variables a job has, and who gives them."""

from dataclasses import replace
from pathlib import Path

import pytest

from catalog.records.execution import ExecutionPlan
from catalog.records.staging import GitSource, Staging
from dag_factory.failures import JobFailure
from dag_factory.job_environment import ENVIRONMENT_VARIABLE, environment_of
from tests.support.invocations import invocation

OUTPUTS = Path("/airscale/outputs")


@pytest.fixture
def plan(tmp_path: Path) -> ExecutionPlan:
    """Return the plan of an execution."""
    return replace(invocation(tmp_path, "true").plan, job_id=3, job_exe_id=4)


def test_a_job_has_its_ids_and_its_output_directory(plan: ExecutionPlan) -> None:
    assert environment_of(plan, OUTPUTS) == {
        "JOB_ID": "3",
        "JOB_EXE_ID": "4",
        "JOB_OUTPUT_DIR": "/airscale/outputs",
    }


def test_a_job_with_a_repository_has_the_names_of_its_source(plan: ExecutionPlan) -> None:
    source = GitSource("https://example/code.git", None)
    found = environment_of(replace(plan, staging=Staging({}, source=source)), OUTPUTS)
    assert found["JOB_SOURCE_DIR"] == "/airscale/outputs/.source"
    assert found["SRC_GIT_URL"] == "https://example/code.git"
    assert found["GIT_COMMIT_REF"] == ""


def test_all_jobs_have_what_the_deployment_gives(
    plan: ExecutionPlan, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(ENVIRONMENT_VARIABLE, '{"DATA_DIR_COMCAM": "/data/comcam", "JOB_ID": "0"}')
    found = environment_of(plan, OUTPUTS)
    assert (found["DATA_DIR_COMCAM"], found["JOB_ID"]) == ("/data/comcam", "3")


def test_what_is_submitted_wins_but_for_the_directories(
    plan: ExecutionPlan, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(ENVIRONMENT_VARIABLE, '{"DATA_DIR": "/data"}')
    given = {"DATA_DIR": "/mine", "JOB_ID": "a1b2", "JOB_OUTPUT_DIR": "/etc"}
    found = environment_of(replace(plan, environment=given), OUTPUTS)
    assert found == {
        "DATA_DIR": "/mine",
        "JOB_ID": "a1b2",
        "JOB_EXE_ID": "4",
        "JOB_OUTPUT_DIR": "/airscale/outputs",
    }


@pytest.mark.parametrize(
    ("configured", "what"),
    [
        ("DATA_DIR=/data", "is not JSON"),
        ('["DATA_DIR"]', "is no object"),
        ('{"DATA_DIR": 1}', "holds 'DATA_DIR'"),
        ('{"A=B": ""}', "holds 'A=B'"),
        ('{"": ""}', "holds ''"),
        ('{"A": "\\u0000"}', "holds 'A'"),
    ],
)
def test_a_setting_that_is_wrong_is_a_launch_failure(
    plan: ExecutionPlan, monkeypatch: pytest.MonkeyPatch, configured: str, what: str
) -> None:
    monkeypatch.setenv(ENVIRONMENT_VARIABLE, configured)
    with pytest.raises(JobFailure, match=what) as caught:
        environment_of(plan, OUTPUTS)
    assert caught.value.error_name == "launch"
