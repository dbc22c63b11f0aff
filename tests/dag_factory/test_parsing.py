"""A job that parses its input: from its manifest to what the catalogue says of the source."""

import itertools
import json
from typing import Any, Final

import pytest

from catalog.records.files import FileRecord
from catalog.records.work import JobRecord
from tests.dag_factory.jobs import Bench
from tests.support.catalogues import interface, job_type, trigger_rule

PATAGONIA: Final = {
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature",
            "geometry": {
                "type": "Polygon",
                "coordinates": [[[-74, -50], [-70, -50], [-70, -46], [-74, -46], [-74, -50]]],
            },
            "properties": {"cloud": 3},
        }
    ],
}
STARTED: Final = "2015-05-15T10:34:12Z"
_numbers = itertools.count()  # the bench is one for all tests


@pytest.fixture
def source(bench: Bench) -> FileRecord:
    """Return a source of the test's own."""
    return bench.world.source(f"{next(_numbers)}.dat", data_type=["raw"])


def queue(bench: Bench, source: FileRecord, places: object, **parsed: Any) -> JobRecord:
    """Queue a job that writes a GeoJSON file, and names it in the manifest with other results."""
    result = {"filename": source.file_name, "gis_data_path": "places.geojson", **parsed}
    texts = {
        "places.geojson": places if isinstance(places, str) else json.dumps(places),
        "results_manifest.json": json.dumps({"version": "1.1", "parse_results": [result]}),
    }
    program = bench.algorithms / "parse"
    lines = [f"cat > \"$1/{name}\" <<'END'\n{text}\nEND" for name, text in texts.items()]
    program.write_text("#!/bin/sh\n" + "\n".join(lines) + "\n")
    program.chmod(0o755)
    takes = interface({"scene": "file"}, command="parse", arguments="${job_output_dir}")
    bench.world.configure(
        [
            job_type("parse", takes),
            job_type("follow", interface({"file": "file"}), trigger_rule=trigger_rule("PARSE")),
        ]
    )
    return bench.world.queue_job("parse", {"scene": source})


def now(bench: Bench, source: FileRecord) -> FileRecord:
    """Return a source as the catalogue has it now."""
    with bench.world.database.transaction() as tx:
        return tx.files.get(source.id)


def followers(bench: Bench, source: FileRecord) -> int:
    """Return how many jobs the PARSE rule has started for a source."""
    given = [{"name": "file", "file_id": source.id}]
    return [each.data["input_data"] for each in bench.world.all_jobs()].count(given)


async def test_a_source_is_described_moved_and_handed_on_by_the_job_that_parsed_it(
    bench: Bench, source: FileRecord
) -> None:
    job = queue(
        bench, source, PATAGONIA,
        data_started=STARTED, data_types=["optical"], new_workspace_path="/parsed/2015/",
    )  # fmt: skip
    assert await bench.run(job)
    bench.world.catalogue.moves.run()

    found = now(bench, source)
    assert (found.is_parsed, found.data_type) == (True, ["raw", "optical"])
    assert found.data_started is not None
    assert found.data_started.isoformat() == "2015-05-15T10:34:12+00:00"
    assert (found.center_point, found.countries) == ("POINT (-72 -48)", ["ARG", "CHL"])
    assert found.meta_data == {"cloud": 3}
    assert found.file_path == f"parsed/2015/{source.file_name}"
    assert (bench.world.home / "raw" / found.file_path).read_bytes() == b"content"
    assert followers(bench, source) == 1


async def test_a_source_that_was_parsed_may_be_parsed_again(
    bench: Bench, source: FileRecord
) -> None:
    for cloud in (1, 2):
        feature = {"type": "Feature", "geometry": None, "properties": {"cloud": cloud}}
        assert await bench.run(queue(bench, source, feature))

    assert now(bench, source).meta_data == {"cloud": 2}
    assert followers(bench, source) == 2


async def test_results_of_another_file_are_dropped_and_the_job_is_complete(
    bench: Bench, source: FileRecord
) -> None:
    job = queue(bench, source, PATAGONIA, filename="another.dat")

    assert await bench.run(job)
    assert not now(bench, source).is_parsed
    assert followers(bench, source) == 0


@pytest.mark.parametrize(
    ("places", "parsed", "words"),
    [
        ("{", {}, "places.geojson is not JSON"),
        ({"type": "Nothing"}, {}, "Nothing"),
        ({"type": "Point", "coordinates": ["a", 1]}, {}, "is not GeoJSON"),
        ({"type": "Point", "coordinates": [10, 95]}, {}, "no place on Earth"),
        (PATAGONIA, {"gis_data_path": "none.geojson"}, "which is not there"),
        (PATAGONIA, {"gis_data_path": "/etc/hostname"}, "not a file in the output directory"),
        (PATAGONIA, {"new_workspace_path": "../out"}, "'..' is not allowed"),
        (PATAGONIA, {"data_started": "2015-05-15"}, "data_started"),
    ],
)
async def test_results_that_are_wrong_fail_the_job_and_leave_the_source(
    bench: Bench, source: FileRecord, places: object, parsed: dict[str, Any], words: str
) -> None:
    job = queue(bench, source, places, **parsed)

    assert not await bench.run(job)
    assert bench.error_of(job) == "invalid-results"
    assert words in (bench.last(job).detail or "")
    assert now(bench, source) == source
