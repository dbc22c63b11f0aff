"""One `up`, `down` or `reset` of a home at a time."""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from airscale.home import Home


@contextmanager
def exclusive(home: Home, waiting: Callable[[], None] = lambda: None) -> Iterator[None]:
    """
    Hold the home's lock; the kernel frees it when the holder dies.

    Parameters
    ----------
    waiting
        Called once when somebody else holds the lock, before waiting for it.
    """
    descriptor = _acquire(home, waiting)
    try:
        yield
    finally:
        os.close(descriptor)


def _acquire(home: Home, waiting: Callable[[], None]) -> int:
    """Lock the file that is at the path now: `reset` may have removed the one waited for."""
    file = home.run / "lock"
    while True:
        file.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            waiting()
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        if file.exists() and os.path.samestat(os.fstat(descriptor), file.stat()):
            return descriptor
        os.close(descriptor)
