"""From Airflow's runs and tasks to recipes and jobs."""

from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from catalog.catalogue import Catalogue
from tests.support.processing import processed_scene
from tests.views.reader import read

pytestmark = pytest.mark.airflow


@pytest.mark.parametrize(
    ("path", "leads_to"),
    [
        ("run/?run_id=recipe-1", "/airscale/recipes/1/"),
        ("run/?run_id=recipe-1-2", "/airscale/recipes/1/"),
        ("run/?run_id=job-2", "/airscale/jobs/2/"),
        ("task/?run_id=recipe-1&task_id=detect_points", "/airscale/jobs/2/"),
        ("task/?run_id=job-1&task_id=job", "/airscale/jobs/1/"),
    ],
)
def test_a_run_and_a_task_lead_to_their_pages(
    browser: TestClient, catalogue: Catalogue, tmp_path: Path, path: str, leads_to: str
) -> None:
    processed_scene(catalogue, tmp_path)

    answer = browser.get(f"/airscale/airflow/{path}")

    assert (answer.status_code, answer.url.path) == (200, leads_to)


@pytest.mark.parametrize(
    "path",
    ["run/?run_id=manual__2016", "run/", "task/?run_id=scheduled__x&task_id=y",
     "task/?run_id=recipe-9&task_id=y"],
)  # fmt: skip
def test_what_is_not_ours_says_so(browser: TestClient, path: str) -> None:
    assert "not started by Airscale" in read(browser, f"/airscale/airflow/{path}").text
