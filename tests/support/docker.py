"""Docker engines for tests: the one that is there, a private one, and a connection that breaks."""

import asyncio
import os
import re
import secrets
import shutil
import signal
import subprocess
import tarfile
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Final

import psutil
import pytest
from sqlalchemy import text

from catalog.catalogue import Catalogue
from catalog.tables import JobExecution
from dag_factory.runtimes.docker_check import missing
from examples.docker import BUILD, IMAGE

REQUIRE_VARIABLE: Final = "AIRSCALE_REQUIRE_DOCKER"
LOCAL_ENGINE: Final = "unix:///var/run/docker.sock"
TINY_IMAGE: Final = "airscale-tiny:1"
_DEADLINE_SECONDS: Final = 90.0


def require_docker() -> None:
    """Skip the test where no engine has the example's image; fail it where that is required."""
    lacking = missing(IMAGE, BUILD)
    if lacking is not None:
        do_without(lacking)


def require_image(image: str) -> None:
    """Skip the test where no engine has an image; fail it where that is required."""
    lacking = missing(image, "Build the images with: .ci/engine start && .ci/engine compose")
    if lacking is not None:
        do_without(lacking)


def require_dockerd() -> None:
    """Skip the test, or fail it, where no engine of its own can be started."""
    if os.geteuid() != 0 or shutil.which("dockerd") is None:
        do_without("A private Docker engine needs root and dockerd.")


def do_without(reason: str) -> None:
    """Skip the test for a reason; fail it where an engine is required."""
    if os.environ.get(REQUIRE_VARIABLE) == "1":
        pytest.fail(f"{REQUIRE_VARIABLE} is 1. {reason}")
    pytest.skip(reason)


def with_own_execution_ids(catalogue: Catalogue) -> int:
    """Give executions ids of a test's own, for the engine may be shared; return the first."""
    first = 2**40 + secrets.randbits(40)
    with catalogue.database.engine.begin() as connection:
        table = JobExecution.__tablename__
        connection.execute(text(f"ALTER TABLE {table} ALTER COLUMN id RESTART WITH {first}"))
    return first


def docker(*arguments: str, host: str | None = None) -> str:
    """Run the Docker client; return what it prints."""
    environment = {**os.environ, **({"DOCKER_HOST": host} if host else {})}
    return subprocess.run(
        ["docker", *arguments], env=environment, capture_output=True, text=True, check=True
    ).stdout.strip()


def remove(container: str, host: str) -> None:
    """Remove a container of an engine, by force; wait where the engine is at it already."""
    until(lambda: not _is_left(container, host))


def _is_left(container: str, host: str) -> bool:
    command = ["docker", "--host", host, "rm", "--force", "--volumes", container]
    removed = subprocess.run(command, capture_output=True, text=True, check=False)
    return removed.returncode != 0 and "No such container" not in removed.stderr


def until(condition: Callable[[], bool]) -> None:
    """Wait until a condition holds; fail after a while."""
    deadline = time.monotonic() + _DEADLINE_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            pytest.fail(f"{condition} did not come true within {_DEADLINE_SECONDS:.0f} s")
        time.sleep(0.05)


async def async_until(condition: Callable[[], bool]) -> None:
    """Wait until a condition holds without holding up the event loop."""
    await asyncio.to_thread(until, condition)


@dataclass(slots=True)
class EngineProxy:
    """A socket before the engine's, whose connections a test can cut."""

    host: str
    requests: list[bytes] = field(default_factory=list)
    open: bool = True
    writers: set[asyncio.StreamWriter] = field(default_factory=set)

    def has_asked(self, path: bytes) -> bool:
        """Say whether a request for a path has passed."""
        return any(path in each for each in self.requests)

    def cut(self) -> None:
        """Cut every connection and accept no other."""
        self.open = False
        self.requests.clear()
        for writer in self.writers:
            writer.transport.abort()

    async def connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Forward one connection to the engine."""
        if not self.open:
            self.requests.append(b"refused")
            writer.transport.abort()
            return
        engine_reader, engine_writer = await asyncio.open_unix_connection(
            LOCAL_ENGINE.removeprefix("unix://")
        )
        ends = {writer, engine_writer}
        self.writers |= ends
        try:
            await asyncio.gather(
                self._pump(reader, engine_writer, self.requests),
                self._pump(engine_reader, writer, None),
            )
        finally:
            self.writers -= ends
            for each in ends:
                each.close()

    @staticmethod
    async def _pump(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter, record: list[bytes] | None
    ) -> None:
        with suppress(ConnectionError):
            while data := await reader.read(65536):
                if record is not None:
                    record.append(data)
                writer.write(data)
                await writer.drain()
        writer.close()


@asynccontextmanager
async def engine_proxy() -> AsyncIterator[EngineProxy]:
    """Serve a proxy of the engine until the block ends."""
    with tempfile.TemporaryDirectory(prefix="airscale-proxy-") as folder:
        path = f"{folder}/docker.sock"
        proxy = EngineProxy(f"unix://{path}")
        server = await asyncio.start_unix_server(proxy.connect, path)
        try:
            yield proxy
        finally:
            proxy.cut()
            server.close()


@dataclass(slots=True)
class PrivateEngine:
    """An engine of the test's own, which it may kill; it has no network, and `TINY_IMAGE`."""

    folder: Path
    process: subprocess.Popen[bytes] | None = None

    @property
    def host(self) -> str:
        """The address of the engine."""
        return f"unix://{self.folder}/docker.sock"

    def start(self) -> None:
        """Start it with the data it had, and wait until it answers."""
        for stale in (self.folder / "pid", self.folder / "run/containerd/containerd.pid"):
            stale.unlink(missing_ok=True)
        # In a network of its own: without a bridge, dockerd removes that of the host's engine.
        command = ["unshare", "--net", "dockerd", "--bridge=none", "--iptables=false"]
        command.append(f"--host={self.host}")
        places = {"data-root": "data", "exec-root": "run", "pidfile": "pid"}
        command += [f"--{option}={self.folder / name}" for option, name in places.items()]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
        until(self._answers)

    def _answers(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, (self.folder / "log").read_text()
        with suppress(subprocess.CalledProcessError):
            return bool(docker("version", "--format", "{{.Server.Version}}", host=self.host))
        return False

    def crash(self, container: str) -> None:
        """Kill the engine with all its processes and those of a container, as a lost host does."""
        assert self.process is not None
        pid = int(docker("inspect", "--format", "{{.State.Pid}}", container, host=self.host))
        shim = psutil.Process(pid).parents()[0]
        engine = psutil.Process(self.process.pid)
        # The engine first: it must not see the others end.
        for each in [engine, *engine.children(recursive=True), shim, psutil.Process(pid)]:
            each.send_signal(signal.SIGKILL)
        self.process.wait()
        until(lambda: not psutil.pid_exists(pid) or _is_zombie(pid))

    def stop(self) -> None:
        """Stop it, and its containers with it."""
        if self.process is not None and self.process.poll() is None:
            for container in docker("ps", "--quiet", "--all", host=self.host).split():
                docker("rm", "--force", container, host=self.host)
            self.process.terminate()
            self.process.wait(_DEADLINE_SECONDS)


def _is_zombie(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


@contextmanager
def private_engine() -> Iterator[PrivateEngine]:
    """Run an engine of the test's own until the block ends."""
    folder = Path(tempfile.mkdtemp(prefix="airscale-engine-"))
    engine = PrivateEngine(folder)
    try:
        engine.start()
        import_tiny_image(TINY_IMAGE, engine.host)
        yield engine
    finally:
        engine.stop()
        for mount in _mounts_below(folder):
            subprocess.run(["umount", "--lazy", mount], check=True)
        shutil.rmtree(folder)


def _mounts_below(folder: Path) -> list[str]:
    mounts = [line.split()[1] for line in Path("/proc/self/mounts").read_text().splitlines()]
    return [each for each in mounts if each.startswith(f"{folder}/")][::-1]


def import_tiny_image(image: str, host: str) -> None:
    """Make an image on an engine: of this host's shell and `sleep`, and the libraries they need."""
    programs = [shutil.which("sh"), shutil.which("sleep")]
    listing = subprocess.run(["ldd", *map(str, programs)], capture_output=True, check=True).stdout
    libraries = re.findall(r"(/\S+) \(0x", listing.decode())
    archive = BytesIO()
    with tarfile.open(fileobj=archive, mode="w", dereference=True) as content:
        for path in {*map(str, programs), *libraries}:
            content.add(path)
    subprocess.run(
        ["docker", "import", "-", image],
        env={**os.environ, "DOCKER_HOST": host},
        input=archive.getvalue(),
        stdout=subprocess.DEVNULL,
        check=True,
    )
