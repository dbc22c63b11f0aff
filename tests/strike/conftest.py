"""A Strike process of the test's own: a catalogue, an ingest directory and two workspaces."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from catalog.catalogue import Catalogue
from strike.settings import StrikeSettings
from tests.strike.bench import StrikeBench

MakeBench = Callable[..., StrikeBench]


@pytest.fixture
def make_bench(catalogue: Catalogue, tmp_path: Path) -> Iterator[MakeBench]:
    """Return a function that makes benches; what they run is closed after the test."""
    benches: list[StrikeBench] = []

    def make(name: str = "strike", workspace: str = "", **settings: Any) -> StrikeBench:
        options = StrikeSettings(**{"stability": 0.0, **settings})
        bench = StrikeBench(catalogue, tmp_path / name, name, options, workspace)
        bench.home.mkdir(exist_ok=True)
        benches.append(bench)
        return bench

    yield make
    for bench in benches:
        bench.close()


@pytest.fixture
def bench(make_bench: MakeBench) -> StrikeBench:
    """Return a Strike process whose files count as complete at first sight."""
    return make_bench()
