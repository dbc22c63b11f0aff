"""What every broker does alike, on a directory and on a bucket of a real server."""

import hashlib
import os
from pathlib import Path
from typing import Self

import pytest

from catalog.brokers import Broker, DirectoryBroker, StoredFile, broker_of
from catalog.brokers.broker import Listed
from catalog.errors import InvalidError
from tests.support.s3 import CONNECTION, S3Server, s3_configuration

pytestmark = pytest.mark.slow
LARGE = 20 * 1024 * 1024 + 7  # three parts


@pytest.fixture(params=["directory", "s3"])
def broker(request: pytest.FixtureRequest, tmp_path: Path) -> Broker:
    """Return an empty workspace of each kind."""
    if request.param == "directory":
        return DirectoryBroker(tmp_path / "workspace")
    return broker_of(s3_configuration(request.getfixturevalue("s3_bucket")))


def put(broker: Broker, folder: Path, file_path: str, content: bytes) -> StoredFile:
    source = folder / "source"
    source.write_bytes(content)
    return broker.put(source, file_path)


def read(broker: Broker, file_path: str) -> bytes:
    return b"".join(broker.stream(file_path))


@pytest.mark.parametrize("size", [0, 1, LARGE])
def test_what_was_put_is_read_again_with_its_checksum(
    broker: Broker, tmp_path: Path, size: int
) -> None:
    content = os.urandom(size)
    stored = put(broker, tmp_path, "a/b.bin", content)
    assert stored == StoredFile(size, hashlib.sha256(content).hexdigest())
    assert broker.digest("a/b.bin") == stored
    assert broker.size("a/b.bin") == size
    assert broker.fetch("a/b.bin", tmp_path / "new" / "c.bin") == stored
    assert (tmp_path / "new" / "c.bin").read_bytes() == content


def test_a_part_of_a_file_is_read(broker: Broker, tmp_path: Path) -> None:
    put(broker, tmp_path, "a.bin", b"0123456789")
    assert b"".join(broker.stream("a.bin", 3, 4)) == b"3456"
    assert b"".join(broker.stream("a.bin", 8)) == b"89"


def test_a_file_that_is_put_again_is_replaced(broker: Broker, tmp_path: Path) -> None:
    put(broker, tmp_path, "a.bin", b"old and long")
    put(broker, tmp_path, "a.bin", b"new")
    assert read(broker, "a.bin") == b"new"


def test_names_may_hold_anything_a_file_name_may(broker: Broker, tmp_path: Path) -> None:
    name = "Ü b+c %20 \"'二#?.txt"
    put(broker, tmp_path, f"in/{name}", b"x")
    assert read(broker, f"in/{name}") == b"x"
    assert [each.file_path for each in broker.walk()] == [f"in/{name}"]


def test_a_put_that_fails_leaves_what_stood_there(
    broker: Broker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(broker, tmp_path, "a.bin", b"old")
    (tmp_path / "source").write_bytes(os.urandom(LARGE))
    opened = Path.open

    def breaking(path: Path, *args: object, **options: object) -> object:
        stream = opened(path, *args, **options)  # type: ignore[call-overload]  # passed on
        if path.name == "source":
            stream.seek(LARGE - 1024 * 1024 // 2)
            return _Broken(stream)
        return stream

    with monkeypatch.context() as patched:
        patched.setattr(Path, "open", breaking)
        with pytest.raises(OSError, match="torn"):
            broker.put(tmp_path / "source", "a.bin")
    assert read(broker, "a.bin") == b"old"


class _Broken:
    """A file whose disk fails in the middle."""

    def __init__(self, stream: object) -> None:
        self._reads = 0
        self._stream = stream

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()  # type: ignore[attr-defined]  # a file

    def read(self, size: int) -> bytes:
        """Give content for a while."""
        self._reads += 1
        if self._reads > 10:
            raise OSError(5, "torn")
        return b"x" * size


def test_a_file_that_is_not_there_is_none_of_everything(broker: Broker, tmp_path: Path) -> None:
    assert broker.size("gone.bin") is None
    assert broker.digest("gone.bin") is None
    broker.remove("gone.bin")
    with pytest.raises(FileNotFoundError):
        broker.fetch("gone.bin", tmp_path / "target")
    assert not (tmp_path / "target").exists()


def test_a_duplicate_stands_on_its_own_and_may_be_made_again(
    broker: Broker, tmp_path: Path
) -> None:
    put(broker, tmp_path, "a.bin", b"content")
    for _ in range(2):
        broker.duplicate("a.bin", "moved/here/a.bin")
    broker.remove("a.bin")
    assert [each.file_path for each in broker.walk()] == ["moved/here/a.bin"]
    assert read(broker, "moved/here/a.bin") == b"content"


def test_a_directory_is_walked_in_order(broker: Broker, tmp_path: Path) -> None:
    for name in ("b/2.bin", "b/1.bin", "c.bin", "bb.bin"):
        put(broker, tmp_path, name, name.encode())
    assert list(broker.walk("b")) == [Listed("b/1.bin", 7), Listed("b/2.bin", 7)]
    assert {each.file_path for each in broker.walk()} == {"b/1.bin", "b/2.bin", "c.bin", "bb.bin"}


@pytest.mark.parametrize("file_path", ["/etc/passwd", "..", "a/../b", ""])
def test_no_path_leads_out_of_the_workspace(broker: Broker, file_path: str) -> None:
    for step in (broker.local, broker.size, broker.where, broker.remove):
        with pytest.raises(InvalidError, match="leads out"):
            step(file_path)


def test_a_bucket_that_cannot_be_reached_has_no_sizes(s3_bucket: str) -> None:
    assert broker_of(s3_configuration(s3_bucket)).sizes() is not None
    assert broker_of(s3_configuration("no-such-bucket")).sizes() is None


def test_a_server_that_does_not_answer_is_an_os_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_TEST_S3", "aws://a:b@/?endpoint_url=http://127.0.0.1:9")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    broker = broker_of(s3_configuration("x-bucket"))
    with pytest.raises(OSError, match=r"127\.0\.0\.1:9"):
        put(broker, tmp_path, "a.bin", b"x")


def test_a_connection_that_is_not_set_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AIRFLOW_CONN_TEST_S3", raising=False)
    broker = broker_of(s3_configuration("bucket"))
    assert broker.sizes() is None
    with pytest.raises(OSError, match="AIRFLOW_CONN_TEST_S3"):
        broker.size("a.bin")


@pytest.mark.parametrize("shape", ["uri", "json"])
def test_a_connection_is_read_as_airflow_does(
    s3_server: S3Server, s3_bucket: str, monkeypatch: pytest.MonkeyPatch, shape: str
) -> None:
    if shape == "json":
        monkeypatch.setenv(
            f"AIRFLOW_CONN_{CONNECTION.upper()}",
            '{"conn_type": "aws", "login": "tester", "password": "secret",'
            f' "extra": {{"endpoint_url": "{s3_server.endpoint}"}}}}',
        )
    assert broker_of(s3_configuration(s3_bucket)).sizes() is not None
