"""Files with which nothing is to be done are passed over, and nothing else is."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from catalog.records.files import OpenIngest
from catalog.records.ingests import DeferredIngest
from catalog.states import IngestStatus
from schemas.strike_configuration import StrikeConfiguration
from strike.directory import IngestDirectory
from strike.ledger import WAITING, Comparison, by_shown_name, compare
from strike.scanner import Sighting
from strike.settled import SettledFiles
from tests.strike.bench import StrikeBench, rule
from tests.strike.test_process import statements

DIRECTORY = IngestDirectory(Path("/inbox"))
NAMES = ["a", "a_tmp", "b", "b_tmp", "_tmp", "caf\\xe9", "caf\udce9", "wanted"]
READS_DEFERRED = "SELECT ingest.id, ingest.file_name, ingest.transfer_path"
WANTS: Mapping[bool, str] = {False: "no such name", True: "wanted"}

generations = st.tuples(st.integers(0, 2), st.integers(1, 2))
directories = st.dictionaries(st.sampled_from(NAMES), generations)
ledgers = st.dictionaries(
    st.sampled_from([each for each in NAMES if each.isascii()]),
    st.tuples(st.sampled_from(sorted(WAITING)), generations),
)


def configuration(regex: str) -> StrikeConfiguration:
    return StrikeConfiguration.parse(
        {
            "mount": "host:/inbox",
            "transfer_suffix": "_tmp",
            "files_to_ingest": [
                {"filename_regex": regex, "workspace_path": "", "workspace_name": "raw"}
            ],
        }
    )


def ingest(ingest_id: int, name: str, status: IngestStatus, of: tuple[int, int]) -> OpenIngest:
    path = f"/inbox/{name}"
    file_name = configuration("x").final_name(name)
    return OpenIngest(ingest_id, file_name, status, *of, path, None, None, None)


def settled_of(ledger: list[OpenIngest], *, has_rule: bool) -> SettledFiles:
    settled = SettledFiles(configuration(WANTS[has_rule]), DIRECTORY)
    settled.keep(ledger)
    settled.forget([each for each in ledger if each.status is not IngestStatus.DEFERRED])
    return settled


def compared(
    ledger: list[OpenIngest], seen: Mapping[str, Sighting], missing: set[int]
) -> Comparison:
    return compare(
        configuration("x"),
        ledger,
        seen,
        missing_before=missing,
        directory="/inbox",
        relative=DIRECTORY.relative,
        now=datetime(2026, 1, 1, tzinfo=UTC),
    )


@given(ledgers, directories, st.booleans(), st.booleans())
def test_a_comparison_without_the_settled_files_finds_what_one_with_them_does(
    entries: dict[str, tuple[IngestStatus, tuple[int, int]]],
    directory: dict[str, tuple[int, int]],
    has_rule: bool,  # noqa: FBT001  # given by hypothesis
    is_second: bool,  # noqa: FBT001  # given by hypothesis
) -> None:
    ledger = [ingest(number, name, *entry) for number, (name, entry) in enumerate(entries.items())]
    files = [Sighting(name, *generation, 1, 0o100644) for name, generation in directory.items()]
    missing = {each.id for each in ledger} if is_second else set()
    settled = settled_of(ledger, has_rule=has_rule)

    glance = settled.look(files)

    seen = by_shown_name(glance.others)
    left = [
        each
        for each in ledger
        if each.status is not IngestStatus.DEFERRED or each.id in glance.unsettled
    ]
    found = compared(
        left, {name: file for name, file in seen.items() if name not in settled}, missing
    )
    assert found == compared(ledger, by_shown_name(sorted(files)), missing)
    assert glance.count == len(files)
    wanted = {each.id for each in ledger if each.file_name == "wanted" and has_rule}
    deferred = {each.id for each in ledger if each.status is IngestStatus.DEFERRED}
    assert wanted & deferred <= set(glance.unsettled)


@given(ledgers, directories)
def test_what_stays_deferred_is_settled_again(
    entries: dict[str, tuple[IngestStatus, tuple[int, int]]],
    directory: dict[str, tuple[int, int]],
) -> None:
    ledger = [ingest(number, name, *entry) for number, (name, entry) in enumerate(entries.items())]
    settled = settled_of(ledger, has_rule=True)
    before = len(settled)

    glance = settled.look(Sighting(name, *of, 1, 0o100644) for name, of in directory.items())
    settled.keep(each for each in ledger if each.id in glance.unsettled)

    deferred = [each for each in ledger if each.status is IngestStatus.DEFERRED]
    assert before == len(settled) == len(deferred)


def test_two_that_have_one_name_are_both_compared() -> None:
    settled = SettledFiles(configuration("x"), DIRECTORY)
    paths = ["/before/a", "/inbox/a"]
    settled.add(DeferredIngest(id_, "a", path, 1, 1) for id_, path in enumerate(paths))

    glance = settled.look([Sighting("a", 1, 1, 1, 0o100644)])

    assert glance.unsettled == [0, 1]
    assert [each.name for each in glance.others] == ["a"]


def test_known_files_are_not_read_from_the_ledger_again(bench: StrikeBench) -> None:
    for number in range(3):
        bench.send(f"{number}.doc")
    bench.run(2)
    bench.restart()

    with statements(bench) as first:
        bench.run()
    with statements(bench) as later:
        summary = bench.run()

    assert summary.seen == 3
    assert [each for each in first if READS_DEFERRED in each]
    assert not [each for each in later if READS_DEFERRED in each]


def test_a_ledger_that_was_changed_by_hand_is_read_anew(bench: StrikeBench) -> None:
    bench.send("a.doc")
    bench.send("b.doc")
    bench.run(2)
    with bench.catalogue.database.engine.begin() as connection:
        connection.execute(
            text("DELETE FROM ingest WHERE file_name = 'a.doc' AND strike_id = :id"),
            {"id": bench.strike.id},
        )
    bench.run(2)

    assert bench.statuses() == {IngestStatus.DEFERRED: 2}


def test_a_deferred_file_that_goes_away_is_reported(bench: StrikeBench) -> None:
    bench.send("a.doc")
    bench.send("b.doc")
    bench.run(2)
    (bench.inbox / "a.doc").unlink()
    bench.run()
    assert bench.statuses() == {IngestStatus.DEFERRED: 2}
    bench.run()

    assert bench.ingest("a.doc").status is IngestStatus.ERRORED
    assert "vanished" in (bench.ingest("a.doc").detail or "")
    assert bench.ingest("b.doc").status is IngestStatus.DEFERRED


def test_a_deferred_file_waits_for_the_workspace_of_a_rule_that_was_added(
    bench: StrikeBench,
) -> None:
    bench.send("a.doc", b"notes")
    bench.run(2)
    bench.rules.append(rule(".*doc", "notes", bench.workspace))
    bench.reconfigure()
    (workspace,) = bench.catalogue.ingests.state_of(bench.strike.id).workspaces.values()
    bench.catalogue.workspaces.edit(workspace.id, {"is_active": False})
    summary = bench.run(2)
    assert "no active workspace" in (summary.problem or "")

    bench.catalogue.workspaces.edit(workspace.id, {"is_active": True})
    bench.settle()
    bench.run()

    assert bench.statuses() == {IngestStatus.INGESTED: 1}
