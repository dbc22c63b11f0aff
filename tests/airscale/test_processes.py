"""Processes are started once, stopped wholly, and never mistaken for another's."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from airscale import processes, records
from airscale.errors import StackError
from airscale.home import Home
from airscale.lock import exclusive
from airscale.records import ProcessRecord
from tests.airscale.conftest import eventually

SLEEP = (sys.executable, "-c", "import time; time.sleep(600)")
DEAF_PROGRAM = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("deaf", flush=True)
time.sleep(600)
"""
DEAF = (sys.executable, "-c", DEAF_PROGRAM)
# Starts a child in its session, a job in a session of its own, and says their numbers.
FAMILY_PROGRAM = """
import subprocess, sys, time
sleep = [sys.executable, "-c", "import time; time.sleep(600)"]
child = subprocess.Popen(sleep)
job = subprocess.Popen(sleep, start_new_session=True)
print(child.pid, job.pid, flush=True)
time.sleep(600)
"""
FAMILY = (sys.executable, "-c", FAMILY_PROGRAM)


@pytest.fixture
def stranger() -> Iterator["subprocess.Popen[bytes]"]:
    """Return a process of somebody else, leading a session of its own."""
    with subprocess.Popen(SLEEP, start_new_session=True) as process:
        yield process
        process.kill()


def ended(pid: int) -> bool:
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def spoken(home: Home, name: str) -> str:
    assert eventually(lambda: home.log(name).read_text().endswith("\n"))
    return home.log(name).read_text()


def family(home: Home, marked: dict[str, str]) -> tuple[ProcessRecord, int, int]:
    record = processes.start(home, "family", FAMILY, marked)
    child, job = map(int, spoken(home, "family").split())
    return record, child, job


def test_a_started_process_is_recorded_and_leads_its_session(
    home: Home, marked: dict[str, str]
) -> None:
    record = processes.start(home, "sleeper", SLEEP, marked)
    assert records.read(home, "sleeper") == record
    assert record.process() is not None
    assert os.getsid(record.pid) == record.pid


def test_a_process_says_to_its_log_and_the_former_log_is_kept(
    home: Home, marked: dict[str, str]
) -> None:
    for text in ("first", "second"):
        processes.start(home, "speaker", (sys.executable, "-c", f"print({text!r})"), marked)
        assert spoken(home, "speaker") == f"{text}\n"
    assert home.log("speaker").with_name("speaker.log.1").read_text() == "first\n"


def test_a_process_that_cannot_record_itself_is_an_error_with_its_log(
    home: Home, marked: dict[str, str]
) -> None:
    with pytest.raises(StackError, match=r"(?s)lost could not be started.*/proc/none"):
        processes.start(home, "lost", SLEEP, {**marked, "AIRSCALE_HOME": "/proc/none"})


def test_stopping_ends_the_whole_session(home: Home, marked: dict[str, str]) -> None:
    record, child, _ = family(home, marked)
    processes.stop(home, ["family"])
    assert ended(record.pid)
    assert ended(child)
    assert records.read(home, "family") is None


def test_a_process_that_ignores_sigterm_is_killed(
    home: Home, marked: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "STOP_SECONDS", 0.3)
    record = processes.start(home, "deaf", DEAF, marked)
    spoken(home, "deaf")
    processes.stop(home, ["deaf"])
    assert ended(record.pid)


def test_what_a_killed_component_left_in_its_session_is_stopped(
    home: Home, marked: dict[str, str]
) -> None:
    record, child, job = family(home, marked)
    os.kill(record.pid, signal.SIGKILL)
    assert eventually(lambda: ended(record.pid))
    processes.stop(home, ["family"])
    assert ended(child)
    assert not ended(job)


def test_leftovers_are_found_in_sessions_of_their_own_without_any_record(
    home: Home, marked: dict[str, str]
) -> None:
    record, child, job = family(home, marked)
    records.remove(home, "family")
    assert {process.pid for process in processes.leftovers(home)} == {record.pid, child, job}
    processes.stop_leftovers(home)
    assert all(map(ended, (record.pid, child, job)))


def test_a_process_that_only_knows_the_home_is_not_a_leftover(home: Home) -> None:
    shell = {**os.environ, "AIRSCALE_HOME": str(home.root)}
    with subprocess.Popen(SLEEP, env=shell) as process:
        assert eventually(lambda: "AIRSCALE_HOME" in psutil.Process(process.pid).environ())
        assert processes.leftovers(home) == []
        process.kill()


def test_ourselves_and_our_ancestors_are_not_leftovers(marked: dict[str, str]) -> None:
    ask = (
        "from airscale import processes; from airscale.home import Home;"
        " print([p.pid for p in processes.leftovers(Home.from_environment())])"
    )
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {ask!r}])"
    answer = subprocess.run(
        [sys.executable, "-c", parent], env=marked, capture_output=True, text=True, check=True
    )
    assert answer.stdout == "[]\n"


def test_a_process_that_got_a_recorded_number_is_never_touched(
    home: Home, stranger: "subprocess.Popen[bytes]"
) -> None:
    started = psutil.Process(stranger.pid).create_time()
    records.write(home, ProcessRecord("old", stranger.pid, started - 3600))
    processes.stop(home, ["old"])
    assert stranger.poll() is None
    assert records.read(home, "old") is None


def test_a_damaged_record_is_as_good_as_none(home: Home) -> None:
    records.path(home, "sleeper").write_text('{"name": "slee')
    assert records.read(home, "sleeper") is None


def test_a_second_holder_waits_for_the_lock(home: Home) -> None:
    waiting, entered = threading.Event(), threading.Event()

    def second() -> None:
        with exclusive(home, waiting.set):
            entered.set()

    thread = threading.Thread(target=second)
    with exclusive(home):
        thread.start()
        assert waiting.wait(10)
        assert not entered.is_set()
    assert entered.wait(10)
    thread.join()


def test_a_lock_whose_file_was_deleted_is_not_shared_with_a_new_one(home: Home) -> None:
    waiting = threading.Event()
    entered: list[float] = []

    def second() -> None:
        with exclusive(home, waiting.set):
            entered.append(time.monotonic())
            assert (home.run / "lock").exists()

    thread = threading.Thread(target=second)
    with exclusive(home):
        thread.start()
        assert waiting.wait(10)
        (home.run / "lock").unlink()
    thread.join(10)
    assert entered


def test_a_home_is_found_through_the_environment(tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(tmp_path)
    assert Home.from_environment({"AIRSCALE_HOME": str(link)}) == Home(tmp_path.resolve())
    assert Home.from_environment({}).root.name == ".airscale"
