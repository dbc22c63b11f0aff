"""The stock alternative to Strike: a loop that believes the events of watchdog, no more."""

import time
from pathlib import Path

from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer

from benchmarks.ingest_bench import make_files


class _Believer(FileSystemEventHandler):
    def __init__(self) -> None:
        self.names: set[str] = set()

    def on_moved(self, event: FileSystemEvent) -> None:
        self._copy(str(event.dest_path))

    def on_created(self, event: FileSystemEvent) -> None:
        self._copy(str(event.src_path))

    def _copy(self, path: str) -> None:
        """Read the file, which is the least that handling it means."""
        file = Path(path)
        if file.is_file():
            file.read_bytes()
            self.names.add(file.name)


def watchdog_loses(root: Path, count: int) -> tuple[int, float]:
    """Return how many of so many renamed files the loop never heard of, and its seconds."""
    waiting = make_files(root / "watchdog-waiting", count)
    inbox = root / "watchdog-inbox"
    inbox.mkdir()
    believer = _Believer()
    observer = Observer()
    observer.schedule(believer, str(inbox))
    observer.start()
    started = time.monotonic()
    for file in waiting:
        file.rename(inbox / file.name)
    heard = -1
    while len(believer.names) > heard:  # until it hears nothing for a while
        heard = len(believer.names)
        time.sleep(2.0)
    seconds = time.monotonic() - started
    observer.stop()
    observer.join()
    return count - heard, seconds
