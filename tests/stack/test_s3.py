"""A workspace in a bucket whose connection only Airflow's database has, in every process."""

from collections.abc import Iterator
from typing import Any, Final

import pytest
from s3fs import S3FileSystem

from tests.stack.system import System, eventually
from tests.support.airflow_rest import airflow_document
from tests.support.s3 import S3Server, running_s3

pytestmark = pytest.mark.stack
CONNECTION: Final = "bucket_of_airflow"


@pytest.fixture
def server(system: System) -> Iterator[S3Server]:
    """Run a server that only a connection in Airflow's database knows."""
    with running_s3() as server:
        document = server.connection_document(CONNECTION)
        airflow_document(system.login, "/api/v2/connections", document)
        yield server


def workspace(bucket: str) -> dict[str, Any]:
    broker = {"type": "s3", "bucket": bucket, "connection": CONNECTION}
    return {"name": "bucket", "json_config": {"version": "1.0", "broker": broker}}


def strike(inbox: str) -> dict[str, Any]:
    rule = {"filename_regex": ".*", "workspace_path": "in", "workspace_name": "bucket"}
    return {
        "name": "into bucket",
        "configuration": {
            "mount": f"host:{inbox}",
            "transfer_suffix": "_tmp",
            "files_to_ingest": [rule],
        },
    }


def test_every_process_reaches_a_bucket_by_a_connection_of_airflows_database(
    system: System, server: S3Server
) -> None:
    bucket = server.new_bucket()
    there = S3FileSystem(key="tester", secret="secret", endpoint_url=server.endpoint)  # noqa: S106 - nobody's
    there.pipe_file(f"{bucket}/archive/old.bin", b"old")
    inbox = system.home.root / "inbox-of-bucket"
    inbox.mkdir()
    (inbox / "new.bin").write_bytes(b"pixels")
    with system.client() as client:
        assert client.post("/workspaces/validation/", workspace(bucket))["warnings"] == []
        made = client.post("/workspaces/", workspace(bucket))
        client.post("/strike/create/", strike(str(inbox)))
        configuration = {"workspace_name": "bucket", "workspace_path": "archive"}
        scan = client.post("/scans/", {"name": "old", "configuration": configuration})
        client.post(f"/scans/{scan['id']}/process/", {"ingest": True})

        # the triggerer runs the Strike process, a worker the scan, the API server the download
        (ingest,) = eventually(
            lambda: system.ingests(client, "new.bin"), lambda found: ended(found, "INGESTED")
        )
        assert client.download(ingest["source_file"]["url"]) == b"pixels"
        eventually(
            lambda: [client.get(f"/scans/{scan['id']}/")], lambda each: ended(each, "INGESTED")
        )
        assert {each["file_name"] for each in client.list("/sources/")} >= {"old.bin", "new.bin"}

        # housekeeping, in a worker, asks the bucket
        used = eventually(
            lambda: client.get(f"/workspaces/{made['id']}/")["used_size"],
            lambda size: size is not None,
        )
        assert used <= len(b"pixels") + len(b"old")


def ended(found: list[dict[str, Any]], status: str) -> bool:
    """Say whether the only thing that was found has ended as it should."""
    return [each["status"] for each in found] == [status]
