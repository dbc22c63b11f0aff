"""Jobs taken to their ends without running anything, for tests of what is shown of them."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from catalog.catalogue import Catalogue
from catalog.records.execution import ExecutionPlan, Failure, ProductFile, Results
from catalog.states import IngestStatus, JobStatus
from catalog.stores.unit_of_work import UnitOfWork
from catalog.tables import Job
from schemas.results_manifest import GeoMetadata
from tests.support.scenes import arrive, load_example

HOST = "node-1.example"
STARTED = datetime(2016, 5, 15, 10, 34, 12, 500_000, tzinfo=UTC)
FEATURE = {
    "type": "Feature",
    "geometry": {"type": "Point", "coordinates": [23.5, -12.25]},
    "properties": {"cloud": 3},
}


def processed_scene(catalogue: Catalogue, home: Path, name: str = "scene") -> None:
    """Load the example, let a scene arrive, and complete both jobs of its recipe."""
    load_example(catalogue, home)
    scene_arrives(catalogue, home, name)
    for _ in range(2):
        complete_next(catalogue, home)


def scene_arrives(catalogue: Catalogue, home: Path, name: str = "scene") -> None:
    """Let the image and the georeference of a scene arrive, which starts a recipe."""
    for extension in ("png", "csv"):
        path = home / f"{name}.{extension}"
        path.write_bytes(f"{name} {extension}".encode())
        arrive(catalogue, path)


def complete_next(catalogue: Catalogue, home: Path) -> int:
    """Run the oldest queued job of the example to a product for each output; return its id."""
    plan = begin_next(catalogue)
    catalogue.executions.starting(plan.job_exe_id, "in.png out", {"LANG": "C.UTF-8"})
    results = Results(
        outputs={name: (_product(plan, home, name),) for name in plan.outputs},
        parse_results=(),
        manifest={"version": "1.1", "output_data": [], "parse_results": []},
        job_completed=datetime.now(UTC),
        stdout="done\n",
        stderr="",
    )
    catalogue.executions.complete(plan.job_exe_id, results)
    return plan.job_id


def fail_next(catalogue: Catalogue, error_name: str, detail: str = "It broke.") -> int:
    """Run the oldest queued job to a failure; return its id."""
    plan = begin_next(catalogue)
    failure = Failure(error_name, detail, exit_code=3, stdout="out", stderr="err")
    catalogue.executions.fail(plan.job_exe_id, failure)
    return plan.job_id


def begin_next(catalogue: Catalogue) -> ExecutionPlan:
    """Begin the oldest queued job that is not a Strike process."""
    with catalogue.database.reading() as connection:
        job_id = connection.execute(
            select(Job.id)
            .where(Job.status == JobStatus.QUEUED, Job.timeout > 0)
            .order_by(Job.id)
            .limit(1)
        ).scalar_one()
    plan = catalogue.executions.begin(job_id, HOST)
    assert isinstance(plan, ExecutionPlan)
    return plan


def strike_configuration(workspace: str = "raw") -> dict[str, Any]:
    """Return the configuration of a Strike process."""
    rule = {"filename_regex": ".*txt", "workspace_path": "/my/path", "workspace_name": workspace}
    return {
        "version": "1.0",
        "mount": "host:/my/path",
        "transfer_suffix": "_tmp",
        "files_to_ingest": [rule],
    }


def ingested(catalogue: Catalogue, file_id: int, ended: datetime = STARTED) -> int:
    """Make a Strike process, and an ingest of a file by it; return the id of the ingest."""
    strike = catalogue.strikes.create("incoming", strike_configuration())
    with catalogue.database.transaction() as tx:
        return _ingest(tx, strike.id, file_id, ended)


def move_fails(catalogue: Catalogue, file_id: int) -> None:
    """Ask for a file to be moved, and let the first try fail."""
    with catalogue.database.transaction() as tx:
        tx.moves.ask(tx.files.get(file_id), "elsewhere")
        move = tx.moves.next()
        assert move is not None
        tx.moves.postpone(move, "No space left on device")


def counted(catalogue: Catalogue) -> None:
    """Record the job load, and compute the metrics of what has just been done."""
    now = datetime.now(UTC)
    catalogue.load.record(now)
    list(catalogue.metrics.compute_range(now.date() - timedelta(days=1), now.date()))


def _ingest(tx: UnitOfWork, strike_id: int, file_id: int, ended: datetime) -> int:
    file = tx.files.get(file_id)
    return tx.ingests.add(
        strike_id=strike_id,
        file_name=file.file_name,
        status=IngestStatus.INGESTED,
        bytes_transferred=file.file_size,
        file_size=file.file_size,
        media_type=file.media_type,
        data_type=file.data_type,
        workspace_id=file.workspace_id,
        transfer_path=f"/my/path/{file.file_name}",
        ingest_path=f"/my/path/ingesting/{file.file_name}",
        file_path=file.file_path,
        source_file_id=file.id,
        transfer_started=STARTED,
        transfer_ended=STARTED,
        ingest_started=STARTED,
        ingest_ended=ended,
    ).id


def _product(plan: ExecutionPlan, home: Path, output: str) -> ProductFile:
    declared = next(each for each in plan.interface.outputs if each.name == output)
    content = home / f"{plan.job_type_name}-{plan.job_exe_id}.dat"
    content.write_bytes(b"0123456789" * 300)
    place = plan.outputs[output]
    file_path = f"{place.directory}/{content.name}"
    stored = place.broker.put(content, file_path)
    return ProductFile(
        file_name=content.name,
        file_path=file_path,
        file_size=stored.file_size,
        sha256=stored.sha256,
        media_type=declared.media_type or "application/octet-stream",
        geo_metadata=GeoMetadata(STARTED, STARTED, FEATURE),
    )
