"""What a person does on the pages, by clicking and typing as they would."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.chromium import Tab
from tests.browser.world import DEFERRED, ERRORED, World, queue_sleeper, status_of
from tests.stack.system import eventually

pytestmark = pytest.mark.browser


def test_a_running_job_is_cancelled_and_requeued_on_its_page(tab: Tab, world: World) -> None:
    with world.system.client() as client:
        job = queue_sleeper(client)
    tab.open(f"/airscale/jobs/{job}/")
    badge = tab.page.locator("h1 .badge")
    expect(badge).to_have_text("running")

    tab.page.get_by_role("button", name="Cancel job").click()
    tab.page.get_by_role("dialog").get_by_role("button", name="Cancel job").click()
    expect(badge).to_have_text("canceled")
    expect(tab.page.get_by_role("status").filter(has_text="1 job cancelled")).to_be_visible()

    tab.page.get_by_role("button", name="Requeue").click()
    expect(badge).to_have_text("running")  # by itself, without a click
    expect(tab.page.locator("h2:text-is('Executions') + * tbody tr")).to_have_count(2)
    assert tab.faults() == []

    tab.page.get_by_role("button", name="Cancel job").click()  # others need its place
    tab.page.get_by_role("dialog").get_by_role("button", name="Cancel job").click()
    expect(badge).to_have_text("canceled")


def test_chosen_jobs_are_requeued_and_cancelled_together(tab: Tab, world: World) -> None:
    tab.open("/airscale/jobs/")
    tab.page.get_by_label("Status").select_option("FAILED")
    tab.page.wait_for_url(re.compile(r"status=FAILED$"))
    expect(tab.page.locator(".selection")).to_be_hidden()

    tab.page.get_by_label(f"Choose job {world.failed_job}", exact=True).check()
    tab.page.get_by_role("button", name="Requeue").click()
    expect(tab.page.get_by_text("1 job requeued")).to_be_visible()
    eventually(lambda: status_of(world, world.failed_job), lambda status: status == "FAILED")

    tab.open("/airscale/jobs/?status=FAILED")
    tab.page.get_by_label("Choose all jobs of this page").check()
    tab.page.get_by_role("button", name="Cancel", exact=True).click()
    tab.page.get_by_role("button", name="Keep it").click()
    assert status_of(world, world.failed_job) == "FAILED"
    tab.page.get_by_role("button", name="Cancel", exact=True).click()
    tab.page.get_by_role("button", name="Cancel jobs").click()
    expect(tab.page.get_by_text("cancelled.")).to_be_visible()
    assert status_of(world, world.failed_job) == "CANCELED"


def test_a_strike_process_is_paused_with_a_reason_and_resumed(tab: Tab) -> None:
    tab.open("/airscale/ingest/")
    tab.page.get_by_role("link", name="Scenes").click()
    tab.page.get_by_label("Reason for a pause").fill("The disk is full.")
    tab.page.get_by_role("button", name="Pause this Strike process").click()
    expect(tab.page.get_by_text("Reason: The disk is full.")).to_be_visible()
    expect(tab.page.locator("h1 .badge")).to_have_text("paused")

    tab.page.get_by_role("button", name="Resume this Strike process").click()
    expect(tab.page.locator("h1 .badge")).to_have_text("watching")
    assert tab.faults() == []


def test_files_of_ingest_are_filtered_and_tried_again(tab: Tab) -> None:
    tab.open("/airscale/ingest/files/")
    tab.page.get_by_label("Name contains").fill("NOTES")
    tab.page.get_by_role("button", name="Filter").click()
    tab.page.wait_for_url(re.compile(r"\?name=NOTES$"))
    expect(tab.page.locator("tbody tr")).to_have_count(1)
    expect(tab.page.get_by_role("link", name=DEFERRED)).to_be_visible()

    tab.page.get_by_role("link", name="All files").click()
    tab.page.wait_for_url(re.compile(r"/ingest/files/$"))
    tab.page.get_by_label("Status").select_option("ERRORED")
    tab.page.wait_for_url(re.compile(r"status=ERRORED"))
    tab.page.get_by_label(re.compile(f"^Choose {ERRORED}")).check()
    tab.page.get_by_role("button", name="Try again").click()
    expect(tab.page.get_by_text("1 file tried again")).to_be_visible()
    row = tab.page.get_by_role("row").filter(has_text="is empty")  # by itself: it failed again
    expect(row).to_be_visible()
    assert tab.faults() == []


def test_a_plot_is_drawn_chosen_and_saved(tab: Tab, tmp_path: Path) -> None:
    tab.open("/airscale/metrics/job-types/")
    expect(tab.page.locator(".plot canvas")).to_be_visible()
    tab.page.get_by_label("Columns").select_option(["completed_count", "run_time_avg"])
    tab.page.get_by_role("button", name="Show").click()
    tab.page.wait_for_url(re.compile(r"column=completed_count&column=run_time_avg"))
    expect(tab.page.locator(".plot canvas")).to_have_count(2)

    for name, suffix, start in (
        ("Save as PNG", "png", b"\x89PNG"),
        ("Save as CSV", "csv", b"time,"),
    ):
        with tab.page.expect_download() as download:
            tab.page.get_by_text(name).first.click()
        assert download.value.suggested_filename.endswith(suffix)
        download.value.save_as(tmp_path / suffix)
        assert (tmp_path / suffix).read_bytes().startswith(start)

    before = tab.page.locator(".plot").first.screenshot()
    tab.page.locator(".plot").first.hover()
    eventually(tab.page.locator(".plot").first.screenshot, lambda now: now != before)
    assert tab.faults() == []


def test_the_values_of_a_plot_are_there_without_scripts(tab: Tab) -> None:
    browser = tab.page.context.browser
    assert browser is not None
    with browser.new_context(java_script_enabled=False) as context:
        context.add_cookies(tab.page.context.cookies())  # type: ignore[arg-type]  # the same shape
        plain = context.new_page()
        plain.goto(f"{tab.address}/airscale/metrics/load/")
        expect(plain.get_by_role("columnheader", name="Queued")).to_be_visible()
        expect(plain.locator("[data-plot]").first).to_be_hidden()


def test_a_recipe_is_queued_through_its_form_and_followed_to_its_end(tab: Tab) -> None:
    tab.open("/airscale/recipe-types/1/queue/")
    tab.page.get_by_label("image").fill("12345")
    tab.page.get_by_label("georeference_data").fill("x")
    tab.page.get_by_role("button", name="Queue").click()
    expect(tab.page.get_by_text("Give the id of a file, a whole number")).to_be_visible()

    for label, kind in (("image", ".png"), ("georeference_data", ".csv")):
        offered = tab.page.locator(f'datalist option[value$="scene-001{kind}"]').first
        tab.page.get_by_label(label).fill(offered.get_attribute("value") or "")
    tab.page.get_by_label("Workspace for its products").select_option(label="Products")
    tab.page.get_by_role("button", name="Queue").click()

    expect(tab.page.locator("h1")).to_contain_text("Recipe ")
    completed = tab.page.locator("svg .box.success")
    expect(completed).to_have_count(2)  # by itself, without a click


def test_a_job_type_is_paused_edited_and_resumed(tab: Tab) -> None:
    tab.open("/airscale/job-types/")
    tab.page.get_by_role("link", name="Point Detector").click()
    tab.page.get_by_role("button", name="Pause").click()
    expect(tab.page.locator("h1 .badge")).to_have_text("paused")
    tab.page.get_by_role("button", name="Resume").click()
    expect(tab.page.locator("h1 .badge")).to_have_text("active")

    tab.page.get_by_role("link", name="Edit").click()
    tab.page.get_by_label("Interface").fill("{")
    tab.page.get_by_role("button", name="Save").click()
    expect(tab.page.get_by_label("Interface")).to_have_attribute("aria-invalid", "true")
    tab.page.get_by_role("link", name="Leave it").click()
    tab.page.get_by_role("link", name="Edit").click()
    tab.page.get_by_label("Priority").fill("55")
    tab.page.get_by_role("button", name="Save").click()
    expect(tab.page.get_by_role("status").filter(has_text="Saved.")).to_be_visible()


def test_a_node_and_the_scheduler_are_paused_with_a_reason(tab: Tab, world: World) -> None:
    tab.open("/airscale/nodes/1/")
    tab.page.get_by_label("Reason for a pause").fill("A new disk.")
    tab.page.get_by_role("button", name="Pause this node").click()
    expect(tab.page.get_by_text("Reason: A new disk.")).to_be_visible()
    tab.page.get_by_role("button", name="Resume this node").click()
    expect(tab.page.locator("h1 .badge")).to_have_text("active")

    tab.open("/airscale/nodes/")
    tab.page.get_by_label("Reason for a pause").fill("A new network.")
    tab.page.get_by_role("button", name="Pause the scheduler").click()
    expect(tab.page.get_by_text("Reason: A new network.")).to_be_visible()
    with world.system.client() as client:
        assert client.get("/scheduler/") == {"is_paused": True, "pause_reason": "A new network."}
    tab.page.get_by_role("button", name="Resume the scheduler").click()
    expect(tab.page.get_by_role("button", name="Pause the scheduler")).to_be_visible()


def test_a_job_leads_to_its_task_in_airflow_and_the_task_to_its_job(tab: Tab, world: World) -> None:
    job = f"/airscale/jobs/{world.scene_job}/"
    tab.open(job)
    path = tab.page.get_by_role("link", name="Task in Airflow").get_attribute("href") or ""
    assert re.fullmatch(r"/dags/[^/]+/runs/[^/]+/tasks/[^/]+", path)
    _, _, dag, _, run, _, task = path.split("/")

    (link,) = world.system.airflow(f"/api/v2/dags/{dag}/dagRuns/{run}/taskInstances/{task}/links")[
        "extra_links"
    ].values()
    assert link.endswith(f"/plugin/airscale#/jobs/{world.scene_job}/")
    tab.open(f"/airscale/airflow/task/?run_id={run}&task_id={task}")
    assert tab.page.url.endswith(job)


def test_a_page_is_walked_through_by_keyboard(tab: Tab) -> None:
    tab.open("/airscale/overview/")

    tab.page.keyboard.press("Tab")
    assert tab.page.evaluate("document.activeElement.textContent") == "Skip to the content"
    for _ in range(2):
        tab.page.keyboard.press("Tab")
    tab.page.keyboard.press("Enter")

    tab.page.wait_for_url("**/airscale/jobs/")
