"""The log of a pod in a file: whoever goes on with it, each line is there once."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dag_factory.runtimes.kubernetes_logs import POSITION, LogFile, seconds_to_read

SECOND = "2026-11-22T11:30:{:02d}"


def stamped(lines: list[tuple[int, bytes]]) -> list[bytes]:
    """Return lines as a cluster sends them: each with its time, out of whole seconds."""
    return [
        SECOND.format(second).encode() + b".%09dZ " % number + text + b"\n"
        for number, (second, text) in enumerate(lines)
    ]


def write(path: Path, data: bytes, size: int = 7) -> None:
    """Write what is sent, in small pieces."""
    log = LogFile(path)
    for at in range(0, len(data), size):
        log.feed(data[at : at + size])
    log.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "stdout.log"


@given(
    st.lists(
        st.tuples(st.integers(0, 5), st.binary(max_size=9).map(lambda b: b.replace(b"\n", b" ")))
    ),
    st.data(),
)
def test_every_line_is_there_once_wherever_it_broke_off(
    tmp_path_factory: pytest.TempPathFactory,
    lines: list[tuple[int, bytes]],
    data: st.DataObject,
) -> None:
    lines = sorted(lines, key=lambda each: each[0])
    sent = b"".join(stamped(lines))
    path = tmp_path_factory.mktemp("log") / "stdout.log"
    size = data.draw(st.integers(1, 50))

    for end in sorted(data.draw(st.lists(st.integers(0, len(sent)), max_size=4))):
        write(path, sent[:end], size)
    write(path, sent, size)

    assert path.read_bytes() == b"".join(text + b"\n" for _, text in lines)


def test_who_goes_on_needs_only_the_end_of_the_log(path: Path) -> None:
    lines = stamped([(1, b"one"), (2, b"two"), (2, b"three"), (3, b"four")])
    write(path, b"".join(lines[:2]))

    write(path, b"".join(lines[1:]))

    assert path.read_bytes() == b"one\ntwo\nthree\nfour\n"


def test_what_was_written_after_the_last_note_is_written_again(path: Path) -> None:
    lines = stamped([(1, b"one"), (1, b"two")])
    write(path, lines[0])
    with path.open("ab") as unnoted:
        unnoted.write(b"tw")

    write(path, b"".join(lines))

    assert path.read_bytes() == b"one\ntwo\n"


def test_a_last_line_without_an_end_is_kept(path: Path) -> None:
    write(path, stamped([(1, b"one")])[0] + stamped([(1, b"two")])[0].rstrip())

    assert path.read_bytes() == b"one\ntwo"


def test_words_of_the_node_are_no_part_of_the_log(path: Path) -> None:
    write(path, stamped([(1, b"one")])[0] + b"error: code = Unknown desc = No such container\n")

    assert path.read_bytes() == b"one\n"


def test_a_position_that_cannot_be_read_begins_anew(path: Path) -> None:
    lines = stamped([(1, b"one"), (1, b"two")])
    write(path, lines[0])
    path.with_name(POSITION).write_text(json.dumps({"other": 1}))

    write(path, b"".join(lines))

    assert path.read_bytes() == b"one\ntwo\n"


def test_the_whole_log_is_read_until_a_position_is_noted(path: Path) -> None:
    assert seconds_to_read(path) is None
    write(path, stamped([(1, b"one")])[0])
    assert seconds_to_read(path) in range(1, 600)
