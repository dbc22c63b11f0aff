"""The benchmark of the REST lists over a tiny catalogue: every request is answered, and told of."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from airscale import postgres, processes
from benchmarks.requests import requests_of
from benchmarks.seed.bulk import settle
from benchmarks.seed.catalogue import Sizes, seed_catalogue
from benchmarks.server import HOME_VARIABLE, bench_home
from tests.support.environment import PROJECT_ROOT, plain_environment

ROWS = 300


@pytest.fixture
def folder() -> Iterator[Path]:
    """Return a folder that PostgreSQL may enter, gone with all its processes after the test."""
    folder = Path(tempfile.mkdtemp(prefix="airscale-bench-")).resolve()
    with plain_environment(**{HOME_VARIABLE: str(folder), "COLUMNS": "400"}):
        try:
            yield folder
        finally:
            home = bench_home(ROWS)
            processes.stop_leftovers(home)
            postgres.stop(home)
            shutil.rmtree(folder)


def test_the_seeded_rows_fit_together_and_are_tallied(database_url: str) -> None:
    url = database_url.replace("postgresql+psycopg://", "postgresql://")
    with psycopg.connect(url, autocommit=True) as connection:
        indexes = "SELECT indexname FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1"
        before = connection.execute(indexes).fetchall()
        seed_catalogue(connection, Sizes(ROWS))
        settle(connection)

        for noun in ("job", "job_exe", "recipe"):
            tallied = connection.execute(
                "SELECT sum(number) FROM tally WHERE noun = %s AND day = '-infinity'", [noun]
            ).fetchone()
            assert tallied == (ROWS,)
        assert connection.execute(indexes).fetchall() == before


@pytest.mark.stack
def test_every_list_is_measured_beside_those_of_airflow(folder: Path) -> None:
    command = [sys.executable, "-m", "benchmarks.rest", "--rows", str(ROWS), "--rounds", "3"]
    ended = subprocess.run(
        [*command, "--seconds", "0.5", "--clients", "2"],
        cwd=PROJECT_ROOT,
        env=dict(os.environ),
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )

    assert ended.returncode == 0, ended.stdout + ended.stderr
    for request in requests_of(ROWS):
        assert request.path in ended.stdout
    assert re.search(r"/scale/api/jobs/ .* 300 ", ended.stdout), ended.stdout
    assert not processes.leftovers(bench_home(ROWS))
    assert folder.exists()
