"""The pages of metrics, and what they give to programs."""

import csv
import io
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import insert

from catalog.catalogue import Catalogue
from catalog.records.metrics import JOB_TYPES
from catalog.tables import JobLoad, LoadMeasurement
from catalog.tables.metrics import JobTypeMetrics
from plugins.views.plots import MOST_LINES, Line, Sheet, sheet_of
from plugins.views.tones import Tone
from tests.support.scenes import load_example
from tests.views.reader import read

pytestmark = pytest.mark.airflow
JOBS = "/airscale/metrics/job-types/"
TODAY = datetime.now(UTC).date()


@pytest.fixture
def measured(catalogue: Catalogue, tmp_path: Path) -> Catalogue:
    """Return a catalogue with metrics of two job types, and a load, of three days."""
    load_example(catalogue, tmp_path)
    now = datetime.now(UTC)
    with catalogue.database.engine.begin() as connection:
        for ago in range(3):
            measurement = insert(LoadMeasurement).values(measured=now - timedelta(days=ago))
            (moment,) = connection.execute(measurement.returning(LoadMeasurement.id)).one()
            for job_type_id in (2, 3):
                values = {each.name: 10 * job_type_id + ago for each in JOB_TYPES.columns}
                key = {"date": TODAY - timedelta(days=ago), "job_type_id": job_type_id}
                connection.execute(insert(JobTypeMetrics).values(**key, **values))
                counts = {"pending_count": 1, "queued_count": ago, "running_count": job_type_id}
                load = {"measurement_id": moment, "job_type_id": job_type_id}
                connection.execute(insert(JobLoad).values(**load, **counts))
    return catalogue


def table_of(client: TestClient, address: str) -> list[list[str]]:
    """Return the rows of a CSV, its heading first."""
    answer = client.get(address)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"].startswith("text/csv")
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    return list(csv.reader(io.StringIO(answer.text)))


def test_the_metrics_of_all_together_are_a_table_without_any_script(
    operator: TestClient, measured: Catalogue
) -> None:
    del measured
    text = read(operator, JOBS).text

    assert "Completed Count Failed Count Canceled Count Total Count" in text
    assert f"{TODAY} 50 50 50 50 {TODAY - timedelta(days=1)} 52 52 52 52" in text


def test_every_column_of_every_type_can_be_chosen(
    operator: TestClient, measured: Catalogue
) -> None:
    for name in ("job-types", "ingest"):
        for each in measured.queries.metrics.one(name).columns:
            found = read(operator, f"/airscale/metrics/{name}/?column={each.name}")
            assert f"{each.title} {TODAY}" in found.text or name == "ingest"


def test_several_choices_have_lines_of_their_own_and_the_csv_has_the_same(
    operator: TestClient, measured: Catalogue
) -> None:
    labels = [
        f"{each.title} {each.version}"
        for each in measured.queries.job_list.types()
        if each.id in (2, 3)
    ]
    query = "?column=job_time_max&choice=2&choice=3&days=2"

    heading, first, second = table_of(operator, f"{JOBS}csv/{query}")

    assert heading == ["time", *(f"{each}: Job Task Time (Max) [seconds]" for each in labels)]
    assert (first, second) == (
        [str(TODAY - timedelta(days=1)), "21", "31"], [str(TODAY), "20", "30"],
    )  # fmt: skip
    text = read(operator, JOBS + query).text
    assert f"{labels[0]}: Job Task Time (Max) {labels[1]}: Job Task Time (Max)" in text
    assert f"{TODAY} 20.0 s 30.0 s" in text


def test_other_days_are_other_values(operator: TestClient, measured: Catalogue) -> None:
    del measured
    last = TODAY - timedelta(days=2)

    rows = table_of(operator, f"{JOBS}csv/?column=total_count&choice=2&last={last}&days=1")

    assert [row[1:] for row in rows[1:]] == [["22"]]
    assert "Nothing was counted in these days." in read(operator, f"{JOBS}?last=2016-01-01").text


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("job-types/?column=nonsense", 400), ("nonsense/", 404), ("job-types/?days=0", 400),
        ("job-types/?last=yesterday", 400), ("job-types/?days=&last=&column=", 200),
        ("job-types/?last=9999-12-31", 200), ("load/?last=0001-01-01", 200),
    ],
)  # fmt: skip
def test_an_address_that_asks_for_nonsense_is_answered_with_a_sentence(
    operator: TestClient, measured: Catalogue, path: str, status: int
) -> None:
    del measured
    answer = operator.get(f"/airscale/metrics/{path}")

    assert answer.status_code == status
    assert "<h1>" in answer.text


def test_the_load_is_shown_of_all_or_of_chosen_job_types(
    operator: TestClient, measured: Catalogue
) -> None:
    del measured
    every = table_of(operator, "/airscale/metrics/load/csv/")
    some = table_of(operator, "/airscale/metrics/load/csv/?choice=3")

    assert every[0] == ["time", "Running", "Queued", "Pending"]
    assert [row[1:] for row in every[1:]] == [["5", "4", "2"], ["5", "2", "2"], ["5", "0", "2"]]
    assert [row[1:] for row in some[1:]] == [["3", "2", "1"], ["3", "1", "1"], ["3", "0", "1"]]
    assert "Running Queued Pending" in read(operator, "/airscale/metrics/load/").text


def test_a_plot_has_the_lines_of_one_unit_and_every_moment() -> None:
    first, second = date(2016, 5, 15), date(2016, 5, 16)
    sheet = Sheet(
        (
            Line("a", "count", {second: 2}, Tone.FAILED),
            Line("b", "bytes", {first: 1}),
            Line("c", "count", {first: 3, second: 4}),
        )
    )

    counts, sizes = sheet.plots()

    assert counts["times"] == sizes["times"] == ["2016-05-15", "2016-05-16"]
    assert [each["values"] for each in counts["lines"]] == [[None, 2], [3, 4]]
    assert (counts["lines"][0]["tone"], sizes["units"]) == ("failed", "bytes")
    assert sheet.latest(1) == [(second, (2, None, 4))]


def test_a_heading_is_no_formula_and_lines_beyond_the_most_are_counted() -> None:
    many = [Line("=1+1", "count", {date(2016, 5, 15): each}) for each in range(MOST_LINES + 2)]

    sheet, left_out = sheet_of(many)

    assert sheet.csv().startswith("time,'=1+1,")
    assert (len(sheet.lines), left_out) == (MOST_LINES, 2)
