"""A server that speaks the protocol of S3, and buckets on it."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final
from uuid import uuid4

from moto.server import ThreadedMotoServer
from s3fs import S3FileSystem

CONNECTION: Final = "test_s3"
VARIABLE: Final = "AIRFLOW_CONN_TEST_S3"


_PROGRAM: Final = """
import sys
from tests.support.s3 import running_s3
with running_s3() as server:
    print(server.endpoint, flush=True)
    sys.stdin.read()
"""


@dataclass(frozen=True, slots=True)
class S3Server:
    """A server on loopback."""

    endpoint: str

    @property
    def connection(self) -> str:
        """The connection to it, as Airflow reads it from the environment."""
        return f"aws://tester:secret@/?endpoint_url={self.endpoint}&region_name=us-east-1"

    def new_bucket(self) -> str:
        """Make a bucket and return its name."""
        name = f"bucket-{uuid4()}"
        client = S3FileSystem(key="tester", secret="secret", endpoint_url=self.endpoint)  # noqa: S106 - nobody's
        client.mkdir(name)
        return name


@contextmanager
def running_s3() -> Iterator[S3Server]:
    """Run a server on a port of its own."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        yield S3Server(f"http://{host}:{port}")
    finally:
        server.stop()


@contextmanager
def s3_in_a_process() -> Iterator[S3Server]:
    """Run a server in a process of its own, which ends with its input."""
    with subprocess.Popen(
        [sys.executable, "-c", _PROGRAM],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        try:
            yield S3Server(process.stdout.readline().strip())
        finally:
            process.communicate()


def s3_configuration(bucket: str, prefix: str = "files") -> dict[str, Any]:
    """Return the configuration of a workspace in a bucket."""
    broker = {"type": "s3", "bucket": bucket, "prefix": prefix, "connection": CONNECTION}
    return {"version": "1.0", "broker": broker}
