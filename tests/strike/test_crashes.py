"""Whenever the process dies, the next one comes to the same end: nothing lost, nothing twice."""

import itertools
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.catalogue import Catalogue
from catalog.states import IngestStatus
from strike.settings import StrikeSettings
from tests.strike.bench import StrikeBench
from tests.strike.crashing import CrashError, crashing

pytestmark = pytest.mark.slow

Send = tuple[str, bytes]

_numbers = itertools.count()


def new_bench(catalogue: Catalogue, tmp_path: Path, *, workers: int) -> StrikeBench:
    """Return a Strike process of its own in a catalogue that many share."""
    name = f"strike-{next(_numbers)}"
    options = StrikeSettings(stability=0.0, workers=workers)
    return StrikeBench(catalogue, tmp_path / name, name, options)


def send(bench: StrikeBench, files: Sequence[Send]) -> list[Send]:
    """Send files, but overwrite none that waits; return those that were sent."""
    sent = []
    for name, content in files:
        if not (bench.inbox / name).exists():
            bench.send(name, content)
            sent.append((name, content))
    return sent


def run_into_crash(bench: StrikeBench, step: int, *, is_after: bool) -> bool:
    """Make passes until the process dies; False if it came to its end before."""
    engine = bench.catalogue.database.engine
    with crashing(engine, step, is_after=is_after) as crash:
        try:
            bench.run(3)
        except CrashError:
            pass
        finally:
            bench.process.close()
    bench.process = bench.new_process()
    return crash.is_dead


def check(bench: StrikeBench, sent: Sequence[Send]) -> None:
    """Check that every file is in exactly the final state that it must come to."""
    expected: Counter[IngestStatus] = Counter()
    stored: set[Send] = set()
    for name, content in sent:
        if name.endswith(".doc"):
            expected[IngestStatus.DEFERRED] += 1
        elif not content:
            expected[IngestStatus.ERRORED] += 1
        elif (name, content) in stored:
            expected[IngestStatus.DUPLICATE] += 1
        else:
            stored.add((name, content))
            expected[IngestStatus.INGESTED] += 1
    assert bench.statuses() == expected
    assert bench.conservation().unaccounted == 0
    own = bench.sources()
    contents = [(file.file_name, bench.stored(file).read_bytes()) for file in own]
    assert sorted(contents) == sorted(stored)
    in_storage = {each for each in bench.storage.rglob("*") if each.is_file()}
    assert in_storage == {bench.stored(file) for file in own}
    assert len(bench.kept("duplicate")) == expected[IngestStatus.DUPLICATE]
    assert len(bench.kept("errored")) == expected[IngestStatus.ERRORED]
    assert list((bench.inbox / "ingesting").iterdir()) == []


@pytest.mark.parametrize("is_after", [False, True])
def test_a_crash_at_any_step_changes_nothing_in_the_end(
    catalogue: Catalogue,
    tmp_path: Path,
    is_after: bool,  # noqa: FBT001  # a parameter of the test
) -> None:
    first = [("a.h5", b"old"), ("b.txt", b"same")]
    second = [("a.h5", b"new"), ("b.txt", b"same"), ("empty.txt", b""), ("notes.doc", b"?")]
    for step in itertools.count(1):
        bench = new_bench(catalogue, tmp_path, workers=1)
        sent = send(bench, first)
        bench.settle()
        sent += send(bench, second)
        died = run_into_crash(bench, step, is_after=is_after)
        bench.settle()
        bench.run(2)
        check(bench, sent)
        bench.close()
        if not died:
            break
    assert step > 30


files = st.tuples(
    st.sampled_from(["a.h5", "b.txt", "c d.dat", "é.txt", "notes.doc"]),
    st.sampled_from([b"one", b"two", b"three" * 1000, b""]),
)
crashes = st.lists(st.tuples(st.integers(1, 45), st.booleans()), min_size=1, max_size=5)


@given(rounds=st.lists(st.tuples(st.lists(files, max_size=4), crashes), min_size=1, max_size=4))
@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_crashes_one_after_another_change_nothing_in_the_end(
    catalogue: Catalogue,
    tmp_path: Path,
    rounds: list[tuple[list[Send], list[tuple[int, bool]]]],
) -> None:
    bench = new_bench(catalogue, tmp_path, workers=2)
    bench.inbox.mkdir()
    sent: list[Send] = []
    for arriving, points in rounds:
        sent += send(bench, arriving)
        for step, is_after in points:
            run_into_crash(bench, step, is_after=is_after)
    bench.settle()
    bench.run(2)
    check(bench, sent)
    bench.close()
