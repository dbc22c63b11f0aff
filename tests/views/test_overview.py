"""The overview page."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from catalog.catalogue import Catalogue
from catalog.dag_names import recipe_dag_id
from catalog.database import Database
from tests.support.airflow import serving
from tests.support.processing import fail_next, ingested, processed_scene, scene_arrives
from tests.support.scenes import load_example
from tests.views.reader import Page, read

pytestmark = pytest.mark.airflow
URL = "/airscale/overview/"


def test_the_counts_are_those_of_the_catalogue(
    browser: TestClient, catalogue: Catalogue, tmp_path: Path
) -> None:
    processed_scene(catalogue, tmp_path)
    scene_arrives(catalogue, tmp_path, "second")
    fail_next(catalogue, "bad-image")
    ingested(catalogue, 1, datetime.now(UTC))

    text = read(browser, URL).text

    for expected in ("1 failed", "2 completed", "0 queued", "1 blocked", "data 1 1", "system 0 0"):
        assert expected in text
    assert "1 files in this hour and the one before" in text


def test_a_product_links_to_its_bytes_and_to_airflows_run_and_task(
    browser: TestClient, catalogue: Catalogue, tmp_path: Path
) -> None:
    processed_scene(catalogue, tmp_path)

    found = read(browser, URL)

    links = [str(link["href"]) for link in found.links]
    run = f"/dags/{recipe_dag_id('geotiff-points', '1.0.0')}/runs/recipe-1"
    runs = [link for link in links if link.startswith("/dags/")]
    assert [link for link in runs if link == run] == [run, run]
    assert "/airscale/recipes/1/" in links
    assert [link for link in runs if link != run] == [
        f"{run}/tasks/detect_points", f"{run}/tasks/make_geotiff",
    ]  # fmt: skip
    assert "/scale/api/files/4/" in links
    assert all("data-airflow" in link for link in found.links if "/dags/" in str(link["href"]))
    assert "2.9 KiB" in found.text
    assert "12.250° S, 23.500° E" in found.text


@pytest.mark.parametrize(
    ("prepared", "says"),
    [
        ("nothing", "no file can be stored. Create one"),
        ("example", "Create a Strike process"),
        ("strike", "Copy one into the directory of a Strike process"),
    ],
)
def test_an_empty_page_says_what_to_do_next(
    browser: TestClient, catalogue: Catalogue, tmp_path: Path, prepared: str, says: str
) -> None:
    if prepared != "nothing":
        load_example(catalogue, tmp_path)
    if prepared == "strike":
        rule = {"filename_regex": ".*", "workspace_path": "x", "workspace_name": "raw"}
        catalogue.strikes.create(
            "incoming", {"mount": "host:/in", "transfer_suffix": "_tmp", "files_to_ingest": [rule]}
        )

    text = read(browser, URL).text

    assert says in text
    assert "No product yet" in text


def test_a_name_cannot_bring_markup_into_the_page(
    browser: TestClient, catalogue: Catalogue, tmp_path: Path
) -> None:
    processed_scene(catalogue, tmp_path)
    with catalogue.database.transaction() as tx:
        tx.files.update(3, {"file_name": "<script>alert(1)</script>.tif"})

    answer = browser.get(URL)

    assert "<script>alert" not in answer.text
    assert "&lt;script&gt;alert(1)" in answer.text
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]


def test_a_product_without_a_footprint_or_a_recipe_is_shown(
    browser: TestClient, catalogue: Catalogue, tmp_path: Path
) -> None:
    processed_scene(catalogue, tmp_path)
    with catalogue.database.transaction() as tx:
        tx.files.update(3, {"center_point": None})

    assert "\N{EN DASH}" in read(browser, URL).text


def test_every_file_the_page_needs_is_its_own(browser: TestClient) -> None:
    html = browser.get(URL).text

    addresses = re.findall(r'(?:src|<link[^>]*href)="([^"]+)"', html)
    assert addresses
    for address in addresses:
        assert address.startswith("/airscale/static/")
        assert browser.get(address).status_code == 200


def test_the_page_says_its_language_title_and_headings(browser: TestClient) -> None:
    html = browser.get(URL).text
    found = Page(html)

    assert '<html lang="en"' in html
    assert html.count("<h1") == 1
    assert "<title>Overview" in html
    assert len(found.ids) == len(set(found.ids))
    for labelled in re.findall(r'aria-labelledby="([^"]+)"', html):
        assert labelled in found.ids


def test_links_keep_the_path_of_the_base_url(
    browser: TestClient, pages: FastAPI, catalogue: Catalogue, tmp_path: Path,
    user_tokens: Mapping[str, str],
) -> None:  # fmt: skip
    processed_scene(catalogue, tmp_path)
    assert read(browser, URL).links
    with serving({"/airscale": pages}, root_path="/airflow") as below:
        pages.state.catalogue = catalogue
        below.headers["Authorization"] = f"Bearer {user_tokens['viewer']}"

        links = [str(link["href"]) for link in read(below, f"/airflow{URL}").links]

    assert links
    assert all(link.startswith(("/airflow/", "#")) for link in links)


def test_who_is_not_signed_in_reads_how_to(browser: TestClient) -> None:
    browser.cookies.clear()

    answer = browser.get(URL)

    assert answer.status_code == 401
    assert answer.headers["Content-Type"].startswith("text/html")
    assert "Sign in to Airflow" in answer.text


def test_who_may_not_read_is_told_which_permission_is_missing(
    browser: TestClient, user_tokens: Mapping[str, str]
) -> None:
    browser.cookies.set("_token", user_tokens["stranger"])

    answer = browser.get(URL)

    assert answer.status_code == 403
    assert "Airscale Pages" in answer.text


def test_a_page_that_does_not_exist_is_a_page(browser: TestClient) -> None:
    answer = browser.get("/airscale/nowhere/")

    assert answer.status_code == 404
    assert "Go to the overview" in answer.text


def test_a_database_that_does_not_answer_is_a_page_that_says_so(
    browser: TestClient, pages: FastAPI
) -> None:
    pages.state.catalogue = Catalogue(
        Database("postgresql+psycopg://postgres@/nowhere?host=/nonexistent")
    )

    answer = browser.get(URL)

    assert answer.status_code == 503
    assert "does not answer" in answer.text
