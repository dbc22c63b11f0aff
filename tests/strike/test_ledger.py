"""Comparing a scan with the ledger: every file belongs to exactly one ingest that waits."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from catalog.records.files import OpenIngest
from catalog.states import IngestStatus
from schemas.strike_configuration import StrikeConfiguration
from strike.ledger import WAITING, Comparison, compare
from strike.scanner import Sighting

CONFIGURATION = StrikeConfiguration.parse(
    {
        "mount": "host:/inbox",
        "transfer_suffix": "_tmp",
        "files_to_ingest": [
            {"filename_regex": ".*", "workspace_path": "", "workspace_name": "raw"},
        ],
    }
)
NOW = datetime(2026, 1, 1, tzinfo=UTC)
NAMES = ["a", "a_tmp", "a_tmp_tmp", "b", "b_tmp", "_tmp"]

generations = st.tuples(st.integers(0, 2), st.integers(1, 2))
directories = st.dictionaries(st.sampled_from(NAMES), generations)
ledgers = st.dictionaries(
    st.sampled_from(NAMES), st.tuples(st.sampled_from(sorted(WAITING)), generations)
)


def sightings(directory: Mapping[str, tuple[int, int]]) -> dict[str, Sighting]:
    return {
        name: Sighting(name, size, mtime_ns, 1, 0o100644)
        for name, (size, mtime_ns) in directory.items()
    }


def ingest(
    ingest_id: int, name: str, status: IngestStatus, generation: tuple[int, int]
) -> OpenIngest:
    return OpenIngest(
        id=ingest_id,
        file_name=CONFIGURATION.final_name(name),
        status=status,
        bytes_transferred=generation[0],
        mtime_ns=generation[1],
        transfer_path=f"/inbox/{name}",
        transfer_ended=None,
        workspace_id=None,
        file_path=None,
    )


def compared(
    ledger: Iterable[OpenIngest],
    directory: Mapping[str, tuple[int, int]],
    missing_before: Iterable[int] = (),
) -> Comparison:
    return compare(
        CONFIGURATION,
        ledger,
        sightings(directory),
        missing_before=set(missing_before),
        directory="/inbox",
        relative=lambda path: path.removeprefix("/inbox/"),
        now=NOW,
    )


def applied(ledger: Iterable[OpenIngest], result: Comparison) -> list[OpenIngest]:
    """Write a comparison to a ledger, as the catalogue does."""
    growth = {each.ingest_id: each for each in result.growth}
    lost = {each.ingest.id for each in result.losses}
    kept = [
        replace(
            each,
            transfer_path=growth[each.id].transfer_path,
            bytes_transferred=growth[each.id].size,
            mtime_ns=growth[each.id].mtime_ns,
        )
        if each.id in growth
        else each
        for each in ledger
        if each.id not in lost
    ]
    for number, each in enumerate(result.arrivals):
        name = each.transfer_path.removeprefix("/inbox/")
        status = IngestStatus.TRANSFERRING
        kept.append(ingest(1000 + number, name, status, (each.size, each.mtime_ns)))
    return kept


@given(ledgers, directories)
def test_after_a_comparison_every_file_has_one_ingest_of_its_generation(
    entries: dict[str, tuple[IngestStatus, tuple[int, int]]],
    directory: dict[str, tuple[int, int]],
) -> None:
    ledger = [ingest(number, name, *entry) for number, (name, entry) in enumerate(entries.items())]

    result = compared(ledger, directory)

    after = [each for each in applied(ledger, result) if each.id not in result.missing]
    assert sorted(each.transfer_name for each in after) == sorted(directory)
    for each in after:
        assert (each.bytes_transferred, each.mtime_ns) == directory[each.transfer_name]


@given(ledgers, directories)
def test_comparing_again_changes_nothing(
    entries: dict[str, tuple[IngestStatus, tuple[int, int]]],
    directory: dict[str, tuple[int, int]],
) -> None:
    ledger = [ingest(number, name, *entry) for number, (name, entry) in enumerate(entries.items())]
    first = compared(ledger, directory)
    after = applied(ledger, first)

    second = compared(after, directory, first.missing)

    assert second.arrivals == []
    assert second.growth == []
    assert {each.ingest.id for each in second.losses} == first.missing


@given(ledgers, directories)
def test_only_a_file_that_is_still_transferred_may_change(
    entries: dict[str, tuple[IngestStatus, tuple[int, int]]],
    directory: dict[str, tuple[int, int]],
) -> None:
    ledger = [ingest(number, name, *entry) for number, (name, entry) in enumerate(entries.items())]

    result = compared(ledger, directory)

    by_id = {each.id: each for each in ledger}
    assert {by_id[each.ingest_id].status for each in result.growth} <= {IngestStatus.TRANSFERRING}


def test_a_file_that_was_missed_once_is_not_lost() -> None:
    ledger = [ingest(1, "a", IngestStatus.DEFERRED, (1, 1))]

    first = compared(ledger, {})
    again = compared(ledger, {"a": (1, 1)}, first.missing)

    assert (first.losses, first.missing) == ([], {1})
    assert again.is_empty
    assert again.missing == set()
