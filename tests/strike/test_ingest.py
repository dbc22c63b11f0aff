"""What becomes of files that arrive: each ends in exactly one state, and its content is kept."""

import hashlib
from datetime import UTC

from catalog.states import FileKind, IngestStatus
from tests.strike.bench import StrikeBench


def test_a_file_becomes_a_source_file_of_its_workspace(bench: StrikeBench) -> None:
    bench.send("scene.h5", b"pixels")

    bench.settle()

    ingest = bench.ingest("scene.h5")
    (file,) = bench.sources()
    assert ingest.status is IngestStatus.INGESTED
    assert ingest.source_file_id == file.id
    assert file.kind is FileKind.SOURCE
    assert file.sha256 == hashlib.sha256(b"pixels").hexdigest()
    assert file.data_type == ["hdf"]
    assert file.media_type == "image/x-hdf5-image"
    assert bench.stored(file).read_bytes() == b"pixels"
    assert bench.left() == []


def test_a_file_is_stored_under_the_day_its_transfer_ended(bench: StrikeBench) -> None:
    bench.send("scene.h5")

    bench.settle()

    ended = bench.ingest("scene.h5").transfer_ended
    assert ended is not None
    (file,) = bench.sources()
    assert file.file_path == f"scenes/{ended.astimezone(UTC):%Y/%m/%d}/scene.h5"
