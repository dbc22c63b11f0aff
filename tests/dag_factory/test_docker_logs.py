"""The log of a container in pieces of any size, read by one after another."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dag_factory.runtimes.docker_logs import POSITION, ContainerLog
from dag_factory.work_directory import WorkDirectory

START = datetime(2026, 11, 22, 11, 30, tzinfo=UTC)
STDOUT, STDERR = 1, 2
LIMIT = 10**6
CONTAINER = "4e1f"

messages = st.lists(
    st.tuples(
        st.sampled_from([STDOUT, STDERR]),
        st.integers(0, 4_000),  # milliseconds since the last
        st.binary(max_size=20),
    ),
    max_size=40,
)


class Engine:
    """A log as an engine has it, and what it answers."""

    def __init__(self, given: list[tuple[int, int, bytes]]) -> None:
        self.frames: list[tuple[str, bytes]] = []
        moment = START
        for stream, later, words in given:
            moment += timedelta(milliseconds=later)
            stamp = f"{moment:%Y-%m-%dT%H:%M:%S.%f}000Z"
            content = f"{stamp} ".encode() + words
            self.frames.append((stamp, bytes((stream, 0, 0, 0)) + _length(content) + content))

    def answer(self, question: dict[str, str]) -> bytes:
        """Return the frames that are not older than what is asked for."""
        since = float(question.get("since", "0"))
        return b"".join(frame for stamp, frame in self.frames if _seconds(stamp) >= since - 1e-7)


def _length(content: bytes) -> bytes:
    return len(content).to_bytes(4, "big")


def _seconds(stamp: str) -> float:
    return datetime.fromisoformat(stamp[:26]).replace(tzinfo=UTC).timestamp()


def said(given: list[tuple[int, int, bytes]], stream: int) -> bytes:
    return b"".join(words for each, _, words in given if each == stream)


def read(log: ContainerLog, sent: bytes, size: int = 11) -> None:
    for at in range(0, len(sent), size):
        log.feed(sent[at : at + size])


def noted(work: WorkDirectory) -> str:
    place = work.root / POSITION
    return place.read_text() if place.exists() else ""


def work_directory(factory: pytest.TempPathFactory) -> WorkDirectory:
    return WorkDirectory(factory.mktemp("log"))


@given(given=messages, data=st.data())
@settings(max_examples=100, deadline=None)
def test_whoever_goes_on_loses_nothing_and_doubles_nothing(
    tmp_path_factory: pytest.TempPathFactory,
    given: list[tuple[int, int, bytes]],
    data: st.DataObject,
) -> None:
    work, engine = work_directory(tmp_path_factory), Engine(given)

    for _ in range(data.draw(st.integers(0, 4), label="writers that die")):
        came = data.draw(st.floats(0, 1), label="part that came")
        dies = data.draw(st.booleans(), label="dies before it notes its position")
        log = ContainerLog(CONTAINER, work, LIMIT)
        sent = engine.answer(log.begin.question)
        read(log, sent[: int(came * len(sent))])
        before = noted(work)
        log.close()
        if dies:
            (work.root / POSITION).write_text(before)
    log = ContainerLog(CONTAINER, work, LIMIT)
    read(log, engine.answer(log.begin.question))
    log.close()

    assert work.stdout.read_bytes() == said(given, STDOUT)
    assert work.stderr.read_bytes() == said(given, STDERR)


def test_of_a_long_log_only_its_last_seconds_are_asked_for_again(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    given = [(STDOUT, 1000, b"line\n")] * 100
    work, engine = work_directory(tmp_path_factory), Engine(given)
    log = ContainerLog(CONTAINER, work, LIMIT)
    read(log, engine.answer(log.begin.question))
    log.close()

    last = ContainerLog(CONTAINER, work, LIMIT)
    last.close()
    again = last.begin.question

    assert len(engine.answer(again)) < len(engine.answer({})) / 4


def test_the_end_is_there_though_the_engine_threw_away_what_was_read_before(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    work, engine = work_directory(tmp_path_factory), Engine([(STDOUT, 1, b"a"), (STDOUT, 1, b"b")])
    log = ContainerLog(CONTAINER, work, LIMIT)
    read(log, engine.answer({}))
    log.close()

    engine.frames = Engine([(STDOUT, 9, b"c"), (STDOUT, 1, b"d")]).frames
    log = ContainerLog(CONTAINER, work, LIMIT)
    read(log, engine.answer(log.begin.question))
    log.close()

    assert work.stdout.read_bytes() == b"abcd"


def test_what_is_beyond_the_limit_is_left_out(tmp_path_factory: pytest.TempPathFactory) -> None:
    work = work_directory(tmp_path_factory)
    log = ContainerLog(CONTAINER, work, 7)
    read(log, Engine([(STDOUT, 1, b"12345"), (STDOUT, 1, b"67890"), (STDERR, 1, b"x")]).answer({}))
    log.close()

    assert work.stdout.read_bytes() == b"1234567"
    assert work.stderr.read_bytes() == b"x"


def test_a_damaged_note_begins_anew(tmp_path_factory: pytest.TempPathFactory) -> None:
    work, engine = work_directory(tmp_path_factory), Engine([(STDOUT, 1, b"words")])
    (work.root / POSITION).write_text("{")
    work.stdout.write_bytes(b"half a wo")
    log = ContainerLog(CONTAINER, work, LIMIT)
    read(log, engine.answer(log.begin.question))
    log.close()

    assert work.stdout.read_bytes() == b"words"


def test_the_log_of_another_container_begins_anew(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    work = work_directory(tmp_path_factory)
    for container in ("4e1f", "ab07"):
        log = ContainerLog(container, work, LIMIT)
        read(log, Engine([(STDOUT, 1, container.encode())]).answer(log.begin.question))
        log.close()

    assert work.stdout.read_bytes() == b"ab07"


def test_nothing_is_written_after_the_end(tmp_path_factory: pytest.TempPathFactory) -> None:
    work = work_directory(tmp_path_factory)
    log = ContainerLog(CONTAINER, work, LIMIT)
    log.close()
    log.feed(Engine([(STDOUT, 1, b"late")]).answer({}))

    assert work.stdout.read_bytes() == b""
