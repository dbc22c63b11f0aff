"""The interface to Landlock, each rule in a process that does not come back."""

import subprocess
import sys
from pathlib import Path

import pytest

from dag_factory.runtimes import landlock, supervisor
from dag_factory.runtimes.process_isolation import lacking

ROOT = Path(__file__).parents[2]
LACKING = lacking()
with_landlock = pytest.mark.skipif(LACKING is not None, reason=f"It cannot be tried: {LACKING}")


def said(program: str, *arguments: str) -> str:
    """Return what a Python program prints that has `landlock` and `supervisor`."""
    imports = "import os, sys\nfrom dag_factory.runtimes import landlock, supervisor\n"
    done = subprocess.run(
        [sys.executable, "-c", f"{imports}{program}", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(
    ("version", "bits"), [(1, 13), (2, 14), (3, 15), (4, 15), (5, 16), (7, 16), (9, 17), (12, 17)]
)
def test_a_kernel_is_asked_for_the_rights_that_it_knows(version: int, bits: int) -> None:
    assert landlock.handled_access_fs(version) == 2**bits - 1


def test_nothing_that_is_written_may_become_a_device() -> None:
    devices = landlock.LANDLOCK_ACCESS_FS_MAKE_CHAR | landlock.LANDLOCK_ACCESS_FS_MAKE_BLOCK
    assert not landlock.WRITE & devices
    assert landlock.WRITE | devices == landlock.handled_access_fs(9)


@with_landlock
@pytest.mark.parametrize(
    "kernel",
    [
        *(f"landlock.abi = lambda: {version}" for version in (1, 2, 3, 5, 6)),
        "landlock.LANDLOCK_SCOPE_SIGNAL = 1 << 40",  # as where it is not known
    ],
)
def test_a_kernel_that_can_less_keeps_the_rest(kernel: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("content")
    program = (
        f"{kernel}\n"
        "landlock.restrict([b'/usr'], [])\n"
        "try:\n"
        "    print(open(sys.argv[1]).read())\n"
        "except PermissionError:\n"
        "    print('refused')"
    )
    assert said(program, str(tmp_path / "file")) == "refused\n"


@with_landlock
def test_a_command_that_cannot_be_isolated_is_not_run(tmp_path: Path) -> None:
    program = (
        "for _ in range(16):\n"  # as many rulesets as a process can have
        "    landlock.restrict([b'/'], [b'/'])\n"
        "os.chdir(sys.argv[1])\n"
        "print(supervisor.run(b'.', ([], 0, 0), {}, [[b'/usr/bin/touch', b'ran'], [b'/'], [b'/']]))"
    )
    assert f'"problem": "{supervisor.NOT_ISOLATED}' in said(program, str(tmp_path))
    assert not (tmp_path / "ran").exists()


def test_what_is_written_for_the_supervisor_is_what_it_reads() -> None:
    limits = ([1, 3], 5, None)
    argv, environment = [b"a", b"", b"b c"], {b"A": b"1=2", b"E": b""}
    text = supervisor.written(b"/o", limits, argv, environment, ([b"/r"], []))
    parts = text.split(supervisor.END)
    read = supervisor.parsed(parts)
    assert read == (b"/o", ([1, 3], 5, 0), environment, [argv, [b"/r"], []])


def test_who_is_not_isolated_has_no_lists() -> None:
    parts = supervisor.written(b"/o", (None, None, None), [b"a"], {}).split(supervisor.END)
    assert parts == [b"/o", b"", b"", b"", b"1", b"a"]
    assert supervisor.parsed(parts) == (b"/o", ([], 0, 0), {}, [[b"a"]])
