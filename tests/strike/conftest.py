"""A Strike process of the test's own: a catalogue, an ingest directory and two workspaces."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from catalog.catalogue import Catalogue
from strike.settings import StrikeSettings
from tests.strike.bench import StrikeBench

MakeBench = Callable[..., StrikeBench]


@pytest.fixture
def make_bench(catalogue: Catalogue, tmp_path: Path) -> Iterator[MakeBench]:
    """Return a function that makes benches; what they run is closed after the test."""
    benches: list[StrikeBench] = []

    def make(name: str = "strike", **settings: float) -> StrikeBench:
        home = tmp_path / name
        home.mkdir()
        options = StrikeSettings(**{"stability": 0.0, **settings})  # type: ignore[arg-type]  # whole numbers where the field is one
        benches.append(StrikeBench(catalogue, home, name, options))
        return benches[-1]

    yield make
    for bench in benches:
        bench.close()


@pytest.fixture
def bench(make_bench: MakeBench) -> StrikeBench:
    """Return a Strike process whose files count as complete at first sight."""
    return make_bench()
