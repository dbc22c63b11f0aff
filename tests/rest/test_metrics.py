"""The job load and the daily metrics, over HTTP."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from catalog.catalogue import Catalogue
from catalog.tables import JobTypeMetrics
from tests.support.catalogues import World, job_type
from tests.support.processing import strike_configuration

pytestmark = pytest.mark.airflow
LOAD: Final = "/scale/api/load/"
METRICS: Final = "/scale/api/metrics/"
PLOT: Final = f"{METRICS}job-types/plot-data/"
MAY: Final = date(2016, 5, 15)
RANGE: Final = {"started": "2016-05-01T00:00:00Z", "ended": "2016-05-31T00:00:00Z"}


@pytest.fixture
def world(catalogue: Catalogue, tmp_path: Path) -> World:
    """Return a catalogue with job types a (priority 10) and b (20), each with a queued job."""
    world = World.over(catalogue, tmp_path)
    world.configure(
        [job_type("a", priority=10, category="x"), job_type("b", priority=20, category="y")]
    )
    for name in "ab":
        world.queue_job(name)
    return world


@pytest.fixture
def loaded(client: TestClient, world: World) -> TestClient:
    """Return a client of a load measured twice: with two jobs queued, and with one running."""
    world.catalogue.load.record(datetime(2016, 5, 15, 10, tzinfo=UTC))
    world.begin(1)
    world.catalogue.load.record(datetime(2016, 5, 15, 11, tzinfo=UTC))
    return client


@pytest.fixture
def counted(client: TestClient, world: World) -> TestClient:
    """Return a client of metrics of both job types on two days, and of one on a third."""
    with Session(world.database.engine) as session, session.begin():
        session.add_all(metrics())
    return client


def metrics() -> Iterator[JobTypeMetrics]:
    """Yield metrics: job type 2 runs 10 s and 30 s, job type 3 runs 20 s, day after day."""
    for day, type_id, seconds in ((0, 2, 10), (0, 3, 20), (1, 2, 30), (1, 3, 20), (2, 3, 20)):
        yield JobTypeMetrics(
            date=MAY + timedelta(days=day),
            job_type_id=type_id,
            completed_count=1,
            failed_count=2,
            canceled_count=3,
            total_count=6,
            run_time_sum=seconds,
            run_time_min=seconds,
            run_time_max=seconds,
            run_time_avg=seconds,
        )


def get(client: TestClient, url: str, **parameters: object) -> Any:
    """Return the JSON of a good answer."""
    answer = client.get(url, params=parameters)
    assert answer.status_code == 200, answer.text
    return answer.json()


def refusal(client: TestClient, url: str, status: int, **parameters: object) -> str:
    """Return the sentence of a refusal."""
    answer = client.get(url, params=parameters)
    assert answer.status_code == status, answer.text
    return str(answer.json()["detail"])


def loads(client: TestClient, **parameters: object) -> list[tuple[str, int, int, int]]:
    """Return the time of day and the pending, queued and running jobs of each result."""
    return [
        (each["time"][11:16], *(each[f"{n}_count"] for n in ("pending", "queued", "running")))
        for each in get(client, LOAD, **{**RANGE, **parameters})["results"]
    ]


def test_the_load_is_a_result_for_every_time_it_was_measured(loaded: TestClient) -> None:
    assert loads(loaded) == [("10:00", 0, 2, 0), ("11:00", 0, 1, 1)]


@pytest.mark.parametrize(
    ("parameters", "running"),
    [
        ({"job_type_id": 2}, 1),
        ({"job_type_id": 3}, 0),
        ({"job_type_id": [2, 3]}, 1),
        ({"job_type_name": "a"}, 1),
        ({"job_type_name": "b"}, 0),
        ({"job_type_category": "x"}, 1),
        ({"job_type_category": "y"}, 0),
        ({"job_type_priority": 10}, 1),
        ({"job_type_priority": [20, 30]}, 0),
    ],
)
def test_the_load_of_some_job_types_leaves_the_others_out(
    loaded: TestClient, parameters: dict[str, Any], running: int
) -> None:
    found = loads(loaded, **parameters)

    assert [each[0] for each in found] == ["10:00", "11:00"]
    assert found[1][3] == running


def test_the_load_is_paged_by_time(loaded: TestClient) -> None:
    page = get(loaded, LOAD, **RANGE, page_size=1, page=2)

    assert (page["count"], page["next"]) == (2, None)
    assert [each["time"] for each in page["results"]] == ["2016-05-15T11:00:00.000Z"]
    assert "There is no page 3" in refusal(loaded, LOAD, 404, **RANGE, page_size=1, page=3)


def test_the_load_is_that_of_the_last_week_unless_a_range_is_given(
    loaded: TestClient, catalogue: Catalogue
) -> None:
    for days in (1, 8):
        catalogue.load.record(datetime.now(UTC) - timedelta(days=days))

    assert get(loaded, LOAD)["count"] == 1
    assert get(loaded, LOAD, started="P9D")["count"] == 2


def test_a_range_of_the_load_includes_its_bounds(loaded: TestClient) -> None:
    bounds = {"started": "2016-05-15T10:00:00Z", "ended": "2016-05-15T11:00:00Z"}

    assert len(loads(loaded, **bounds)) == 2


@pytest.mark.parametrize(
    ("parameters", "says"),
    [
        ({"started": "2016-01-01T00:00:00Z", "ended": "2016-02-01T00:00:01Z"}, "than 31 days"),
        ({"started": "2016-01-01T00:00:00Z"}, "longer than 31 days"),
        ({"started": "2999-01-01T00:00:00Z"}, "before the end"),
        ({"started": "2016-01-01T00:00:00"}, "no time zone"),
        ({"job_type_id": "x"}, "job_type_id"),
        ({"job_type_priority": "high"}, "job_type_priority"),
        ({"job_type_name": "\x00"}, "NUL"),
    ],
)
def test_a_load_that_makes_no_sense_is_refused(
    client: TestClient, parameters: dict[str, str], says: str
) -> None:
    assert says in refusal(client, LOAD, 400, **parameters)


def test_a_range_of_the_load_may_end_with_the_first_times_there_are(client: TestClient) -> None:
    assert get(client, LOAD, ended="0001-01-02T00:00:00Z")["count"] == 0


def test_there_are_metrics_of_ingests_and_of_job_types(client: TestClient) -> None:
    page = get(client, METRICS)

    shapes = {
        each["name"]: (len(each["columns"]), [group["name"] for group in each["groups"]])
        for each in page["results"]
    }
    assert shapes == {
        "ingest": (17, ["overview", "file_size", "transfer_time", "ingest_time"]),
        "job-types": (
            28,
            [
                "overview",
                *(f"{each}_time" for each in ["queue", "pre", "job", "post", "run", "stage"]),
            ],
        ),
    }
    assert get(client, METRICS, page_size=1, page=2)["previous"] is not None


def test_columns_are_those_of_the_seed(client: TestClient) -> None:
    columns = {each["name"]: each for each in get(client, f"{METRICS}job-types/")["columns"]}

    assert columns["completed_count"] == {
        "name": "completed_count",
        "title": "Completed Count",
        "description": "Number of successfully completed jobs.",
        "units": "count",
        "group": "overview",
        "aggregate": "sum",
    }
    assert columns["run_time_min"] == {
        "name": "run_time_min",
        "title": "Run Time (Min)",
        "description": "Minimum time spent running the pre, job, and post tasks.",
        "units": "seconds",
        "group": "run_time",
        "aggregate": "min",
    }


def test_only_the_details_have_choices(client: TestClient, world: World) -> None:
    del world
    assert all("choices" not in each for each in get(client, METRICS)["results"])
    choices = get(client, f"{METRICS}job-types/")["choices"]
    assert [(each["name"], each["version"]) for each in choices] == [
        ("a", "1.0"), ("b", "1.0"), ("scale-strike", "1.0")
    ]  # fmt: skip


def test_the_choices_of_ingest_metrics_are_strike_processes(
    client: TestClient, catalogue: Catalogue, tmp_path: Path
) -> None:
    World.over(catalogue, tmp_path)
    catalogue.strikes.create("incoming", strike_configuration(), title="Incoming")

    (choice,) = get(client, f"{METRICS}ingest/")["choices"]

    assert choice == {
        "id": 1, "name": "incoming", "title": "Incoming", "description": None, "is_active": True
    }  # fmt: skip


def values(client: TestClient, **parameters: object) -> list[tuple[Any, ...]]:
    """Return the id if there is one, the day of May, and the value of one column's values."""
    (row,) = get(client, PLOT, **parameters)["results"]
    return [
        (*([each["id"]] if "id" in each else []), int(each["date"][-2:]), each["value"])
        for each in row["values"]
    ]


def test_without_choices_values_are_aggregated_in_the_way_of_the_column(
    counted: TestClient,
) -> None:
    assert values(counted, column="run_time_sum") == [(15, 30), (16, 50), (17, 20)]
    assert values(counted, column="run_time_min") == [(15, 10), (16, 20), (17, 20)]
    assert values(counted, column="run_time_max") == [(15, 20), (16, 30), (17, 20)]
    assert values(counted, column="run_time_avg") == [(15, 15), (16, 25), (17, 20)]


def test_the_values_of_one_choice_have_no_ids(counted: TestClient) -> None:
    assert values(counted, column="run_time_sum", choice_id=2) == [(15, 10), (16, 30)]


def test_the_values_of_several_choices_have_ids_and_are_sorted_by_date(
    counted: TestClient,
) -> None:
    assert values(counted, column="run_time_sum", choice_id=[3, 2]) == [
        (2, 15, 10), (3, 15, 20), (2, 16, 30), (3, 16, 20), (3, 17, 20)
    ]  # fmt: skip


def test_a_plot_has_its_bounds(counted: TestClient) -> None:
    (row,) = get(counted, PLOT, column="run_time_sum")["results"]

    bounds = [row[name] for name in ("min_x", "max_x", "min_y", "max_y")]
    assert bounds == ["2016-05-15", "2016-05-17", 20, 50]


def test_a_column_without_values_has_no_bounds(counted: TestClient) -> None:
    (row,) = get(counted, PLOT, column="queue_time_sum")["results"]

    assert row["values"] == []
    assert [row[name] for name in ("min_x", "max_x", "min_y", "max_y")] == [None] * 4


def test_columns_are_selected_by_name_or_by_group(counted: TestClient) -> None:
    page = get(counted, PLOT, column="total_count", group=["run_time", "pre_time"])

    names = [each["column"]["name"] for each in page["results"]]
    assert (page["count"], names[:2]) == (9, ["total_count", "pre_time_sum"])
    assert get(counted, PLOT)["count"] == 28


def test_a_day_of_the_time_range_counts_as_a_whole(counted: TestClient) -> None:
    days = {"started": "2016-05-16T23:00:00Z", "ended": "2016-05-17T00:00:00Z"}

    assert values(counted, column="run_time_sum", **days) == [(16, 50), (17, 20)]
    assert values(counted, column="run_time_sum", started="PT1H") == []


def test_plots_are_paged_by_column(counted: TestClient) -> None:
    page = get(counted, PLOT, page=2, page_size=27)

    assert page["count"] == 28
    assert [each["column"]["name"] for each in page["results"]] == ["stage_time_avg"]
    assert "There is no page 3" in refusal(counted, PLOT, 404, page=3, page_size=27)


@pytest.mark.parametrize(
    ("parameters", "says"),
    [
        ({"column": "speed"}, "There is no metrics column 'speed'"),
        ({"group": ["run_time", "speed"]}, "There is no metrics group 'speed'"),
        ({"choice_id": "x"}, "choice_id"),
        ({"choice_id": 2**63}, "choice_id"),
        ({"started": "soon"}, "started"),
        (RANGE | {"ended": RANGE["started"]}, "before the end"),
    ],
)
def test_a_plot_that_makes_no_sense_is_refused(
    client: TestClient, parameters: dict[str, Any], says: str
) -> None:
    assert says in refusal(client, PLOT, 400, **parameters)


@pytest.mark.parametrize("path", ["speed/", "speed/plot-data/", "%00/", "%ff/plot-data/"])
def test_metrics_of_an_unknown_type_are_not_found(client: TestClient, path: str) -> None:
    assert "There is no metrics type" in refusal(client, f"{METRICS}{path}", 404)


def test_plot_data_of_ingests_is_there(client: TestClient) -> None:
    page = get(client, f"{METRICS}ingest/plot-data/", choice_id=[1, 2])

    assert page["count"] == 17
