"""What the doctor says of the isolation of process jobs."""

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from airscale.doctor.findings import Verdict
from airscale.doctor.isolation import look_at_isolation
from dag_factory.runtimes import landlock
from dag_factory.runtimes.process_isolation import ISOLATION_VARIABLE, PATHS_VARIABLE


def disabled() -> int:
    """Answer as a kernel whose Landlock was not switched on."""
    raise OSError(errno.EOPNOTSUPP, os.strerror(errno.EOPNOTSUPP))


@pytest.mark.parametrize(
    ("setting", "abi", "verdict", "sentence"),
    [
        ("off", lambda: 7, Verdict.WELL, "It is off. The kernel of this host can do it"),
        ("off", disabled, Verdict.WELL, "It is off. The kernel of this host has no Landlock"),
        ("landlock", lambda: 7, Verdict.WELL, "It is on. The kernel of this host can do it"),
        ("landlock", lambda: 4, Verdict.WELL, "without a rule for signals"),
        ("landlock", lambda: 2, Verdict.BROKEN, "lets files be truncated"),
        ("landlock", disabled, Verdict.BROKEN, "Operation not supported"),
        ("available", lambda: 7, Verdict.WELL, "It is on."),
        ("available", disabled, Verdict.WARNING, "has no Landlock"),
        ("chroot", lambda: 7, Verdict.BROKEN, "one of: off, landlock, available"),
    ],
)
def test_what_is_asked_for_is_compared_with_what_the_kernel_can(
    monkeypatch: pytest.MonkeyPatch,
    setting: str,
    abi: Callable[[], int],
    verdict: Verdict,
    sentence: str,
) -> None:
    monkeypatch.setattr(landlock, "abi", abi)
    (found,) = look_at_isolation({ISOLATION_VARIABLE: setting})
    assert (found.verdict, sentence in found.sentence) == (verdict, True)


def test_it_is_off_where_nobody_asks_for_it() -> None:
    (found,) = look_at_isolation({})
    assert found.sentence.startswith("It is off.")


def test_a_listed_path_that_is_not_there_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(landlock, "abi", lambda: 7)
    paths = f"{tmp_path}:{tmp_path}/gone"
    _, found = look_at_isolation({ISOLATION_VARIABLE: "landlock", PATHS_VARIABLE: paths})
    assert found.verdict is Verdict.WARNING
    assert f"lists {tmp_path}/gone, which is not there" in found.sentence
