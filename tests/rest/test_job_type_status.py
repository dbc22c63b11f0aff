"""What the jobs of job types do, over REST (seed 001, Job Type Services)."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from catalog.catalogue import Catalogue
from catalog.queries.listing import PageRequest
from tests.rest.test_statements import statements
from tests.support.catalogues import DATA_ERROR, World, job_type

pytestmark = pytest.mark.airflow
URL: Final = "/scale/api/job-types/"
STATUS: Final = f"{URL}status/"
RUNNING: Final = f"{URL}running/"
FAILURES: Final = f"{URL}system-failures/"
LISTS: Final = (STATUS, RUNNING, FAILURES)


@pytest.fixture
def world(client: TestClient, catalogue: Catalogue, tmp_path: Path) -> World:  # noqa: ARG001 - serves the catalogue
    """Return a catalogue with two job types that try once."""
    world = World.over(catalogue, tmp_path)
    world.configure([job_type("a", max_tries=1), job_type("b", max_tries=1)])
    return world


def ran(world: World, name: str, error: str | None = None) -> int:
    """Run a job to its end and return its id."""
    job = world.queue_job(name)
    if error is None:
        world.run(job.id)
    else:
        world.fail(job.id, error)
    return job.id


def move(world: World, job_id: int, ago: timedelta) -> str:
    """Say that a job changed and started so long ago; return when, as the answers have it."""
    moment = datetime.now(UTC).replace(microsecond=0) - ago
    with world.database.engine.begin() as connection:
        connection.execute(
            text("UPDATE job SET last_status_change = :moment, started = :moment WHERE id = :id"),
            {"moment": moment, "id": job_id},
        )
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def rows(client: TestClient, url: str, **parameters: Any) -> list[dict[str, Any]]:
    """Return the rows of a list."""
    answer = client.get(url, params=parameters)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["results"]
    return found


def counts(client: TestClient, name: str = "a", **parameters: Any) -> list[tuple[Any, ...]]:
    """Return the counts of a job type as status, category and count."""
    (row,) = (
        each for each in rows(client, STATUS, **parameters) if each["job_type"]["name"] == name
    )
    return [(each["status"], each["category"], each["count"]) for each in row["job_counts"]]


def test_the_status_counts_jobs_by_status_and_category(client: TestClient, world: World) -> None:
    ran(world, "a")
    ran(world, "a")
    ran(world, "a", DATA_ERROR)
    last = ran(world, "a", "unknown")
    moment = move(world, last, timedelta(seconds=30))
    world.queue_job("b")

    found = rows(client, STATUS)

    assert [each["job_type"]["name"] for each in found] == sorted(
        each["job_type"]["name"] for each in found
    )
    assert counts(client) == [
        ("COMPLETED", None, 2), ("FAILED", "DATA", 1), ("FAILED", "SYSTEM", 1),
    ]  # fmt: skip
    assert counts(client, "b") == [("QUEUED", None, 1)]
    assert counts(client, "scale-strike") == []
    (row,) = (each for each in found if each["job_type"]["name"] == "a")
    assert row["job_counts"][2]["most_recent"] == moment


def test_the_status_is_of_the_past_three_hours_and_all_that_run(
    client: TestClient, world: World
) -> None:
    move(world, ran(world, "a"), timedelta(hours=4))
    running = world.queue_job("a")
    world.begin(running.id)
    move(world, running.id, timedelta(days=9))

    assert counts(client) == [("RUNNING", None, 1)]
    assert counts(client, started="PT5H") == [("COMPLETED", None, 1), ("RUNNING", None, 1)]
    assert counts(client, started="PT5H", ended="PT3H30M") == counts(client, started="PT5H")
    assert counts(client, started="PT9H", ended="PT5H") == [("RUNNING", None, 1)]


def test_running_job_types_are_ordered_by_their_longest_running_job(
    client: TestClient, world: World
) -> None:
    jobs = [world.queue_job(name) for name in ("a", "b", "b")]
    for job in jobs:
        world.begin(job.id)
    ago = (timedelta(hours=1), timedelta(minutes=5), timedelta(hours=2))
    moments = [move(world, job.id, each) for job, each in zip(jobs, ago, strict=True)]
    world.queue_job("a")

    found = rows(client, RUNNING)

    assert [(each["job_type"]["name"], each["count"]) for each in found] == [("b", 2), ("a", 1)]
    assert [each["longest_running"] for each in found] == [moments[2], moments[0]]


def test_system_failures_are_counted_by_error_the_latest_first(
    client: TestClient, world: World
) -> None:
    ids = [ran(world, name, error) for name, error in (
        ("a", "unknown"), ("a", "unknown"), ("a", "nfs"), ("b", "unknown"), ("b", DATA_ERROR),
    )]  # fmt: skip
    ago = [timedelta(hours=each) for each in (5, 1, 4, 2, 0)]
    moments = [move(world, job_id, each) for job_id, each in zip(ids, ago, strict=True)]

    found = rows(client, FAILURES)

    shown = [(each["job_type"]["name"], each["error"]["name"], each["count"]) for each in found]
    assert shown == [("a", "unknown", 2), ("b", "unknown", 1), ("a", "nfs", 1)]
    assert (found[0]["first_error"], found[0]["last_error"]) == (moments[0], moments[1])
    assert {each["error"]["category"] for each in found} == {"SYSTEM"}


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize("url", [RUNNING, FAILURES])
def test_nothing_is_an_empty_list(client: TestClient, url: str) -> None:
    assert client.get(url).json() == {"count": 0, "next": None, "previous": None, "results": []}


def test_the_lists_have_pages(client: TestClient, world: World) -> None:
    for name in ("a", "b"):
        ran(world, name, "unknown")
        world.begin(world.queue_job(name).id)

    for url in LISTS:
        first = client.get(url, params={"page_size": 1}).json()
        second = client.get(first["next"]).json()

        assert first["count"] == second["count"] >= 2
        assert (len(first["results"]), len(second["results"])) == (1, 1)
        assert first["results"] != second["results"]
        assert second["previous"].startswith("http://airscale.test/")
        for page in (0, 99, 10**30):
            assert client.get(url, params={"page": page}).status_code == 404


@pytest.mark.parametrize(
    "parameters",
    [
        {"started": "x"},
        {"started": "2015-01-01T00:00:00"},
        {"ended": "2015-01-01T00:00:00Z"},
        {"started": "PT1H", "ended": "PT2H"},
    ],
)
def test_a_time_range_that_is_none_is_400(client: TestClient, parameters: dict[str, str]) -> None:
    answer = client.get(STATUS, params=parameters)

    assert answer.status_code == 400
    assert answer.json()["detail"]


def test_the_lists_are_a_constant_number_of_statements(world: World) -> None:
    for name in ("a", "b"):
        ran(world, name, "unknown")
        world.begin(world.queue_job(name).id)
    queries = world.catalogue.queries.job_type_status

    for read, expected in ((queries.page, 2), (queries.running, 2), (queries.system_failures, 2)):
        with statements(world.catalogue) as sent:
            page = read(PageRequest())
        assert len(sent) == expected
        assert len(page.rows) >= 2
