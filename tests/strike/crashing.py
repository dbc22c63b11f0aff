"""Crashes: a process that dies before or after its n-th step that anything outside can see.

Steps are the changes of the file system and the commits of transactions. Once dead, no thread of
the process gets any further: each dies at its next step.
"""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import pytest
from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

STEPS: Final = ("rename", "replace", "unlink", "rmdir", "mkdir", "link", "fsync")


class CrashError(BaseException):
    """The process is dead; nothing in it may catch this."""


@dataclass
class Crash:
    """Where the process dies: at which step, and whether the step was done or not."""

    step: int
    is_after: bool
    is_dead: bool = False
    count: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def before(self) -> bool:
        """Count a step that is about to be done; say whether the process dies right after it."""
        with self.lock:
            if self.is_dead:
                raise CrashError
            self.count += 1
            if self.count != self.step:
                return False
            if not self.is_after:
                self.is_dead = True
                raise CrashError
            return True

    def die(self) -> None:
        """Die now."""
        with self.lock:
            self.is_dead = True
        raise CrashError


@contextmanager
def crashing(engine: Engine, step: int, *, is_after: bool) -> Iterator[Crash]:
    """Let what runs in the block die at a step; a block with fewer steps ends as it would."""
    crash = Crash(step, is_after)
    dying = threading.local()

    def before_commit(_: Any) -> None:
        dying.now = crash.before()

    def after_commit(_: Any) -> None:
        if getattr(dying, "now", False):
            crash.die()

    event.listen(engine, "commit", before_commit)
    event.listen(Session, "after_commit", after_commit)
    with pytest.MonkeyPatch.context() as patch:
        for name in STEPS:
            patch.setattr(os, name, _step(crash, getattr(os, name)))
        try:
            yield crash
        finally:
            event.remove(engine, "commit", before_commit)
            event.remove(Session, "after_commit", after_commit)


def _step(crash: Crash, real: Callable[..., Any]) -> Callable[..., Any]:
    def step(*arguments: Any, **options: Any) -> Any:
        dies = crash.before()
        try:
            return real(*arguments, **options)
        finally:
            if dies:
                crash.die()

    return step
