"""Log stores of both kinds, as a deployment sets them, and a bucket that dies with its process."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final

import pytest

from catalog.logs import CONNECTION_VARIABLE, LOGS_VARIABLE, LogStore, log_store
from catalog.logs.bucket import Bucket
from tests.support.s3 import CONNECTION

KINDS: Final = ("directory", pytest.param("s3", marks=pytest.mark.slow))
PREFIX: Final = "of/jobs"
PATIENT: Final[Mapping[str, Any]] = {"seconds": 300.0, "upload_seconds": 600.0}
"""Time limits that no busy machine exceeds."""


def set_store(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, folder: Path
) -> LogStore:
    """Let this process keep logs in an empty store of the kind that a fixture's parameter names."""
    if request.param == "directory":
        monkeypatch.setenv(LOGS_VARIABLE, str(folder / "store"))
    else:
        set_bucket(monkeypatch, request.getfixturevalue("s3_bucket"))
    return log_store()


def set_bucket(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Let this process keep logs in a bucket of the test connection, however slow this machine."""
    monkeypatch.setenv(LOGS_VARIABLE, f"s3://{name}/{PREFIX}")
    monkeypatch.setenv(CONNECTION_VARIABLE, CONNECTION)
    monkeypatch.setattr("catalog.logs.bucket.Bucket", partial(Bucket, **PATIENT))


class DeadError(BaseException):
    """The process has died."""


@dataclass(slots=True)
class MortalBucket(Bucket):
    """A bucket that notes the requests to it, and whose process dies at one of them.

    Parameters
    ----------
    lives_for
        How many requests are made before it dies; None for ever.
    is_heard
        Whether the request at which it dies still takes effect.
    """

    lives_for: int | None = None
    is_heard: bool = False
    asked: list[str] = field(default_factory=list)

    def ask(self, method: str, **arguments: Any) -> dict[str, Any]:
        """Make one request, or die."""
        if self.lives_for is not None and len(self.asked) >= self.lives_for:
            if self.is_heard and len(self.asked) == self.lives_for:
                Bucket.ask(self, method, **arguments)
            self.asked.append("death")
            raise DeadError
        self.asked.append(method)
        return Bucket.ask(self, method, **arguments)
