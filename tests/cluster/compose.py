"""One cluster of docker-compose.yaml, as a test drives it."""

import json
import os
import subprocess
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from airscale.demo.client import ScaleClient
from airscale.home import PROJECT_ROOT, Home
from airscale.login import Login

SERVICES: Final = frozenset(
    {
        "api-server",
        "dag-processor",
        "postgres",
        "redis",
        "scheduler-1",
        "scheduler-2",
        "triggerer-1",
        "triggerer-2",
        "worker-1",
        "worker-2",
    }
)
DEADLINE: Final = 420.0


@dataclass(frozen=True, slots=True)
class Cluster:
    """
    The containers of one project of docker-compose.

    Parameters
    ----------
    variables
        What docker-compose.yaml takes from the environment.
    """

    project: str
    folder: Path
    port: int
    variables: Mapping[str, str]

    @property
    def home(self) -> Home:
        """The folder that the cluster shares, at its path on this host."""
        return Home(self.folder)

    def compose(self, *arguments: str, text: str | None = None, check: bool = True) -> str:
        """Run docker-compose, and return what it printed."""
        command = ["docker-compose", "-p", self.project, *arguments]
        done = subprocess.run(
            command,
            cwd=PROJECT_ROOT,
            env={**os.environ, **self.variables},
            input=text,
            capture_output=True,
            text=True,
            check=False,
        )
        assert not check or done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
        return done.stdout

    def container(self, service: str) -> str:
        """Return the id of a service's container."""
        return self.compose("ps", "-q", service).strip()

    def kill(self, service: str) -> None:
        """Kill a service as the kernel would: nothing is told before."""
        docker("kill", "--signal", "KILL", self.container(service))

    def healthy(self) -> frozenset[str]:
        """Return the services whose health check succeeds."""
        named = self.compose("ps", "-q").split()
        described = json.loads(docker("inspect", *named)) if named else []
        return frozenset(
            each["Config"]["Labels"]["com.docker.compose.service"]
            for each in described
            if each["State"].get("Health", {}).get("Status") == "healthy"
        )

    def doctor(self) -> str:
        """Return what the doctor says in a container; it must find nothing broken."""
        return self.compose(
            "exec", "-T", "triggerer-2", "python", "-m", "airscale", "doctor", "--wait", "120"
        )

    @property
    def login(self) -> Login:
        """Where it is, and who may come in."""
        password = self.compose(
            "exec", "-T", "api-server", "cat", "/run/airscale/secrets/admin_password"
        )
        return Login(f"http://127.0.0.1:{self.port}", "admin", password.strip())

    def client(self) -> AbstractContextManager[ScaleClient]:
        """Open a logged-in client of the REST API."""
        return ScaleClient(self.login)


def docker(*arguments: str) -> str:
    """Run the Docker client, and return what it printed."""
    done = subprocess.run(["docker", *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"docker {arguments}: {done.stderr}"
    return done.stdout


def eventually(holds: Callable[[], Any], seconds: float = DEADLINE) -> Any:
    """Return what becomes true; fail if it does not in time."""
    deadline = time.monotonic() + seconds
    while not (found := holds()):
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(1)
    return found
