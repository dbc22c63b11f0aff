"""Being woken when something arrives: only a hint, never the truth.

Events may be lost (a full queue) or never come (a network mount that another host writes to).
Whoever is woken looks at the directory, and looks at it from time to time without being woken.
Imports without Airflow.
"""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Final

from watchdog.events import FileClosedEvent, FileCreatedEvent, FileMovedEvent, FileSystemEvent
from watchdog.events import FileSystemEventHandler as Handler
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver

_log = logging.getLogger(__name__)

_ARRIVALS: Final[list[type[FileSystemEvent]]] = [FileCreatedEvent, FileClosedEvent, FileMovedEvent]


class DirectoryWatcher:
    """Calls a function when a file may have arrived; the calls come from threads of its own.

    Parameters
    ----------
    wake
        What to call; it must not block.
    """

    def __init__(self, wake: Callable[[], object]) -> None:
        self._wake = wake
        self._watched: tuple[Path | None, bool] = None, False
        self._observer: BaseObserver | None = None

    def watch(self, directory: Path | None, is_recursive: bool = False) -> bool:  # noqa: FBT001, FBT002  # watchdog's own word
        """Watch a directory, or go on watching it.

        Returns
        -------
        bool
            False if it cannot be watched; looking at it from time to time has to do then.
        """
        if (directory, is_recursive) == self._watched:
            return self._observer is not None
        self.stop()
        self._watched = directory, is_recursive
        if directory is not None:
            self._start(directory, is_recursive=is_recursive)
        return self._observer is not None

    def stop(self) -> None:
        """Stop watching, and wait for the threads to end."""
        observer, self._observer = self._observer, None
        self._watched = None, False
        if observer is not None:
            observer.stop()
            observer.join()

    def _start(self, directory: Path, *, is_recursive: bool) -> None:
        observer = Observer()
        try:
            observer.schedule(
                _Waker(self._wake),
                str(directory),
                recursive=is_recursive,
                event_filter=_ARRIVALS,
            )
            observer.start()
        except OSError as error:  # the machine has no watches left, or cannot watch this mount
            _log.warning(
                "'%s' cannot be watched (%s); it is looked at from time to time.", directory, error
            )
        else:
            self._observer = observer


class _Waker(Handler):
    def __init__(self, wake: Callable[[], object]) -> None:
        self._wake = wake

    def on_any_event(self, event: FileSystemEvent) -> None:
        del event
        self._wake()
