"""The overview page."""

import re
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from catalog.catalogue import Catalogue
from catalog.dag_names import recipe_dag_id
from catalog.database import Database
from tests.support.airflow import pages_app, serving
from tests.support.processing import fail_next, ingested, processed_scene, scene_arrives
from tests.support.scenes import load_example

pytestmark = pytest.mark.airflow
URL = "/airscale/overview/"


@pytest.fixture(scope="session")
def pages(auth_app: FastAPI) -> FastAPI:  # noqa: ARG001 - the sign-in has to be there first
    """Return the app of the pages; each test gives it a catalogue."""
    return pages_app(lambda: Catalogue(Database("postgresql+psycopg://nowhere")))


@pytest.fixture(scope="session")
def pages_server(pages: FastAPI) -> Iterator[TestClient]:
    """Serve the pages for the session."""
    with serving({"/airscale": pages}) as client:
        yield client


@pytest.fixture
def browser(
    pages_server: TestClient,
    pages: FastAPI,
    catalogue: Catalogue,
    user_tokens: Mapping[str, str],
) -> TestClient:
    """Return a client with the cookie of a person who may read."""
    pages.state.catalogue = catalogue
    pages_server.cookies.set("_token", user_tokens["viewer"])
    return pages_server


class Page(HTMLParser):
    """What a reader of the page finds: its text, links, and identifiers."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: list[dict[str, str | None]] = []
        self.ids: list[str] = []
        self.words: list[str] = []
        self.feed(html)
        self.text = re.sub(r"\s+", " ", " ".join(self.words))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note links and identifiers."""
        found = dict(attrs)
        if tag == "a":
            self.links.append(found)
        if found.get("id"):
            self.ids.append(str(found["id"]))

    def handle_data(self, data: str) -> None:
        """Note text."""
        self.words.append(data)


def read(client: TestClient, url: str = URL) -> Page:
    """Return a page that is answered with 200."""
    answer = client.get(url)
    assert answer.status_code == 200, answer.text
    return Page(answer.text)


def test_the_counts_are_those_of_the_catalogue(
    browser: TestClient, catalogue: Catalogue, tmp_path: Path
) -> None:
    processed_scene(catalogue, tmp_path)
    scene_arrives(catalogue, tmp_path, "second")
    fail_next(catalogue, "bad-image")
    ingested(catalogue, 1)

    text = read(browser).text

    for expected in ("4 sources", "2 products", "1 ingested", "1 open", "1 failed", "2 completed"):
        assert expected in text
    assert "Failed: 1 DATA" in text


def test_a_product_links_to_its_bytes_and_to_airflows_run_and_task(
    browser: TestClient, catalogue: Catalogue, tmp_path: Path
) -> None:
    processed_scene(catalogue, tmp_path)

    found = read(browser)

    links = [str(link["href"]) for link in found.links]
    run = f"/dags/{recipe_dag_id('geotiff-points', '1.0.0')}/runs/recipe-1"
    runs = [link for link in links if link.startswith("/dags/")]
    assert [link for link in runs if link == run] == [run, run]
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
        ("nothing", "Create one: POST /scale/api/workspaces/"),
        ("example", "Create a Strike"),
        ("strike", "Copy one into the ingest directory"),
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

    text = read(browser).text

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

    assert "\N{EN DASH}" in read(browser).text


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

    assert '<html lang="en">' in html
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
    assert read(browser).links
    with serving({"/airscale": pages}, root_path="/airflow") as below:
        pages.state.catalogue = catalogue
        below.headers["Authorization"] = f"Bearer {user_tokens['viewer']}"

        links = [str(link["href"]) for link in read(below, f"/airflow{URL}").links]

    assert links
    assert all(link.startswith("/airflow/") for link in links)


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
