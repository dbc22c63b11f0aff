"""What changed of jobs, sources and products, and what came of a source."""

from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from catalog.catalogue import Catalogue
from catalog.states import JobStatus
from strike.settings import StrikeSettings
from tests.strike.bench import StrikeBench
from tests.support.processing import STARTED, complete_next, fail_next, ingested, scene_arrives
from tests.support.scenes import arrive, load_example

pytestmark = pytest.mark.airflow
SCALE = "/scale/api"


def results(client: TestClient, path: str, **parameters: Any) -> list[dict[str, Any]]:
    """Return the results of a list."""
    answer = client.get(f"{SCALE}{path}", params=parameters)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["results"]
    return found


@pytest.fixture
def half_done(client: TestClient, catalogue: Catalogue, tmp_path: Path) -> TestClient:
    """Return a client of a catalogue with a scene whose first job has completed."""
    load_example(catalogue, tmp_path)
    scene_arrives(catalogue, tmp_path)
    complete_next(catalogue, tmp_path)
    return client


@pytest.mark.parametrize("path", ["/jobs/updates/", "/jobs/executions/"])
def test_changed_jobs_can_be_filtered_and_ordered(half_done: TestClient, path: str) -> None:
    def ids(**parameters: Any) -> list[int]:
        return [each["id"] for each in results(half_done, path, **parameters)]

    assert ids(order="id") == [1, 2]
    assert ids(order="-job_type__name") == [2, 1]
    assert ids(status="QUEUED") == [2]
    assert ids(status=["COMPLETED", "QUEUED"], order="id") == [1, 2]
    assert ids(status="EXPLODED") == []
    assert ids(job_type_name="geotiff-maker") == [1]
    assert ids(job_type_category="example", order="id") == [1, 2]
    assert ids(job_type_id=10**6) == []
    assert ids(started="PT1H", order="id") == [1, 2]
    assert ids(ended="PT1H") == []
    assert ids(page_size=1, page=2, order="id") == [2]


def test_job_updates_show_the_files_of_each_job(half_done: TestClient) -> None:
    first, second = results(half_done, "/jobs/updates/", order="id")

    assert [each["file_name"] for each in first["input_files"]] == ["scene.png", "scene.csv"]
    assert [each["id"] for each in second["input_files"]] == [3]


def test_jobs_are_shown_with_their_newest_execution(
    half_done: TestClient, catalogue: Catalogue
) -> None:
    fail_next(catalogue, "node-lost")

    first, second = results(half_done, "/jobs/executions/", order="id")

    assert first["latest_job_exe"]["status"] == "COMPLETED"
    assert (second["num_exes"], second["latest_job_exe"]["status"]) == (2, "QUEUED")


def test_a_job_that_was_never_queued_has_no_newest_execution(
    client: TestClient, catalogue: Catalogue, tmp_path: Path
) -> None:
    load_example(catalogue, tmp_path)
    scene_arrives(catalogue, tmp_path)

    (waiting,) = results(client, "/jobs/executions/", status=JobStatus.PENDING)

    assert waiting["latest_job_exe"] is None


@pytest.mark.parametrize(
    ("changes", "action"),
    [
        ({}, "CREATED"),
        ({"is_parsed": True, "parsed": STARTED}, "PARSED"),
        ({"is_parsed": True, "parsed": STARTED, "is_deleted": True, "deleted": STARTED}, "DELETED"),
    ],
)
def test_the_update_of_a_source_is_what_happened_to_it_last(
    half_done: TestClient, catalogue: Catalogue, changes: dict[str, Any], action: str
) -> None:
    if changes:
        with catalogue.database.transaction() as tx:
            tx.files.update(1, changes)

    (source,) = results(half_done, "/sources/updates/", file_name="scene.png")

    assert source["update"]["action"] == action
    assert source["update"]["when"] == (
        "2016-05-15T10:34:12.500Z" if changes else source["created"]
    )


def test_source_updates_can_be_filtered(half_done: TestClient, catalogue: Catalogue) -> None:
    with catalogue.database.transaction() as tx:
        tx.files.update(1, {"is_parsed": True, "parsed": STARTED})

    def ids(**parameters: Any) -> list[int]:
        return [each["id"] for each in results(half_done, "/sources/updates/", **parameters)]

    assert ids(order="id") == [1, 2]
    assert ids(is_parsed="t") == [1]
    assert ids(is_parsed=0) == [2]
    assert ids(file_name=["scene.csv", "other"]) == [2]
    assert ids(ended="PT1H") == []


@pytest.mark.parametrize(
    ("changes", "action"),
    [
        ({}, "PUBLISHED"),
        ({"is_published": False, "unpublished": STARTED}, "UNPUBLISHED"),
        ({"is_deleted": True, "deleted": STARTED}, "DELETED"),
    ],
)
def test_the_update_of_a_product_is_what_happened_to_it_last(
    half_done: TestClient, catalogue: Catalogue, changes: dict[str, Any], action: str
) -> None:
    if changes:
        with catalogue.database.transaction() as tx:
            tx.files.update(3, changes)

    (product,) = results(half_done, "/products/updates/")

    assert product["update"]["action"] == action
    assert [each["file_name"] for each in product["source_files"]] == ["scene.png", "scene.csv"]


def test_product_updates_can_be_filtered(half_done: TestClient) -> None:
    def ids(**parameters: Any) -> list[int]:
        return [each["id"] for each in results(half_done, "/products/updates/", **parameters)]

    assert ids(job_type_name="geotiff-maker", is_operational="true") == [3]
    assert ids(job_type_name="point-detector") == []
    assert ids(is_operational="f") == []
    assert ids(file_name="nothing") == []
    assert ids(started="PT1H", order="-job_type__name") == [3]


def test_the_jobs_of_a_source_are_those_it_or_its_products_went_into(
    half_done: TestClient, catalogue: Catalogue, tmp_path: Path
) -> None:
    other = tmp_path / "other.txt"
    other.write_text("other")
    other_id = arrive(catalogue, other).id

    def ids(file_id: int, **parameters: Any) -> list[int]:
        path = f"/sources/{file_id}/jobs/"
        return [each["id"] for each in results(half_done, path, order="id", **parameters)]

    assert ids(1) == [1, 2]
    assert ids(1, status="QUEUED") == [2]
    assert ids(1, job_id=1) == [1]
    assert ids(1, job_type_name="point-detector") == [2]
    assert ids(other_id) == []


def test_the_products_of_a_source_are_those_made_from_it_or_its_products(
    half_done: TestClient, catalogue: Catalogue, tmp_path: Path
) -> None:
    complete_next(catalogue, tmp_path)

    def ids(**parameters: Any) -> list[int]:
        path = "/sources/1/products/"
        return [each["id"] for each in results(half_done, path, order="id", **parameters)]

    assert ids() == [3, 4]
    assert ids(job_type_name="point-detector") == [4]
    assert ids(is_superseded="true") == []


@pytest.mark.parametrize("path", ["jobs", "products"])
@pytest.mark.parametrize("file_id", [3, 999, "x"])
def test_what_is_no_source_is_404(half_done: TestClient, path: str, file_id: Any) -> None:
    assert half_done.get(f"{SCALE}/sources/{file_id}/{path}/").status_code == 404


def test_ingests_are_counted_by_the_hour_of_the_ingest_or_of_the_data(
    half_done: TestClient, catalogue: Catalogue
) -> None:
    ingested(catalogue, 1)
    with catalogue.database.transaction() as tx:
        size = tx.files.update(1, {"data_started": STARTED.replace(hour=2)}).file_size
    day = {"started": "2016-05-15T01:00:00Z", "ended": "2016-05-15T23:00:00Z"}

    (by_data,) = results(half_done, "/ingests/status/", **day)
    (by_ingest,) = results(half_done, "/ingests/status/", use_ingest_time="true", **day)

    for status, hour in ((by_data, 2), (by_ingest, 10)):
        assert len(status["values"]) == 24
        assert (status["files"], status["size"]) == (1, size)
        assert status["most_recent"] == "2016-05-15T10:34:12.500Z"
        assert [each for each in status["values"] if each["files"]] == [
            {"time": f"2016-05-15T{hour:02}:00:00.000Z", "files": 1, "size": size}
        ]


def test_a_strike_process_without_files_is_counted_with_zeros_for_a_week(
    half_done: TestClient, catalogue: Catalogue
) -> None:
    ingested(catalogue, 1)

    (status,) = results(half_done, "/ingests/status/")

    assert (status["strike"]["name"], status["files"], status["size"]) == ("incoming", 0, 0)
    assert len(status["values"]) == 8 * 24
    assert {each["files"] for each in status["values"]} == {0}


@pytest.mark.parametrize(
    "parameters",
    [
        {"started": "P32D"},
        {"started": "2016-01-01T00:00:00Z", "ended": "2016-03-01T00:00:00Z"},
        {"started": "2999-01-01T00:00:00Z"},
        {"started": "PT1H", "ended": "PT2H"},
        {"use_ingest_time": "perhaps"},
    ],
)
def test_a_range_of_ingests_that_cannot_be_counted_is_400(
    client: TestClient, parameters: dict[str, str]
) -> None:
    answer = client.get(f"{SCALE}/ingests/status/", params=parameters)

    assert answer.status_code == 400
    assert answer.json()["detail"]


def test_every_ingest_is_accounted_for(half_done: TestClient, catalogue: Catalogue) -> None:
    ingested(catalogue, 1)

    every = half_done.get(f"{SCALE}/ingests/conservation/").json()

    assert every == {
        "seen": 1, "ingested": 1, "duplicate": 0, "deferred": 0, "errored": 0, "in_flight": 0,
        "unaccounted": 0,
    }  # fmt: skip
    address = f"{SCALE}/ingests/conservation/"
    assert half_done.get(address, params={"strike_id": 1}).json() == every
    assert half_done.get(address, params={"strike_id": 99}).status_code == 404
    assert half_done.get(address, params={"strike_id": "x"}).status_code == 400


def test_ingests_that_failed_or_wait_for_a_rule_can_be_tried_again(
    client: TestClient, catalogue: Catalogue, tmp_path: Path
) -> None:
    bench = StrikeBench(catalogue, tmp_path / "strike", "strike", StrikeSettings(stability=0.0))
    bench.home.mkdir(exist_ok=True)
    bench.send("empty.txt", b"")
    bench.send("notes.doc")
    bench.run(2)
    bench.close()
    address = f"{SCALE}/ingests/retry/"
    expected = sorted(each.id for each in bench.ingests())

    answer = client.post(address, json={"strike_ids": [bench.strike.id]})

    assert (answer.status_code, answer.json()) == (200, {"ingest_ids": expected})
    assert client.get(f"{SCALE}/ingests/conservation/").json()["in_flight"] == 2
    again = client.post(address, json={})
    assert (again.status_code, again.json()["detail"].startswith("No ingest")) == (404, True)
    assert client.post(address, json={"ids": [1]}).status_code == 400
