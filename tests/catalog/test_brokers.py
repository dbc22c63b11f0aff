"""Workspaces on disk: a file is there whole or not at all."""

import hashlib
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from catalog.brokers import DirectoryBroker, StoredFile, broker_of, digest_of
from catalog.errors import InvalidError


@pytest.fixture
def broker(tmp_path: Path) -> DirectoryBroker:
    """Return a broker over an empty directory."""
    return DirectoryBroker(tmp_path / "workspace")


@pytest.mark.parametrize("file_path", ["/etc/passwd", "..", "a/../b", "a/../../b", "", "."])
def test_a_path_that_leads_out_of_the_workspace_is_refused(
    broker: DirectoryBroker, file_path: str
) -> None:
    with pytest.raises(InvalidError, match="leads out of its workspace"):
        broker.path(file_path)


def test_dots_in_names_are_no_way_out(broker: DirectoryBroker) -> None:
    assert broker.path("a/..b/c...d") == broker.root / "a/..b/c...d"


def test_put_returns_the_size_and_checksum_of_what_stands_there(
    broker: DirectoryBroker, tmp_path: Path
) -> None:
    content = os.urandom(3_000_000)
    source = tmp_path / "source"
    source.write_bytes(content)
    stored = broker.put(source, "a/b/c.bin")
    assert stored == StoredFile(len(content), hashlib.sha256(content).hexdigest())
    assert broker.path("a/b/c.bin").read_bytes() == content
    assert digest_of(broker.path("a/b/c.bin")) == stored


def test_put_leaves_nothing_beside_the_file(broker: DirectoryBroker, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(b"new")
    broker.put(source, "a.txt")
    assert [each.name for each in broker.root.iterdir()] == ["a.txt"]


def test_a_crash_before_the_rename_leaves_the_old_file_and_a_temporary_name(
    broker: DirectoryBroker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "source"
    source.write_bytes(b"old")
    broker.put(source, "a.txt")
    source.write_bytes(b"new and longer")
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", _die)
        with pytest.raises(KeyboardInterrupt):
            broker.put(source, "a.txt")
    assert broker.path("a.txt").read_bytes() == b"old"
    assert len(list(broker.root.iterdir())) == 2

    broker.put(source, "a.txt")
    assert broker.path("a.txt").read_bytes() == b"new and longer"
    assert [each.name for each in broker.root.iterdir()] == ["a.txt"]


def test_an_attempt_that_fails_leaves_nothing(broker: DirectoryBroker, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        broker.put(tmp_path / "missing", "a.txt")

    assert list(broker.root.iterdir()) == []


def test_what_a_crash_left_is_not_part_of_the_next_attempt(
    broker: DirectoryBroker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "source"
    source.write_bytes(b"a long content that was half copied")
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", _die)
        with pytest.raises(KeyboardInterrupt):
            broker.put(source, "a.txt")
    source.write_bytes(b"short")
    broker.put(source, "a.txt")
    assert broker.path("a.txt").read_bytes() == b"short"


def test_the_rename_is_made_durable_after_the_content(
    broker: DirectoryBroker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "source"
    source.write_bytes(b"content")
    synced: list[bool] = []
    real = os.fsync

    def note(descriptor: int) -> None:
        synced.append(broker.path("a.txt").exists())
        real(descriptor)

    broker.root.mkdir()
    monkeypatch.setattr(os, "fsync", note)
    broker.put(source, "a.txt")
    assert synced == [False, True]


def test_many_at_once_for_one_path_leave_one_whole_file(
    broker: DirectoryBroker, tmp_path: Path
) -> None:
    sources = [tmp_path / f"source-{number}" for number in range(8)]
    for number, source in enumerate(sources):
        source.write_bytes(bytes([number]) * (2_000_000 + number))
    with ThreadPoolExecutor(len(sources)) as pool:
        results = list(pool.map(lambda each: broker.put(each, "a.bin"), sources))
    assert digest_of(broker.path("a.bin")) in results
    assert [each.name for each in broker.root.iterdir()] == ["a.bin"]


def test_a_missing_source_is_an_error_and_not_an_empty_file(
    broker: DirectoryBroker, tmp_path: Path
) -> None:
    with pytest.raises(FileNotFoundError):
        broker.put(tmp_path / "missing", "a.txt")
    assert not broker.path("a.txt").exists()


def test_an_nfs_export_is_found_where_this_host_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    config = {"version": "1.0", "broker": {"type": "nfs", "mount": "server:/exports/raw"}}
    assert broker_of(config).local("a") == Path("/exports/raw/a")
    monkeypatch.setenv("AIRSCALE_MOUNTS", '{"server:/exports/raw": "/mnt/raw"}')
    assert broker_of(config).local("a") == Path("/mnt/raw/a")


def test_the_sizes_of_storage_out_of_reach_are_unknown(tmp_path: Path) -> None:
    assert DirectoryBroker(tmp_path / "unmounted").sizes() is None
    sizes = DirectoryBroker(tmp_path).sizes()
    assert sizes is not None
    assert 0 < (sizes.used or 0) <= (sizes.total or 0)


def _die(descriptor: int) -> None:
    """Stand for the death of the process: nothing in `put` may catch it."""
    del descriptor
    raise KeyboardInterrupt
