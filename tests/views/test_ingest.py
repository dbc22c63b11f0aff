"""The pages of ingest: Strike processes, files, and hours."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from catalog.catalogue import Catalogue
from catalog.queries.ingest_status import IngestSlot
from catalog.states import IngestStatus
from plugins.views.heat import LEVELS, days_of, level_of, summed
from strike.settings import StrikeSettings
from tests.strike.bench import StrikeBench
from tests.views.reader import Page, read

pytestmark = pytest.mark.airflow
OURS = {"Sec-Fetch-Site": "same-origin"}
FILES = "/airscale/ingest/files/"


@pytest.fixture
def bench(catalogue: Catalogue, tmp_path: Path) -> StrikeBench:
    """Return a Strike process with a file that it took, one that failed, one that no rule takes."""
    bench = StrikeBench(catalogue, tmp_path / "strike", "strike", StrikeSettings(stability=0.0))
    bench.home.mkdir(exist_ok=True)
    bench.send("good.txt", b"content")
    bench.send("empty.txt", b"")
    bench.send("notes.doc")
    bench.run(2)
    bench.close()
    assert {each.status for each in bench.ingests()} == {
        IngestStatus.INGESTED, IngestStatus.ERRORED, IngestStatus.DEFERRED,
    }  # fmt: skip
    return bench


def id_of(bench: StrikeBench, name: str) -> int:
    """Return the id of the ingest of a file."""
    (found,) = [each.id for each in bench.ingests() if each.file_name == name]
    return found


def shown(page: Page) -> set[str]:
    """Return the paths of the ingests that a list has."""
    hrefs = {str(each["href"]) for each in page.links}
    return {each for each in hrefs if re.fullmatch(rf"{FILES}\d+/", each)}


def test_what_was_seen_is_the_sum_of_what_became_of_it(
    operator: TestClient, bench: StrikeBench
) -> None:
    figures = "3 seen = 1 ingested + 0 duplicate + 1 deferred + 1 errored + 0 in flight"

    assert figures in read(operator, "/airscale/ingest/").text
    one = f"/airscale/ingest/strikes/{bench.strike.id}/"
    assert figures in read(operator, one).text
    for path in ("/airscale/ingest/", one):
        assert "None is missing." in read(operator, f"{path}?checked=true").text


def test_files_are_filtered_by_the_address(operator: TestClient, bench: StrikeBench) -> None:
    good, bad = (f"{FILES}{id_of(bench, name)}/" for name in ("good.txt", "empty.txt"))
    deferred = f"{FILES}{id_of(bench, 'notes.doc')}/"

    for query, expected in (
        ("", {good, bad, deferred}),
        ("status=ERRORED&strike=&name=&since=", {bad}),
        ("status=ERRORED&status=DEFERRED", {bad, deferred}),
        ("name=TXT", {good, bad}),
        ("name=%25", set()),
        ("since=PT1H", {good, bad, deferred}),
        ("until=2016-01-01T00:00:00Z", set()),
        ("time=data&since=PT1H", set()),
        (f"strike={bench.strike.id}&status=INGESTED", {good}),
        (f"strike={bench.strike.id + 1}", set()),
    ):
        assert shown(read(operator, f"{FILES}?{query}")) == expected, query


def test_a_reason_stands_at_what_failed_and_at_what_waits_for_a_rule(
    operator: TestClient, bench: StrikeBench
) -> None:
    text = read(operator, FILES).text
    assert "No rule of the Strike process takes a file of this name." in text
    failed = bench.catalogue.queries.ingests.one(id_of(bench, "empty.txt"))
    assert failed.detail is not None
    assert failed.detail in text
    assert failed.detail in read(operator, f"{FILES}{failed.id}/").text


def test_chosen_files_are_tried_again(operator: TestClient, bench: StrikeBench) -> None:
    chosen = [id_of(bench, "empty.txt"), id_of(bench, "good.txt")]
    data = {"ingest_id": chosen, "back": "/ingest/files/?name=txt"}

    answer = operator.post("/airscale/ingest/retry/", data=data, headers=OURS)

    assert "1 file tried again" in answer.text
    assert str(answer.url).endswith("/ingest/files/?name=txt&done=retried&number=1")
    statuses = {each.file_name: each.status for each in bench.ingests()}
    assert statuses["empty.txt"] is IngestStatus.TRANSFERRING
    assert statuses["notes.doc"] is IngestStatus.DEFERRED


def test_all_files_of_a_strike_process_are_tried_again(
    operator: TestClient, bench: StrikeBench
) -> None:
    page = f"/ingest/strikes/{bench.strike.id}/"
    data = {"strike_id": bench.strike.id, "back": page}

    answer = operator.post("/airscale/ingest/retry/", data=data, headers=OURS)

    assert "2 files tried again" in answer.text
    assert "2 in flight" in Page(answer.text).text
    again = operator.post("/airscale/ingest/retry/", data=data, headers=OURS)
    assert again.status_code == 404
    assert "Select others." in again.text


def test_nothing_chosen_is_nothing_tried_again(operator: TestClient, bench: StrikeBench) -> None:
    answer = operator.post("/airscale/ingest/retry/", data={"back": "/ingest/"}, headers=OURS)

    assert answer.status_code == 200
    assert "1 errored" in Page(answer.text).text
    assert bench.catalogue.ingests.conservation().in_flight == 0


def test_a_strike_process_is_paused_with_a_reason_and_resumed(
    operator: TestClient, bench: StrikeBench
) -> None:
    form = f"/airscale/ingest/strikes/{bench.strike.id}/pause/"
    given = {"is_paused": "true", "pause_reason": "The disk is full."}

    answer = operator.post(form, data=given, headers=OURS)

    assert "Reason: The disk is full." in answer.text
    assert "paused The disk is full." in read(operator, "/airscale/ingest/").text
    answer = operator.post(form, data={"is_paused": "false"}, headers=OURS)
    assert "The disk is full." not in answer.text
    strike = bench.catalogue.queries.strikes.one(bench.strike.id)
    assert (strike.is_paused, strike.pause_reason) == (False, None)


def test_an_hour_leads_to_its_files(operator: TestClient, bench: StrikeBench) -> None:
    good = bench.catalogue.queries.ingests.one(id_of(bench, "good.txt"))
    assert good.ingest_ended is not None
    with bench.catalogue.database.transaction() as tx:
        assert good.source_file is not None
        tx.files.update(good.source_file.id, {"data_started": datetime(2016, 5, 15, 2, tzinfo=UTC)})

    for query in (f"last={good.ingest_ended.date()}", "time=data&last=2016-05-15&days=31"):
        found = read(operator, f"/airscale/ingest/hours/?{query}")
        assert "1 files, 7 B." in found.text
        (hour,) = [str(each["href"]) for each in found.links if "until=" in str(each["href"])]
        assert shown(read(operator, hour)) == {f"{FILES}{good.id}/"}


@pytest.mark.parametrize(
    "query",
    ["last=0001-01-01", "last=9999-12-31", "days=31&last=2016-02-29", "strike=99&time=data"],
)
def test_days_without_files_are_shown_empty(
    operator: TestClient, bench: StrikeBench, query: str
) -> None:
    del bench
    assert "0 files, 0 B." in read(operator, f"/airscale/ingest/hours/?{query}").text


def test_a_heat_map_has_a_cell_for_each_hour_and_the_most_is_the_strongest() -> None:
    first = datetime(2016, 5, 15, tzinfo=UTC)
    hours = [IngestSlot(first + timedelta(hours=each), each, 10 * each) for each in range(48)]

    later, earlier = days_of(summed([*hours, *hours]))

    assert (earlier.day, later.day) == (first.date(), first.date() + timedelta(days=1))
    assert (earlier.files, earlier.size) == (2 * sum(range(24)), 20 * sum(range(24)))
    levels = [cell.level for cell in (*earlier.cells, *later.cells)]
    assert levels == sorted(levels)
    assert (levels[0], levels[-1]) == (0, LEVELS)
    assert level_of(1, 1_000_000) == 1
