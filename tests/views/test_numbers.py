"""Every number that leads to a list is the number of rows that the list has."""

import re
from html import unescape
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from catalog.catalogue import Catalogue
from catalog.queries.jobs import JobFilter
from catalog.queries.listing import PageRequest
from catalog.states import JobStatus
from strike.settings import StrikeSettings
from tests.strike.bench import StrikeBench
from tests.support.processing import (
    begin_next,
    fail_next,
    processed_scene,
    scene_arrives,
    strike_configuration,
)

pytestmark = pytest.mark.airflow
_NUMBER = re.compile(
    r'<a\b[^>]*?href="(?P<href>[^"]+\?[^"]*)"[^>]*>(?:<span class="number">)?(?P<number>[\d,]+)\b'
)
_PAGES = (
    "overview", "nodes", "ingest", "ingest/strikes/1", "job-types", "job-types/1", "job-types/2",
    "recipes",
)  # fmt: skip


def numbers_of(html: str) -> list[tuple[str, int]]:
    """Return the addresses that numbers lead to, with the numbers."""
    found = _NUMBER.finditer(html)
    return [(unescape(each["href"]), int(each["number"].replace(",", ""))) for each in found]


def rows_of(client: TestClient, address: str) -> int:
    """Return how many rows a list has."""
    answer = client.get(address)
    assert answer.status_code == 200, answer.text
    body: str = answer.text.partition("<tbody")[2].partition("</tbody>")[0]
    return body.count("<tr>")


@pytest.fixture
def busy(catalogue: Catalogue, tmp_path: Path) -> Catalogue:
    """Return a catalogue with jobs and files of every status, also jobs of the system itself."""
    processed_scene(catalogue, tmp_path)
    for name in ("second", "third", "fourth", "fifth"):
        scene_arrives(catalogue, tmp_path, name)
    fail_next(catalogue, "bad-image")
    running = begin_next(catalogue)
    queued = catalogue.queries.jobs.page(PageRequest(), JobFilter(statuses=["QUEUED"])).rows
    catalogue.executions.cancel(max(job.id for job in queued), "Nobody wants it.")
    bench = StrikeBench(catalogue, tmp_path / "strike", "strike", StrikeSettings(stability=0.0))
    for name, content in (("good.txt", b"content"), ("empty.txt", b""), ("notes.doc", b"x")):
        bench.send(name, content)
    bench.run(2)
    bench.close()
    other = catalogue.strikes.create("other", strike_configuration("raw"))
    catalogue.executions.cancel(other.job_id, "Not now.")
    assert catalogue.queries.jobs.one(running.job_id).status is JobStatus.RUNNING
    return catalogue


@pytest.mark.parametrize("path", _PAGES)
def test_a_number_is_that_of_the_rows_behind_it(
    operator: TestClient, busy: Catalogue, path: str
) -> None:
    del busy
    numbers = numbers_of(operator.get(f"/airscale/{path}/").text)

    assert any(number for _, number in numbers)
    assert [(href, rows_of(operator, href)) for href, _ in numbers] == numbers


def test_the_overview_leaves_out_what_the_system_does_for_itself(
    operator: TestClient, busy: Catalogue
) -> None:
    del busy
    numbers = dict(numbers_of(operator.get("/airscale/overview/").text))

    for status in ("RUNNING", "CANCELED"):
        (address,) = [
            each for each in numbers if each.endswith(f"status={status}") and "own" in each
        ]
        assert numbers[address] == 1
        assert rows_of(operator, f"/airscale/jobs/?status={status}") == 2
