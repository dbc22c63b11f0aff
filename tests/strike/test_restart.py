"""PostgreSQL is restarted while Strike ingests: it goes on where it was."""

import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from airscale import postgres
from airscale.home import Home
from benchmarks.ingest_bench import IngestBench, ingest_bench, make_files
from benchmarks.ingest_soak import account
from strike.process import StrikeProcess
from strike.settings import StrikeSettings

pytestmark = pytest.mark.slow
FILES = 400
PATIENCE = 240.0


@pytest.fixture
def own_server() -> Iterator[IngestBench]:
    """Return a catalogue on a server of the test's own, which may be restarted."""
    with tempfile.TemporaryDirectory(prefix="airscale-restart-", dir="/var/tmp") as folder:
        root = Path(folder)
        root.chmod(0o755)
        with ingest_bench(root) as bench:
            yield bench


def test_a_restart_of_the_database_in_the_middle_costs_no_file(own_server: IngestBench) -> None:
    bench = own_server
    strike_id, inbox = bench.strike("soak")
    bench.recipe_for_each_file("soak")
    inbox.rmdir()
    make_files(inbox, FILES)
    process = StrikeProcess(
        bench.catalogue, strike_id, StrikeSettings(stability=0.0, batch=8, workers=2)
    )
    restarted = threading.Event()

    def restart() -> None:
        while not any((inbox / "ingesting").glob("*/*")):
            time.sleep(0.01)
        postgres.stop(Home(bench.home))
        postgres.start(Home(bench.home))
        restarted.set()

    thread = threading.Thread(target=restart)
    thread.start()
    deadline = time.monotonic() + PATIENCE
    while account(bench, FILES) if restarted.is_set() else True:
        summary = process.run_pass(1.0)
        assert time.monotonic() < deadline, summary
        time.sleep(min(summary.look_again, 0.5))
    thread.join()
    process.close()

    assert account(bench, FILES) == []
