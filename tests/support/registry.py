"""A registry of images that wants a login: Debian's `docker-registry`."""

import json
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.support.docker import LOCAL_ENGINE, do_without, docker, import_tiny_image, until

PROGRAM: Final = "docker-registry"
USERNAME: Final = "airscale"
PASSWORD: Final = "not-a-secret"  # noqa: S105  # of a server on loopback, for seconds
_HASHED: Final = "$2b$04$xs/XSe3BSfk90gfRbEsNjeE4S5t40DMFzSdNPVmovWQFXpfC8GXxy"  # by bcrypt


@dataclass(frozen=True, slots=True)
class Registry:
    """A registry on loopback, which engines reach without TLS."""

    folder: Path
    address: str

    def push(self, name: str) -> str:
        """Make an image that only this registry has; return its whole name."""
        image = f"{self.address}/{name}"
        import_tiny_image(image, os.environ.get("DOCKER_HOST") or LOCAL_ENGINE)
        login = ["login", "--username", USERNAME, "--password-stdin", self.address]
        self._docker(*login, given=PASSWORD)
        self._docker("push", "--quiet", image)
        docker("rmi", image)
        return image

    def connection(self, password: str = PASSWORD, **more: object) -> str:
        """Return an Airflow connection to it, as Airflow reads it from the environment."""
        host, _, port = self.address.partition(":")
        known = {"host": host, "port": int(port), "login": USERNAME, "password": password}
        return json.dumps({"conn_type": "docker", **known, **more})

    def _docker(self, *arguments: str, given: str = "") -> None:
        environment = {**os.environ, "DOCKER_CONFIG": str(self.folder / "client")}
        command = ["docker", *arguments]
        subprocess.run(
            command, env=environment, input=given, text=True, capture_output=True, check=True
        )

    def answers(self) -> bool:
        """Say whether somebody listens at its address."""
        host, _, port = self.address.partition(":")
        with suppress(OSError), socket.create_connection((host, int(port)), timeout=5):
            return True
        return False


@contextmanager
def running_registry() -> Iterator[Registry]:
    """Run a registry of its own until the block ends; skip the test where there is none."""
    if shutil.which(PROGRAM) is None:
        do_without(f"There is no {PROGRAM}. As root: apt-get install {PROGRAM}")
    with tempfile.TemporaryDirectory(prefix="airscale-registry-") as folder:
        registry = Registry(Path(folder), f"127.0.0.1:{_free_port()}")
        (registry.folder / "users").write_text(f"{USERNAME}:{_HASHED}\n")
        configuration = registry.folder / "config.yml"
        configuration.write_text(json.dumps(_configuration(registry)))  # JSON is YAML
        with (registry.folder / "log").open("wb") as log:
            process = subprocess.Popen(
                [PROGRAM, "serve", configuration], stdout=log, stderr=log, start_new_session=True
            )
        try:
            until(registry.answers)
            yield registry
        finally:
            process.terminate()
            process.wait(30)


def _configuration(registry: Registry) -> Mapping[str, object]:
    return {
        "version": "0.1",
        "storage": {"filesystem": {"rootdirectory": str(registry.folder / "images")}},
        "http": {"addr": registry.address},
        "auth": {"htpasswd": {"realm": "tests", "path": str(registry.folder / "users")}},
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
