"""The pages of workspaces."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from catalog.catalogue import Catalogue
from catalog.queries.listing import PageRequest
from tests.support.processing import processed_scene
from tests.views.reader import read

pytestmark = pytest.mark.airflow
OURS = {"Sec-Fetch-Site": "same-origin"}
URL = "/airscale/workspaces/"


def values(folder: Path, **changes: str) -> dict[str, str]:
    """Return what a person puts into the form."""
    return {"name": "rs", "title": "Raw", "type": "host", "host_path": str(folder), **changes}


def test_a_workspace_is_created_edited_archived_and_activated(
    operator: TestClient, catalogue: Catalogue, tmp_path: Path
) -> None:
    made = operator.post(f"{URL}new/", data=values(tmp_path), headers=OURS)
    assert "Saved." in made.text
    assert "free" in made.text

    form = read(operator, f"{URL}1/edit/").fields
    changed = {**form, "type": "host", "title": "Other", "is_move_enabled": ""}
    assert operator.post(f"{URL}1/edit/", data=changed, headers=OURS).status_code == 200
    found = catalogue.queries.workspaces.one(1)
    assert (found.name, found.title, found.is_move_enabled) == ("rs", "Other", False)
    assert found.json_config["broker"] == {"type": "host", "host_path": str(tmp_path)}

    for is_active, says in (("false", "Archived since"), ("true", "active")):
        data = {"is_active": is_active}
        answer = operator.post(f"{URL}1/activity/", data=data, headers=OURS)
        assert says in answer.text
        assert catalogue.queries.workspaces.one(1).is_active is (is_active == "true")


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"host_path": "data"}, "host_path", "an absolute path"),
        ({"host_path": ""}, "host_path", "an absolute path"),
        ({"type": "nfs", "mount": "x"}, "mount", "host:/path"),
        ({"type": "s3", "bucket": ""}, "bucket", "bucket"),
        ({"type": "s3", "bucket": "abc", "prefix": "../x"}, "prefix", "without '..'"),
        ({"type": "ftp"}, "type", "ftp"),
        ({"name": ""}, "name", "Give it a name"),
        ({"name": "taken"}, "name", "Choose another name"),
        ({"title": "a\x00"}, "title", "NUL"),
    ],
)
def test_what_is_wrong_with_a_workspace_stands_at_its_field(
    *,
    operator: TestClient,
    catalogue: Catalogue,
    tmp_path: Path,
    changes: dict[str, str],
    field: str,
    sentence: str,
) -> None:
    broker = {"type": "host", "host_path": str(tmp_path)}
    catalogue.workspaces.create("taken", {"version": "1.0", "broker": broker})

    answer = operator.post(f"{URL}new/", data=values(tmp_path, **changes), headers=OURS)

    assert answer.status_code == 400
    (_, _, after) = answer.text.partition(f'id="problem-{field}-1">')
    assert sentence in after.partition("</p>")[0].replace("&#39;", "'")
    assert catalogue.queries.workspaces.page(PageRequest()).count == 1


def test_an_edit_that_is_refused_changes_nothing(
    operator: TestClient, catalogue: Catalogue, tmp_path: Path
) -> None:
    operator.post(f"{URL}new/", data=values(tmp_path), headers=OURS)
    changed = values(tmp_path, title="Other", host_path="nowhere")

    answer = operator.post(f"{URL}1/edit/", data=changed, headers=OURS)

    assert answer.status_code == 400
    assert 'value="nowhere"' in answer.text
    assert catalogue.queries.workspaces.one(1).title == "Raw"


def test_storage_out_of_reach_says_what_to_do(
    operator: TestClient, catalogue: Catalogue, tmp_path: Path
) -> None:
    broker = {"type": "host", "host_path": str(tmp_path / "gone")}
    catalogue.workspaces.create("gone", {"version": "1.0", "broker": broker})

    assert "this host does not reach it" in read(operator, URL).text
    assert "Check that it is mounted" in read(operator, f"{URL}1/").text


def test_usage_over_time_is_drawn_from_what_was_measured(
    operator: TestClient, catalogue: Catalogue, tmp_path: Path
) -> None:
    operator.post(f"{URL}new/", data=values(tmp_path), headers=OURS)
    assert "Nothing was measured" in read(operator, f"{URL}1/").text
    now = datetime.now(UTC)
    for hours in (5, 4, 1):
        catalogue.usage.measure(now - timedelta(hours=hours))

    page = operator.get(f"{URL}1/").text

    assert page.count("<path class=") == 3  # none of them beside another
    assert page.count("<title>") == 1 + 3
    assert "Space used in the last 7 days" in operator.get(f"{URL}1/?span=week").text


def test_files_are_browsed_directory_by_directory(
    operator: TestClient, catalogue: Catalogue, tmp_path: Path
) -> None:
    processed_scene(catalogue, tmp_path)

    top = read(operator, f"{URL}2/files/")
    (directory,) = [str(each["href"]) for each in top.links if "path=" in str(each["href"])]
    paths = [directory]
    while True:
        found = read(operator, paths[-1])
        deeper = [
            href
            for each in found.links
            if (href := str(each["href"])).startswith(f"{paths[-1]}%2F") or f"{paths[-1]}/" in href
        ]
        if not deeper:
            break
        paths.append(deeper[0])

    assert len(paths) > 3
    assert [each["href"] for each in found.links if "/airscale/files/" in str(each["href"])]


def test_a_reader_sees_no_buttons_that_act(
    browser: TestClient, catalogue: Catalogue, tmp_path: Path
) -> None:
    processed_scene(catalogue, tmp_path)

    for path in ("", "1/"):
        text = read(browser, f"{URL}{path}").text
        for word in ("Create a workspace", "Edit", "Archive "):
            assert word not in text
