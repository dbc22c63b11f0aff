"""What the doctor finds of a database, its clock, its tables, workspaces and builds."""

from collections.abc import Iterable
from pathlib import Path

import pytest

from airscale.build import build
from airscale.doctor import components, databases, stores
from airscale.doctor.databases import AIRFLOW, CATALOGUE
from airscale.doctor.examination import examine
from airscale.doctor.findings import Finding, Verdict
from catalog.catalogue import Catalogue
from tests.support.s3 import CONNECTION

NOWHERE = "postgresql+psycopg://nobody@127.0.0.1:1/nothing"


def verdicts(found: Iterable[Finding]) -> dict[str, Verdict]:
    return {each.subject: each.verdict for each in found}


def test_a_database_that_does_not_answer_is_said_and_ends_the_examination() -> None:
    found = list(examine({CATALOGUE: NOWHERE, AIRFLOW: NOWHERE}))
    assert verdicts(found) == {
        "catalogue": Verdict.BROKEN,
        "Airflow's database": Verdict.BROKEN,
    }
    assert all("Start PostgreSQL" in each.advice for each in found)


def test_a_database_that_answers_with_our_time_is_well(catalogue: Catalogue) -> None:
    url = str(catalogue.database.engine.url.render_as_string(hide_password=False))
    found = verdicts(databases.look_at_servers({CATALOGUE: url, AIRFLOW: url}))
    assert set(found.values()) == {Verdict.WELL}
    assert "clock of catalogue" in found


@pytest.mark.parametrize(
    ("theirs", "verdict"),
    [(100.0, Verdict.WELL), (101.9, Verdict.WELL), (95.0, Verdict.BROKEN), (110.0, Verdict.BROKEN)],
)
def test_a_clock_may_differ_by_two_seconds(theirs: float, verdict: Verdict) -> None:
    assert databases.compare_clocks("catalogue", theirs, 99.9, 100.1).verdict is verdict


def test_a_workspace_that_can_be_written_is_well(tmp_path: Path) -> None:
    (tmp_path / "raw").mkdir()
    found = stores.look_at_directory("workspace raw", tmp_path / "raw")
    assert found.verdict in (Verdict.WELL, Verdict.WARNING)
    assert "GiB are free" in found.sentence
    assert list((tmp_path / "raw").iterdir()) == []


def test_a_workspace_that_is_not_there_is_worth_a_look(tmp_path: Path) -> None:
    found = stores.look_at_directory("workspace raw", tmp_path / "none")
    assert found.verdict is Verdict.WARNING


def test_a_workspace_that_cannot_be_written_is_broken() -> None:
    found = stores.look_at_directory("workspace proc", Path("/proc/self"))
    assert found.verdict is Verdict.BROKEN
    assert "cannot be written" in found.sentence


def test_the_log_store_is_looked_at_where_it_is_set(tmp_path: Path) -> None:
    (found,) = stores.look_at_job_logs(
        {"AIRSCALE_LOGS": str(tmp_path), "AIRSCALE_HOME": "/nowhere"}
    )
    assert found.verdict in (Verdict.WELL, Verdict.WARNING)
    assert f"{tmp_path} is writable" in found.sentence

    (found,) = stores.look_at_job_logs({"AIRSCALE_HOME": "/nowhere"})
    assert found.verdict is Verdict.WARNING
    assert "/nowhere/job-logs" in found.sentence


@pytest.mark.slow
def test_a_log_store_in_a_bucket_is_written_and_read(s3_bucket: str) -> None:
    variables = {"AIRSCALE_LOGS": f"s3://{s3_bucket}/of/jobs"}
    (found,) = stores.look_at_job_logs({**variables, "AIRSCALE_LOGS_CONNECTION": CONNECTION})
    assert found.verdict is Verdict.WELL
    assert f"s3://{s3_bucket}/of/jobs" in found.sentence


@pytest.mark.slow
def test_a_log_store_in_a_bucket_that_is_not_there_is_broken(s3_bucket: str) -> None:
    variables = {"AIRSCALE_LOGS": f"s3://not-{s3_bucket}"}
    (found,) = stores.look_at_job_logs({**variables, "AIRSCALE_LOGS_CONNECTION": CONNECTION})
    assert found.verdict is Verdict.BROKEN
    assert "no such bucket" in found.sentence
    assert "Set AIRSCALE_LOGS" in found.advice


@pytest.mark.airflow
def test_a_log_store_whose_connection_nobody_knows_is_broken() -> None:
    (found,) = stores.look_at_job_logs(
        {"AIRSCALE_LOGS": "s3://bucket", "AIRSCALE_LOGS_CONNECTION": "unheard"}
    )
    assert found.verdict is Verdict.BROKEN
    assert "AIRFLOW_CONN_UNHEARD" in found.sentence


def test_a_component_of_other_code_is_named(catalogue: Catalogue) -> None:
    catalogue.components.started("api-server", "here", build())
    catalogue.components.started("worker", "there", "0.0.1+old")
    (found,) = components.compare_builds(catalogue, alive=frozenset())
    assert found.verdict is Verdict.WARNING
    assert "worker on there (0.0.1+old)" in found.sentence
    assert "api-server" not in found.sentence


def test_a_component_that_was_started_anew_counts_as_it_is_now(catalogue: Catalogue) -> None:
    catalogue.components.started("worker", "there", "0.0.1+old")
    catalogue.components.started("worker", "there", build())
    (found,) = components.compare_builds(catalogue, alive=frozenset())
    assert found.verdict is Verdict.WELL


def test_a_component_without_a_heartbeat_is_not_compared(catalogue: Catalogue) -> None:
    catalogue.components.started("scheduler", "gone", "0.0.1+old")
    (found,) = components.compare_builds(catalogue, alive=frozenset())
    assert found.verdict is Verdict.WELL
