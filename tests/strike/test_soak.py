"""A short soak: Strike is killed while files arrive (the long one is a benchmark)."""

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
PROJECT = Path(__file__).parents[2]


def test_whenever_strike_is_killed_every_file_has_its_recipe_once() -> None:
    done = subprocess.run(
        [
            sys.executable, "-m", "benchmarks.ingest_soak",
            "--files", "400", "--kills", "20", "--minutes", "5",
        ],
        cwd=PROJECT, check=False, capture_output=True, text=True, timeout=900,
    )  # fmt: skip

    assert done.returncode == 0, done.stdout + done.stderr
    assert "20 kills, 400 files" in done.stdout
