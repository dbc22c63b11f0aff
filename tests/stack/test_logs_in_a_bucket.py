"""What jobs print, in a bucket whose connection only Airflow's database has, in every process."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from s3fs import S3FileSystem

from airscale import stack
from airscale.home import Home
from tests.stack.system import System, eventually
from tests.support.airflow_rest import airflow_document
from tests.support.environment import plain_environment
from tests.support.queueing import configure, queue
from tests.support.s3 import S3Server, running_s3

pytestmark = pytest.mark.stack
CONNECTION: Final = "bucket_of_logs"


@pytest.fixture
def server() -> Iterator[S3Server]:
    with running_s3() as server:
        yield server


@pytest.fixture
def bucket(server: S3Server) -> str:
    return server.new_bucket()


@pytest.fixture
def keeping(server: S3Server, bucket: str) -> Iterator[System]:
    """Start a system that keeps logs in the bucket."""
    with tempfile.TemporaryDirectory(prefix="airscale-") as folder:
        system = System(Home(Path(folder).resolve() / "home"), Path(folder) / "recipes")
        settings = {"AIRSCALE_LOGS": f"s3://{bucket}/logs", "AIRSCALE_LOGS_CONNECTION": CONNECTION}
        try:
            with plain_environment(**settings):
                stack.up(system.home)
            document = {
                "connection_id": CONNECTION,
                "conn_type": "aws",
                "login": "tester",
                "password": "secret",
                "extra": f'{{"endpoint_url": "{server.endpoint}", "region_name": "us-east-1"}}',
            }
            airflow_document(system.login, "/api/v2/connections", document)
            yield system
        finally:
            system.down()


def test_a_running_job_is_heard_and_its_log_is_one_object_in_the_end(
    keeping: System, server: S3Server, bucket: str
) -> None:
    there = S3FileSystem(
        key="tester",
        secret="secret",  # noqa: S106 - nobody's
        endpoint_url=server.endpoint,
        use_listings_cache=False,
    )
    go = keeping.home.root / "go"
    with keeping.client() as client:
        program = f"echo one; while [ ! -e {go} ]; do sleep 0.1; done; echo two"
        job_type = configure(
            client, "talking", "sh", start="triggerer", arguments=f"-c '{program}'"
        )
        job = queue(client, job_type)
        (execution,) = eventually(lambda: client.get(f"/jobs/{job}/")["job_exes"], len)
        logs = f"/job-executions/{execution['id']}/logs/"
        eventually(lambda: client.get(logs)["stdout"], lambda text: text == "one\n")
        assert client.get(f"/jobs/{job}/")["status"] == "RUNNING"
        go.touch()
        eventually(
            lambda: client.get(f"/jobs/{job}/")["status"], lambda found: found == "COMPLETED"
        )
        assert client.download(f"/scale/api{logs}stdout/") == b"one\ntwo\n"
    (kept,) = there.find(f"{bucket}/logs")
    assert kept.endswith(".stdout.log")
    assert there.cat_file(kept) == b"one\ntwo\n"
