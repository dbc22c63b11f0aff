"""Jobs delivered to a search engine, which is here a small server that keeps documents."""

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

import pytest

from catalog.catalogue import Catalogue
from catalog.records.submissions import Submission
from catalog.records.work import JobRecord
from plugins.rest.unity.delivery import URL_VARIABLE, Deliveries, started_deliveries

pytestmark = pytest.mark.airflow
DEADLINE: Final = 60.0


class Engine(ThreadingHTTPServer):
    """Takes bulks of documents, keeps the newest versions, and can be made to refuse."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.documents: dict[str, tuple[int, dict[str, Any]]] = {}
        self.refusals = 0

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_port}"

    def take(self, lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Keep documents; return how it went with each."""
        items = []
        for action, document in zip(lines[::2], lines[1::2], strict=True):
            meta = action["index"]
            assert (meta["_index"], meta["version_type"]) == ("jobs", "external_gte")
            known = self.documents.get(meta["_id"])
            is_old = known is not None and known[0] > meta["version"]
            if not is_old:
                self.documents[meta["_id"]] = (meta["version"], document)
            items.append({"index": {"_id": meta["_id"], "status": 409 if is_old else 200}})
        return items


class _Handler(BaseHTTPRequestHandler):
    server: Engine

    def do_POST(self) -> None:
        assert self.path == "/_bulk"
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        if self.server.refusals:
            self.server.refusals -= 1
            self._answer(503, {"error": "busy"})
            return
        lines = [json.loads(each) for each in body.splitlines()]
        self._answer(200, {"errors": False, "items": self.server.take(lines)})

    def _answer(self, status: int, body: object) -> None:
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as the library has it
        """Say nothing."""


@pytest.fixture
def engine() -> Iterator[Engine]:
    """Return a search engine."""
    server = Engine()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def submit(catalogue: Catalogue) -> JobRecord:
    """Submit a job that runs a command."""
    return catalogue.submissions.submit_command("true", Submission(0, "tester", "OCPS"))


def status(engine: Engine, job: JobRecord) -> str | None:
    found = engine.documents.get(str(job.uid))
    return None if found is None else found[1]["status"]


def wait_until(engine: Engine, job: JobRecord, word: str) -> None:
    deadline = time.monotonic() + DEADLINE
    while status(engine, job) != word:
        assert time.monotonic() < deadline, (status(engine, job), word)
        time.sleep(0.02)


def test_jobs_and_their_changes_are_delivered_though_the_engine_refuses_at_first(
    catalogue: Catalogue, engine: Engine
) -> None:
    before = submit(catalogue)
    catalogue.deliveries.subscribe(engine.url)
    after = submit(catalogue)
    engine.refusals = 2
    deliveries = Deliveries(catalogue, engine.url, idle_seconds=0.02)
    deliveries.start()
    try:
        wait_until(engine, before, "submitted")
        wait_until(engine, after, "submitted")
        catalogue.processes.tell(after.uid, "calibrating")
        wait_until(engine, after, "calibrating")
        catalogue.removal.stop(after.uid, "tester")
        wait_until(engine, after, "failed")
    finally:
        deliveries.stop()

    assert catalogue.deliveries.due(10) == []


def test_nothing_is_noted_while_nobody_is_delivered_to(
    catalogue: Catalogue, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalogue.deliveries.subscribe(engine.url)
    submit(catalogue)
    assert catalogue.deliveries.due(10)

    monkeypatch.delenv(URL_VARIABLE, raising=False)
    assert started_deliveries(catalogue) is None
    submit(catalogue)

    assert catalogue.deliveries.due(10) == []


def test_what_was_not_delivered_is_delivered_after_a_restart(
    catalogue: Catalogue, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(URL_VARIABLE, engine.url)
    catalogue.deliveries.subscribe(engine.url)
    job = submit(catalogue)

    deliveries = started_deliveries(catalogue)
    assert deliveries is not None
    try:
        wait_until(engine, job, "submitted")
    finally:
        deliveries.stop()
