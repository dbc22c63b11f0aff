"""The examples of the documentation, run by a shell with the real curl against a real server."""

import os
import re
import subprocess
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
import uvicorn
from fastapi import FastAPI

from catalog.catalogue import Catalogue
from tests.support.environment import PROJECT_ROOT
from tests.support.running import running

pytestmark = [pytest.mark.airflow, pytest.mark.slow]
CURL = 'curl() { command curl --silent --show-error --fail-with-body "$@"; }'


@pytest.fixture
def address(
    dialects: Mapping[str, FastAPI], catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    """Return the address of a server with the dialects; jobs are processes of this host."""
    monkeypatch.setenv("AIRSCALE_PAI_RUNTIME", "process")
    app = FastAPI()
    for prefix, each in dialects.items():
        each.state.catalogue = catalogue
        app.mount(prefix, each)
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning"))
    ready = threading.Event()
    original = server.startup

    async def startup(sockets: object = None) -> None:
        await original(sockets)  # type: ignore[arg-type]  # as uvicorn gives it
        ready.set()

    server.startup = startup  # type: ignore[method-assign]  # uvicorn tells nobody that it is up
    thread = threading.Thread(target=server.run)
    thread.start()
    assert ready.wait(timeout=60)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join()


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
