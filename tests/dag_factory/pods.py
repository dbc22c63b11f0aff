"""Executions in pods, for tests of the Kubernetes runtime."""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from dag_factory.failures import JobFailure
from dag_factory.runtimes.kubernetes import KubernetesRuntime
from dag_factory.runtimes.runtime import Exit, Invocation
from tests.support.invocations import invocation
from tests.support.kubernetes import FOLDER, IMAGE, api_server, remove_pod


class Pods:
    """Makes executions, runs them, and removes their pods in the end."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.executions = folder / "executions"
        self.runtime = KubernetesRuntime()
        self.made: list[Invocation] = []

    def new(self, *argv: str, **options: object) -> Invocation:
        """Return an invocation; options are those of `tests.support.invocations.invocation`."""
        chosen = {"image": IMAGE, **options}
        made = invocation(self.executions, *argv, **chosen)  # type: ignore[arg-type]  # passed on
        self.made.append(made)
        return made

    def shell(self, script: str, **options: object) -> Invocation:
        """Return an invocation of a shell script."""
        return self.new("sh", "-c", script, **options)

    async def run(self, execution: Invocation) -> Exit:
        """Run an execution to its end."""
        await self.runtime.start(execution)
        return await self.runtime.wait(execution)

    async def outcome(self, execution: Invocation) -> Exit | JobFailure:
        """Run an execution to its end, or to its failure."""
        try:
            return await self.run(execution)
        except JobFailure as failure:
            return failure

    async def outcomes(self, executions: dict[str, Invocation]) -> dict[str, Exit | JobFailure]:
        """Run executions beside each other."""
        ends = await asyncio.gather(*(self.outcome(each) for each in executions.values()))
        return dict(zip(executions, ends, strict=True))

    def remove(self) -> None:
        """Remove what is left of the pods."""
        for each in self.made:
            remove_pod(each.name)


@contextmanager
def shared_folder() -> Iterator[Path]:
    """Return a folder that the nodes of the cluster see under the same path."""
    folder = Path(tempfile.mkdtemp(prefix="airscale-pods-", dir=FOLDER))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@dataclass(slots=True)
class Line:
    """A way to the API server whose connections a test can cut."""

    port: int = 0
    open: bool = True
    refused: int = 0
    writers: set[asyncio.StreamWriter] = field(default_factory=set)

    @property
    def server(self) -> str:
        """The address of the API server by this way."""
        return f"https://127.0.0.1:{self.port}"

    def cut(self) -> None:
        """Cut every connection and accept no other."""
        self.open = False
        for writer in self.writers:
            writer.transport.abort()

    async def connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Forward one connection."""
        if not self.open:
            self.refused += 1
            writer.transport.abort()
            return
        server = urlsplit(api_server())
        far_reader, far_writer = await asyncio.open_connection(server.hostname, server.port)
        ends = {writer, far_writer}
        self.writers |= ends
        try:
            await asyncio.gather(_pump(reader, far_writer), _pump(far_reader, writer))
        finally:
            self.writers -= ends


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()


@asynccontextmanager
async def line_to_cluster() -> AsyncIterator[Line]:
    """Serve a way to the API server until the block ends."""
    line = Line()
    server = await asyncio.start_server(line.connect, "127.0.0.1", 0)
    line.port = server.sockets[0].getsockname()[1]
    try:
        yield line
    finally:
        line.cut()
        server.close()
