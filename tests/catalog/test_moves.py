"""Moving sources inside their workspaces, as parse results ask."""

from collections.abc import Iterable
from pathlib import Path

import pytest
from sqlalchemy import text

from catalog.brokers import DirectoryBroker
from catalog.records.execution import ExecutionPlan
from catalog.records.files import FileRecord
from catalog.tables import FileMove
from schemas.results_manifest import ParseResult
from tests.support.catalogues import World, interface, job_type, results


@pytest.fixture
def parser(world: World) -> World:
    """Return a world with a job type that parses a file."""
    world.configure([job_type("parser", interface({"file": "file"}))])
    return world


def parse(world: World, source: FileRecord, *directories: str) -> None:
    """Run a job that asks for the source to be moved to each of the directories."""
    plan = world.begin(world.queue_job("parser", {"file": source}).id)
    parsed = [ParseResult(source.file_name, new_workspace_path=each) for each in directories]
    world.catalogue.executions.complete(plan.job_exe_id, results(plan, parse_results=parsed))


def path_of(world: World, source: FileRecord) -> str:
    with world.database.transaction() as tx:
        return tx.files.get(source.id).file_path


def stored(world: World) -> dict[str, bytes]:
    """Return what stands in the workspace of sources, by path."""
    root = world.home / "raw"
    broker = DirectoryBroker(root)
    return {each.file_path: (root / each.file_path).read_bytes() for each in broker.walk()}


def let_a_while_pass(world: World) -> None:
    with world.database.engine.begin() as connection:
        connection.execute(text("UPDATE file_move SET not_before = now() - '1s'::interval"))


def finish(world: World) -> None:
    world.catalogue.moves.run()
    let_a_while_pass(world)
    world.catalogue.moves.run()


def test_a_parsed_source_is_moved_to_where_the_parse_result_says(parser: World) -> None:
    source = parser.source("a.tif", b"pixels")
    parse(parser, source, "scenes/2016")
    finish(parser)
    assert path_of(parser, source) == "scenes/2016/a.tif"
    assert stored(parser) == {"scenes/2016/a.tif": b"pixels"}
    assert parser.count(FileMove) == 0


def test_the_root_of_the_workspace_is_a_place_too(parser: World) -> None:
    source = parser.source("a.tif")
    parse(parser, source, "")
    finish(parser)
    assert list(stored(parser)) == [path_of(parser, source)] == ["a.tif"]


def test_a_file_that_is_there_already_stays(parser: World) -> None:
    source = parser.source("a.tif", folder="in")
    parse(parser, source, "in")
    finish(parser)
    assert list(stored(parser)) == ["in/a.tif"]
    assert parser.count(FileMove) == 0


def test_a_path_that_is_taken_is_left_alone(parser: World) -> None:
    parser.source("a.tif", b"other", folder="scenes")
    source = parser.source("a.tif", b"pixels")
    parse(parser, source, "scenes")
    finish(parser)
    assert stored(parser)["scenes/a.tif"] == b"other"
    assert stored(parser)[path_of(parser, source)] == b"pixels"


def test_two_moves_of_a_file_are_done_one_after_the_other(parser: World) -> None:
    source = parser.source("a.tif", b"pixels")
    parse(parser, source, "one", "two")
    finish(parser)
    finish(parser)
    assert stored(parser) == {"two/a.tif": b"pixels"}


def test_a_workspace_may_forbid_moves(parser: World) -> None:
    parser.catalogue.workspaces.edit(parser.workspace_id("raw"), {"is_move_enabled": False})
    source = parser.source("a.tif")
    parse(parser, source, "scenes")
    finish(parser)
    assert list(stored(parser)) == ["in/a.tif"]


def test_the_old_copy_stays_while_a_job_reads_it(parser: World) -> None:
    source = parser.source("a.tif", b"pixels")
    reader = parser.begin(parser.queue_job("parser", {"file": source}).id)
    parse(parser, source, "scenes")
    finish(parser)
    assert path_of(parser, source) == "scenes/a.tif"
    assert Path(only_path(reader)).read_bytes() == b"pixels"
    parser.catalogue.executions.complete(reader.job_exe_id, results(reader))
    parser.catalogue.moves.run()
    assert list(stored(parser)) == ["scenes/a.tif"]


def only_path(plan: ExecutionPlan) -> Path:
    ((file,),) = plan.files.values()
    return file.path


@pytest.mark.parametrize("step", ["duplicate", "remove"])
def test_whoever_dies_at_a_step_is_continued(
    parser: World, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    source = parser.source("a.tif", b"pixels")
    parse(parser, source, "scenes")
    original = getattr(DirectoryBroker, step)

    def die(broker: DirectoryBroker, *arguments: str) -> None:
        original(broker, *arguments)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(DirectoryBroker, step, die)
        with pytest.raises(KeyboardInterrupt):
            finish(parser)
    assert stored(parser)[path_of(parser, source)] == b"pixels"
    finish(parser)
    assert stored(parser) == {"scenes/a.tif": b"pixels"}


def test_storage_that_is_away_postpones_a_move(parser: World) -> None:
    source = parser.source("a.tif", b"pixels")
    parse(parser, source, "scenes")
    raw = parser.home / "raw"
    raw.rename(parser.home / "away")
    finish(parser)
    assert path_of(parser, source) == "in/a.tif"
    raw_is_back(raw, (parser.home / "away").iterdir())
    let_a_while_pass(parser)
    finish(parser)
    assert stored(parser) == {"scenes/a.tif": b"pixels"}


def raw_is_back(raw: Path, entries: Iterable[Path]) -> None:
    """Put back what was away; the broker may have made directories meanwhile."""
    raw.mkdir(exist_ok=True)
    for each in entries:
        each.rename(raw / each.name)
