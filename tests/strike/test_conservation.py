"""Whatever happens in whatever order, and wherever it crashes, every file is accounted for."""

import itertools
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from catalog.catalogue import Catalogue
from catalog.database import Database
from catalog.errors import NotFoundError
from catalog.states import IngestStatus
from catalog.tables import Recipe
from strike.settings import StrikeSettings
from tests.strike import bench as benches
from tests.strike.bench import StrikeBench
from tests.strike.crashing import CrashError, crashing
from tests.support.catalogues import (
    document,
    interface,
    job_type,
    recipe_job,
    recipe_type,
    trigger_rule,
)

pytestmark = pytest.mark.slow

_numbers = itertools.count()
NAMES = ["a.h5", "b.txt", "c d.dat", "é.txt", "notes.doc"]
CONTENTS = [b"one", b"two", b"three" * 1000, b""]


@contextmanager
def watched(catalogue: Catalogue, strike_id: int) -> Iterator[None]:
    """Check the account of a Strike process after every commit, as another reader sees it."""
    database = Database(catalogue.database.engine.url.render_as_string(hide_password=False))
    reader = Catalogue(database)

    def check(session: Session) -> None:
        if session.get_bind() is catalogue.database.engine:
            account = reader.ingests.conservation(strike_id)
            assert account.unaccounted == 0, account

    event.listen(Session, "after_commit", check)
    try:
        yield
    finally:
        event.remove(Session, "after_commit", check)
        database.close()


class Deliveries(RuleBasedStateMachine):
    """Files arrive, are finished and fail; the process runs, crashes and is told other things."""

    catalogue: Catalogue
    home: Path

    def __init__(self) -> None:
        super().__init__()
        name = f"strike-{next(_numbers)}"
        options = StrikeSettings(stability=0.0, workers=2, batch=3)
        self.bench = StrikeBench(self.catalogue, self.home / name, name, options)
        self.bench.inbox.mkdir()
        self.has_doc_rule = False
        self.sent: list[tuple[str, bytes]] = []
        self.catalogue.configuration.import_document(each_file_starts(name, self.bench.workspace))

    def teardown(self) -> None:
        """Let everything come to its end, and compare it with what was sent."""
        self.bench.process.close()
        self.bench.process = self.bench.new_process()
        self.bench.catalogue.strikes.update(self.bench.strike.id, {"is_paused": False})
        for waiting in self.bench.inbox.glob("*_tmp"):
            waiting.rename(waiting.with_name(waiting.name.removesuffix("_tmp")))
        self.bench.settle()
        self.bench.run(2)
        self.bench.close()
        self.check_ends()

    @rule(name=st.sampled_from(NAMES), content=st.sampled_from(CONTENTS))
    def send(self, name: str, content: bytes) -> None:
        """Send a complete file, unless one of its name waits."""
        if not any((self.bench.inbox / each).exists() for each in (name, f"{name}_tmp")):
            self.bench.send(name, content)
            self.sent.append((name, content))

    @rule(name=st.sampled_from(NAMES), content=st.sampled_from(CONTENTS))
    def begin(self, name: str, content: bytes) -> None:
        """Begin to send a file, under its transfer name."""
        if not any((self.bench.inbox / each).exists() for each in (name, f"{name}_tmp")):
            self.bench.send(f"{name}_tmp", content)
            self.sent.append((name, content))

    @rule(name=st.sampled_from(NAMES))
    def finish(self, name: str) -> None:
        """Take the transfer suffix from a file."""
        waiting = self.bench.inbox / f"{name}_tmp"
        if waiting.exists():
            waiting.rename(self.bench.inbox / name)

    @rule(passes=st.integers(1, 3))
    def run_passes(self, passes: int) -> None:
        """Make passes."""
        with watched(self.catalogue, self.bench.strike.id):
            self.bench.run(passes)

    @rule(step=st.integers(1, 60), is_after=st.booleans())
    def crash(self, step: int, *, is_after: bool) -> None:
        """Make passes and die at one of their steps; another process takes over."""
        with crashing(self.catalogue.database.engine, step, is_after=is_after):
            try:
                self.bench.run(2)
            except CrashError:
                pass
            finally:
                self.bench.process.close()
        self.bench.process = self.bench.new_process()

    @rule(is_paused=st.booleans())
    def pause(self, *, is_paused: bool) -> None:
        """Pause or resume the process."""
        self.bench.catalogue.strikes.update(self.bench.strike.id, {"is_paused": is_paused})

    @rule()
    def retry(self) -> None:
        """Ask for everything to be tried again."""
        with suppress(NotFoundError):
            self.bench.catalogue.ingests.retry(strike_ids=[self.bench.strike.id])

    @rule(has_checksums=st.booleans())
    def check(self, *, has_checksums: bool) -> None:
        """Tell generations by their content, too, or not."""
        self.bench.options["checksum"] = has_checksums
        self.bench.reconfigure()

    @rule()
    def add_rule(self) -> None:
        """Add the rule that was missing."""
        if not self.has_doc_rule:
            self.has_doc_rule = True
            self.bench.rules.append(benches.rule(".*doc", "notes", self.bench.workspace))
            self.bench.reconfigure()

    @invariant()
    def every_file_is_accounted_for(self) -> None:
        """Nothing that was seen is nowhere."""
        assert self.bench.conservation().unaccounted == 0

    def check_ends(self) -> None:
        """Check that every file is in the final state it must come to, with its recipe once."""
        expected: Counter[IngestStatus] = Counter()
        stored: set[tuple[str, bytes]] = set()
        for name, content in self.sent:
            if not content:
                is_undecided = name.endswith(".doc") and not self.has_doc_rule
                status = IngestStatus.DEFERRED if is_undecided else IngestStatus.ERRORED
            elif name.endswith(".doc") and not self.has_doc_rule:
                status = IngestStatus.DEFERRED
            elif (name, content) in stored:
                status = IngestStatus.DUPLICATE
            else:
                stored.add((name, content))
                status = IngestStatus.INGESTED
            expected[status] += 1
        assert self.bench.statuses() == expected
        sources = self.bench.sources()
        contents = [(each.file_name, self.bench.stored(each).read_bytes()) for each in sources]
        assert sorted(contents) == sorted(stored)
        assert sorted(fed(self.catalogue, sources)) == sorted(each.id for each in sources)


def fed(catalogue: Catalogue, sources: Any) -> list[int]:
    """Return the file of each recipe that one of these sources started."""
    wanted = {each.id for each in sources}
    with Session(catalogue.database.engine) as session:
        found = [data["input_data"][0]["file_id"] for data in session.scalars(select(Recipe.data))]
    return [each for each in found if each in wanted]


def each_file_starts(name: str, workspace: str) -> dict[str, Any]:
    """Return a configuration whose recipe type is started by the files of one workspace."""
    trigger = trigger_rule(
        version="1.0", data={"input_data_name": "file", "workspace_name": workspace}
    )
    return document(
        [job_type("look", interface({"file": "file"}))],
        [
            recipe_type(
                "each",
                {"look": recipe_job("look", {"file": "file"})},
                {"file": "file"},
                trigger_rule={**trigger, "name": name},
            )
        ],
    )


def test_whatever_happens_every_file_is_accounted_for(catalogue: Catalogue, tmp_path: Path) -> None:
    class Here(Deliveries):
        pass

    Here.catalogue, Here.home = catalogue, tmp_path
    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=12,
            stateful_step_count=14,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
