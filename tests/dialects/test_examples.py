"""The examples of the documentation, run by a shell with the real curl against a real server."""

import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from catalog.catalogue import Catalogue
from tests.support.environment import PROJECT_ROOT
from tests.support.running import running

pytestmark = [pytest.mark.airflow, pytest.mark.slow]
CURL = 'curl() { command curl --silent --show-error --fail-with-body "$@"; }'


@pytest.mark.parametrize("page", ["mozart.md", "ocps.md", "pai.md", "unity.md"])
def test_the_examples_of_a_page_work(
    page: str, address: str, catalogue: Catalogue, user_tokens: Mapping[str, str], tmp_path: Path
) -> None:
    text = (PROJECT_ROOT / "docs" / page).read_text(encoding="utf-8")
    blocks = re.findall(r"^```sh\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    assert blocks
    script = "\n".join(["set -euo pipefail", CURL, *blocks])

    with running(catalogue, tmp_path / "executions"):
        done = subprocess.run(
            ["bash", "-c", script],
            env={**os.environ, "URL": address, "TOKEN": user_tokens["admin"], "no_proxy": "*"},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    assert done.returncode == 0, done.stdout + done.stderr
