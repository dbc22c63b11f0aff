"""What an execution prints: while it runs, its last lines, and as server-sent events."""

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import pytest
from fastapi.testclient import TestClient

from catalog.catalogue import Catalogue
from catalog.logs import LOGS_VARIABLE, Stream, log_store
from catalog.records.execution import ExecutionPlan, Failure
from tests.support.logs import KINDS, set_store
from tests.support.processing import begin_next, scene_arrives
from tests.support.scenes import load_example

pytestmark = pytest.mark.airflow
LOGS = "/scale/api/job-executions/1/logs/"


class Prints(Protocol):
    """Lets an execution print something."""

    def __call__(self, stream: Stream, content: bytes, *, is_over: bool = False) -> None:
        """Let it be in the log store."""


@pytest.fixture(params=KINDS)
def plan(
    request: pytest.FixtureRequest,
    catalogue: Catalogue,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> ExecutionPlan:
    """Return the plan of an execution that runs; its log is kept in a store of each kind."""
    set_store(request, monkeypatch, tmp_path)
    load_example(catalogue, tmp_path)
    scene_arrives(catalogue, tmp_path)
    return begin_next(catalogue)


@pytest.fixture
def prints(plan: ExecutionPlan, tmp_path: Path) -> Prints:
    """Let the execution have printed more, also when it is over with that."""

    def prints(stream: Stream, content: bytes, *, is_over: bool = False) -> None:
        source = tmp_path / f"{stream}.source"
        with source.open("ab") as target:
            target.write(content)
        log = log_store().log(plan.job_exe_id, plan.started, stream)
        if is_over:
            log.finish(source, least=0)
        else:
            log.copy_new(source)

    return prints


def events(text: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for block in text.strip().split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines())
        if "event" in fields:
            yield fields["event"], fields["id"], json.loads(fields["data"])


def end(catalogue: Catalogue, plan: ExecutionPlan) -> None:
    catalogue.executions.fail(
        plan.job_exe_id, Failure("bad-image", "Dark.", stdout="a", stderr="b")
    )


def test_a_running_execution_shows_what_it_printed_so_far(
    client: TestClient, prints: Prints
) -> None:
    prints(Stream.STDOUT, b"one\ntwo\n")
    prints(Stream.STDERR, b"\xff\0\n")
    logs = client.get(LOGS).json()
    assert (logs["is_finished"], logs["stdout"]) == (False, "one\ntwo\n")
    assert client.get(f"{LOGS}stdout/").text == "one\ntwo\n"
    assert client.get(f"{LOGS}stderr/").content == b"\xff\0\n"


def test_only_the_last_lines_are_shown_when_asked_for(client: TestClient, prints: Prints) -> None:
    prints(Stream.STDOUT, b"one\ntwo\nthree\n")
    assert client.get(LOGS, params={"tail": 2}).json()["stdout"] == "two\nthree\n"
    assert client.get(f"{LOGS}stdout/", params={"tail": 1}).text == "three\n"
    assert client.get(LOGS, params={"tail": 0}).status_code == 400


def test_a_running_execution_is_followed_to_its_end(
    client: TestClient, catalogue: Catalogue, plan: ExecutionPlan, prints: Prints
) -> None:
    prints(Stream.STDOUT, "one ü".encode()[:-1])

    def go_on() -> None:
        prints(Stream.STDOUT, "ü".encode()[-1:] + b"\ntwo\n")
        prints(Stream.STDERR, b"three\n", is_over=True)
        prints(Stream.STDOUT, b"", is_over=True)
        end(catalogue, plan)

    later = threading.Timer(1.0, go_on)
    later.start()
    answer = client.get(f"{LOGS}stream/")
    later.join()
    assert answer.headers["content-type"].startswith("text/event-stream")
    got = list(events(answer.text))
    said = {name: "".join(each["text"] for kind, _, each in got if kind == name)
            for name in ("stdout", "stderr")}  # fmt: skip
    assert said == {"stdout": "one ü\ntwo\n", "stderr": "three\n"}
    assert got[-1] == ("end", "11:6", {"status": "FAILED"})


def test_a_client_that_comes_again_gets_nothing_twice(
    client: TestClient, catalogue: Catalogue, plan: ExecutionPlan, prints: Prints
) -> None:
    prints(Stream.STDOUT, b"one\ntwo\n")
    end(catalogue, plan)
    answer = client.get(f"{LOGS}stream/", headers={"Last-Event-ID": "4:0"})
    got = list(events(answer.text))
    assert got[0] == ("stdout", "8:0", {"text": "two\n"})


def test_the_stream_of_an_execution_that_left_no_file_is_what_the_catalogue_has(
    client: TestClient, catalogue: Catalogue, plan: ExecutionPlan
) -> None:
    end(catalogue, plan)
    names = [(name, data) for name, _, data in events(client.get(f"{LOGS}stream/").text)]
    assert names == [
        ("stdout", {"text": "a"}), ("stderr", {"text": "b"}), ("end", {"status": "FAILED"}),
    ]  # fmt: skip


def test_there_is_no_stream_of_an_execution_that_is_not_there(client: TestClient) -> None:
    assert client.get("/scale/api/job-executions/77/logs/stream/").status_code == 404


@pytest.mark.parametrize("address", ["stdout/", "", "stream/"])
def test_a_log_store_that_cannot_be_read_is_said(
    client: TestClient, plan: ExecutionPlan, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    del plan
    monkeypatch.setenv(LOGS_VARIABLE, "gs://elsewhere")
    answer = client.get(f"{LOGS}{address}")
    assert answer.status_code == 503
    assert "neither a directory nor s3://bucket/prefix" in answer.json()["detail"]


def test_what_the_catalogue_has_is_shown_without_the_log_store(
    client: TestClient,
    catalogue: Catalogue,
    plan: ExecutionPlan,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    end(catalogue, plan)
    monkeypatch.setenv(LOGS_VARIABLE, "gs://elsewhere")
    logs = client.get(LOGS).json()
    assert (logs["stdout"], logs["stderr"]) == ("a", "b")
    assert client.get(f"{LOGS}stdout/", params={"tail": 1}).text == "a"
