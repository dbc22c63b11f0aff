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
            "--files", "200", "--kills", "12", "--minutes", "0.1",
        ],
        cwd=PROJECT, check=False, capture_output=True, text=True, timeout=600,
    )  # fmt: skip

    assert done.returncode == 0, done.stdout + done.stderr
    assert "12 kills, 200 files" in done.stdout
