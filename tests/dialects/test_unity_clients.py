"""The jobs database, read by the official clients of Elasticsearch 7.17, 8 and 9.

They cannot stand in one environment: each has its own, made once in the cache.
"""

import fcntl
import hashlib
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pytest

from catalog.catalogue import Catalogue
from catalog.records.submissions import Submission

pytestmark = [pytest.mark.airflow, pytest.mark.slow]
CLIENTS: Final = Path(__file__).parent / "clients"
REQUIRED: Final = "AIRSCALE_REQUIRE_CLIENTS"
TOKEN: Final = "a-token-of-the-test"  # noqa: S105 - of a job of the test


def environment(version: str) -> Path:
    """Return the Python of an environment with this client, made where it is missing."""
    requirements = CLIENTS / f"elasticsearch-{version}.txt"
    digest = hashlib.sha256(requirements.read_bytes() + sys.version.encode()).hexdigest()[:16]
    caches = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    home = caches / "airscale-ci" / "clients" / f"{version}-{digest}"
    home.parent.mkdir(parents=True, exist_ok=True)
    python = home / "bin" / "python"
    with home.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (home / ".installed").exists():
            subprocess.run([sys.executable, "-m", "venv", "--clear", str(home)], check=True)
            install = [str(python), "-m", "pip", "install", "--quiet", "-r", str(requirements)]
            done = subprocess.run(install, capture_output=True, text=True, check=False, timeout=300)
            if done.returncode != 0:
                sentence = f"The client of {requirements.name} cannot be installed: {done.stderr}"
                if os.environ.get(REQUIRED):
                    pytest.fail(sentence)
                pytest.skip(sentence)
            (home / ".installed").touch()
    return python


@pytest.mark.parametrize("version", ["7", "8", "9"])
def test_the_official_client_reads_the_jobs_database(
    version: str, address: str, catalogue: Catalogue, user_tokens: Mapping[str, str]
) -> None:
    python = environment(version)
    job = catalogue.submissions.submit_command(
        "true",
        Submission(0, "tester", "UNITY", tags=("smoke",), environment={"UNITY_JOB_TOKEN": TOKEN}),
    )
    catalogue.submissions.submit_command("true", Submission(0, "tester", "UNITY"))

    arguments = [f"{address}/es", user_tokens["admin"], str(job.uid), TOKEN]
    done = subprocess.run(
        [str(python), str(CLIENTS / "smoke.py"), *arguments],
        env={**os.environ, "no_proxy": "*"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert f"passed with {version}." in done.stdout
