"""A Strike process that stores in a bucket."""

import pytest

from catalog.brokers import Broker, broker_of
from catalog.states import IngestStatus
from tests.strike.bench import StrikeBench
from tests.strike.conftest import MakeBench
from tests.support.s3 import VARIABLE, s3_configuration

pytestmark = pytest.mark.slow


@pytest.fixture
def remote(make_bench: MakeBench, s3_bucket: str) -> StrikeBench:
    """Return a Strike process whose workspace is a bucket."""
    bench = make_bench()
    with bench.catalogue.database.transaction() as tx:
        workspace = tx.workspaces.named(bench.workspace)
    bench.catalogue.workspaces.edit(workspace.id, {"json_config": s3_configuration(s3_bucket)})
    return bench


def storage(bench: StrikeBench) -> Broker:
    with bench.catalogue.database.transaction() as tx:
        return broker_of(tx.workspaces.named(bench.workspace).json_config)


def stored(bench: StrikeBench) -> list[bytes]:
    broker = storage(bench)
    return [b"".join(broker.stream(each.file_path)) for each in broker.walk()]


def test_files_are_stored_in_the_bucket_and_leave_the_directory(remote: StrikeBench) -> None:
    remote.send("scene.h5", b"pixels")
    remote.settle()
    (source,) = remote.sources()
    assert storage(remote).digest(source.file_path) is not None
    assert stored(remote) == [b"pixels"]
    assert not list(remote.inbox.glob("*.h5"))


def test_the_same_content_again_is_a_duplicate(remote: StrikeBench) -> None:
    for _ in range(2):
        remote.send("scene.h5", b"pixels")
        remote.settle()
    assert [each.status for each in remote.ingests("scene.h5")] == [
        IngestStatus.INGESTED,
        IngestStatus.DUPLICATE,
    ]
    assert stored(remote) == [b"pixels"]


def test_files_wait_while_the_connection_is_not_there(
    remote: StrikeBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.delenv(VARIABLE)
        remote.send("scene.h5", b"pixels")
        remote.run(3)
        waiting = remote.ingest("scene.h5")
        assert waiting.status is IngestStatus.INGESTING
        assert VARIABLE in (waiting.detail or "")
    remote.settle()
    assert stored(remote) == [b"pixels"]
