"""What every page has in common, and what its forms do."""

import json
import re
from collections.abc import Mapping
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from catalog.catalogue import Catalogue
from catalog.states import JobStatus
from catalog.stores.scheduler import SchedulerRecord
from tests.support.processing import fail_next, ingested, processed_scene, scene_arrives
from tests.views.reader import read

pytestmark = pytest.mark.airflow
OURS = {"Sec-Fetch-Site": "same-origin"}
PAGES = (
    "overview", "jobs", "jobs/1", "recipes", "recipes/1", "recipe-types", "recipe-types/1",
    "recipe-types/1/queue", "job-types", "job-types/2", "job-types/2/edit", "errors", "nodes",
    "nodes/1", "ingest", "ingest/files", "ingest/files/1", "ingest/hours", "ingest/strikes/1",
    "files", "files/2", "files/3", "workspaces", "workspaces/new", "workspaces/1",
    "workspaces/1/edit", "workspaces/1/files",
)  # fmt: skip
FORMS = (
    "jobs/cancel", "jobs/requeue", "recipe-types/1/queue", "job-types/2/edit", "job-types/2/pause",
    "nodes/1/pause", "scheduler/pause", "ingest/retry", "ingest/strikes/1/pause", "workspaces/new",
    "workspaces/1/edit", "workspaces/1/activity",
)  # fmt: skip


@pytest.fixture
def scene(catalogue: Catalogue, tmp_path: Path) -> Catalogue:
    """Return a catalogue with one recipe that completed and one whose first job failed."""
    processed_scene(catalogue, tmp_path)
    scene_arrives(catalogue, tmp_path, "second")
    fail_next(catalogue, "bad-image")
    return catalogue


def send(client: TestClient, path: str, data: Mapping[str, object]) -> int:
    """Send a form as one of our pages does; return the status."""
    answer = client.post(f"/airscale/{path}/", data=data, headers=OURS, follow_redirects=False)
    return int(answer.status_code)


@pytest.mark.parametrize("path", PAGES)
def test_a_page_has_one_heading_a_place_in_the_navigation_and_only_links_of_ours(
    operator: TestClient, scene: Catalogue, path: str
) -> None:
    ingested(scene, 1)

    found = read(operator, f"/airscale/{path}/")

    assert found.tags.count("h1") == 1
    assert found.currents == ["page"]
    assert len(found.ids) == len(set(found.ids))
    assert all(str(each["href"]).startswith(("/", "#")) for each in found.links)


@pytest.mark.parametrize("path", PAGES)
def test_a_page_of_an_empty_catalogue_is_a_page_too(operator: TestClient, path: str) -> None:
    answer = operator.get(f"/airscale/{path}/")

    is_of_one_thing = any(part.isdecimal() for part in path.split("/"))
    assert answer.status_code in ((200, 404) if is_of_one_thing else (200,))
    assert answer.headers["Content-Type"].startswith("text/html")


@pytest.mark.parametrize("path", FORMS)
def test_a_form_of_another_site_does_nothing(operator: TestClient, path: str) -> None:
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}, {}):
        answer = operator.post(f"/airscale/{path}/", data={"is_paused": "true"}, headers=headers)
        assert answer.status_code == 403
        assert "did not come from a page of Airscale" in answer.text


@pytest.mark.parametrize("path", FORMS)
def test_who_may_only_read_sends_no_form(browser: TestClient, path: str) -> None:
    assert send(browser, path, {"is_paused": "true"}) == 403


def test_who_may_only_read_sees_no_buttons_that_act(browser: TestClient, scene: Catalogue) -> None:
    failed = scene.queries.jobs.these([3])[0]
    assert failed.status is JobStatus.FAILED

    assert "Requeue" not in read(browser, "/airscale/jobs/3/").text
    assert "Pause" not in read(browser, "/airscale/nodes/").text


def test_jobs_are_filtered_by_the_address(operator: TestClient, scene: Catalogue) -> None:
    del scene
    found = read(operator, "/airscale/jobs/?status=FAILED&category=DATA&since=PT1H&job_type=")

    jobs = [each["href"] for each in found.links if "/jobs/" in str(each["href"])]
    assert "/airscale/jobs/3/" in jobs
    assert "/airscale/jobs/1/" not in jobs


def test_a_job_says_what_it_asked_for_was_given_and_used(
    operator: TestClient, scene: Catalogue
) -> None:
    assert (
        "What it used of CPU and memory is not known." in read(operator, "/airscale/jobs/1/").text
    )
    with scene.database.transaction() as tx:
        tx.executions.update(1, {"cpu_seconds_used": 72.0, "mem_used": 34.5, "disk_out_used": 3.0})

    text = read(operator, "/airscale/jobs/1/").text

    assert "Used: CPU time, and memory at its peak." in text
    for line in (r"CPUs \S+ \S+ 1 min 12 s", r"Memory \S+ MiB \S+ MiB 34\.5 MiB",
                 r"Disk for output \S+ MiB \S+ MiB 3\.0 MiB"):  # fmt: skip
        assert re.search(line, text), line


def test_a_long_list_goes_on_by_key_there_and_back(
    operator: TestClient, scene: Catalogue, tmp_path: Path
) -> None:
    for number in range(24):
        scene_arrives(scene, tmp_path, f"more-{number}")
    newest = 4 + 2 * 24

    first = read(operator, "/airscale/jobs/")
    (older,) = [str(each["href"]) for each in first.links if each.get("rel") == "next"]
    second = read(operator, older)
    (newer,) = [str(each["href"]) for each in second.links if each.get("rel") == "prev"]

    assert older == f"/airscale/jobs/?before={newest - 49}"
    assert [each for each in second.links if each["href"] == "/airscale/jobs/2/"]
    assert not [each for each in second.links if each.get("rel") == "next"]
    again = read(operator, newer)
    assert [each for each in again.links if each["href"] == f"/airscale/jobs/{newest}/"]


def test_jobs_are_requeued_and_cancelled_by_selection(
    operator: TestClient, scene: Catalogue
) -> None:
    chosen = {"job_id": ["1", "3"], "back": "/jobs/?status=FAILED"}

    answer = operator.post("/airscale/jobs/requeue/", data=chosen, headers=OURS)
    assert "1 job requeued" in answer.text
    assert str(answer.url).endswith("/airscale/jobs/?status=FAILED&done=requeued&number=1")
    assert scene.queries.jobs.these([3])[0].status is JobStatus.QUEUED

    answer = operator.post("/airscale/jobs/cancel/", data=chosen, headers=OURS)
    assert "1 job cancelled" in answer.text
    assert scene.queries.jobs.these([1, 3])[0].status is JobStatus.COMPLETED
    assert scene.queries.jobs.these([3])[0].status is JobStatus.CANCELED
    assert "Cancelled by admin." in read(operator, "/airscale/jobs/3/").text


def test_a_completed_job_cannot_be_cancelled_and_the_page_says_so(
    operator: TestClient, scene: Catalogue
) -> None:
    del scene
    data = {"job_id": ["1"], "back": "/jobs/1/"}

    answer = operator.post("/airscale/jobs/cancel/", data=data, headers=OURS)

    assert answer.status_code == 400
    assert "COMPLETED" in answer.text


def test_a_recipe_is_queued_through_the_form_of_its_inputs(
    operator: TestClient, scene: Catalogue
) -> None:
    given = {"input-image": "1 scene.png", "input-georeference_data": "2", "workspace_id": "2"}

    answer = operator.post("/airscale/recipe-types/1/queue/", data=given, headers=OURS)

    assert "Recipe 3" in answer.text
    assert scene.queries.recipes.one(3).event.type == "USER"


@pytest.mark.parametrize(
    ("given", "field", "sentence"),
    [
        ({"input-image": "", "input-georeference_data": "2"}, "image", "This input is required"),
        ({"input-image": "x", "input-georeference_data": "2"}, "image", "the id of a file"),
        ({"input-image": "99", "input-georeference_data": "2"}, "image", "does not exist"),
        ({"input-image": "2", "input-georeference_data": "2"}, "image", "text/csv"),
        ({"input-image": "1", "input-georeference_data": "2", "workspace_id": ""},
         "workspace_id", "workspace"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_recipe_stands_at_its_field(
    operator: TestClient, scene: Catalogue, given: dict[str, str], field: str, sentence: str
) -> None:
    del scene
    data = {"workspace_id": "2", **given}

    answer = operator.post("/airscale/recipe-types/1/queue/", data=data, headers=OURS)

    assert answer.status_code == 400
    (_, _, after) = answer.text.partition(f'id="problem-{field}-1">')
    assert sentence in after.partition("</p>")[0]


def test_a_job_type_is_edited_and_only_its_interface_makes_a_revision(
    operator: TestClient, scene: Catalogue
) -> None:
    values = form_of(operator, 2)

    assert send(operator, "job-types/2/edit", {**values, "priority": "7"}) == 303
    found = scene.queries.job_types.one(2)
    assert (found.priority, found.revision_num) == (7, 1)


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("interface", "{", "This is not JSON"),
        ("interface", '{"version": "1.0", "command": "x"}', "command_arguments"),
        ("error_mapping", '{"version": "1.0", "exit_codes": {"1": "nothing"}}', "no error"),
        ("priority", "soon", "is not a number"),
        ("max_tries", "", "This field is required"),
    ],
)
def test_what_is_wrong_with_a_job_type_stands_at_its_field(
    operator: TestClient, scene: Catalogue, field: str, value: str, sentence: str
) -> None:
    values = {**form_of(operator, 2), field: value}

    answer = operator.post("/airscale/job-types/2/edit/", data=values, headers=OURS)

    assert answer.status_code == 400
    (_, _, after) = answer.text.partition(f'id="problem-{field}-1">')
    assert sentence in after.partition("</p>")[0]
    assert scene.queries.job_types.one(2).revision_num == 1


def test_an_edit_that_would_break_a_recipe_type_is_refused(
    operator: TestClient, scene: Catalogue
) -> None:
    values = form_of(operator, 2)
    interface = json.loads(values["interface"])
    interface["output_data"][0]["name"] = "other"

    changed = {**values, "interface": json.dumps(interface)}
    answer = operator.post("/airscale/job-types/2/edit/", data=changed, headers=OURS)

    assert answer.status_code == 400
    assert "would break" in answer.text
    assert scene.queries.job_types.one(2).revision_num == 1


def form_of(client: TestClient, job_type_id: int) -> dict[str, str]:
    """Return what the form of a job type has in it."""
    return read(client, f"/airscale/job-types/{job_type_id}/edit/").fields


def test_a_node_is_paused_with_a_reason_and_resumed(operator: TestClient, scene: Catalogue) -> None:
    paused = {"is_paused": "true", "pause_reason": "A new disk."}

    assert send(operator, "nodes/1/pause", paused) == 303
    assert "A new disk." in read(operator, "/airscale/nodes/").text
    assert send(operator, "nodes/1/pause", {"is_paused": "false"}) == 303
    assert not scene.queries.nodes.one(1).is_paused


def test_the_scheduler_is_paused_and_the_overview_says_so(
    operator: TestClient, scene: Catalogue
) -> None:
    given = {"is_paused": "true", "pause_reason": "A new disk."}
    assert send(operator, "scheduler/pause", given) == 303

    assert scene.scheduler.state().is_paused
    for path in ("overview", "nodes"):
        assert "Reason: A new disk." in read(operator, f"/airscale/{path}/").text
    assert send(operator, "scheduler/pause", {"is_paused": "false"}) == 303
    assert scene.scheduler.state() == SchedulerRecord(is_paused=False, pause_reason=None)


def test_a_static_file_is_kept_for_good_under_its_version_only(operator: TestClient) -> None:
    page = operator.get("/airscale/nodes/").text
    (_, _, after) = page.partition('href="/airscale/static/airscale.css')
    version = after.partition('"')[0]

    with_version = operator.get(f"/airscale/static/airscale.css{version}")
    without = operator.get("/airscale/static/airscale.css")
    wrong = operator.get("/airscale/static/airscale.css?v=other")

    assert "immutable" in with_version.headers["Cache-Control"]
    assert without.headers["Cache-Control"] == "private, no-cache"
    assert wrong.headers["Cache-Control"] == "private, no-cache"
