"""Checksums of files that wait in the ingest directory, read in threads beside the passes.

A file is read when it is complete, and again when its inode or ctime says that somebody may have
written to it: neither can be kept by a writer, as size and modification time can. Imports without
Airflow.
"""

from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from catalog.brokers import digest_of
from catalog.records.ingests import Fingerprint
from strike.failures import is_final, reason_of
from strike.scanner import Sighting, sighting_of

_BATCH: Final = 64
_MOST_AT_ONCE: Final = 8192
_WHILE_READING: Final = 0.2


@dataclass(slots=True)
class _Readings:
    """What a thread read; a file that changed meanwhile, or went away, is in neither."""

    found: dict[str, Fingerprint] = field(default_factory=dict)
    problem: str | None = None


class Checksums:
    """Reads files and remembers what was read, until nobody asks for it in a pass; for one thread.

    Parameters
    ----------
    root
        The ingest directory.
    threads
        Files that are read at once.
    """

    def __init__(self, root: Path, threads: int) -> None:
        self.problem: str | None = None
        self._root = root
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix="strike-checksum")
        self._known: dict[str, Fingerprint] = {}
        self._asked: dict[str, Sighting] = {}
        self._running: dict[Future[_Readings], frozenset[str]] = {}

    @property
    def look_again(self) -> float | None:
        """Seconds until a pass can go on with what is read; None if none has to."""
        if any(not each.done() for each in self._running):
            return _WHILE_READING
        return 0.0 if self._asked and self.problem is None else None

    def look(self) -> None:
        """Begin a pass: take in what was read since the last."""
        self.problem = None
        self._asked.clear()
        for future in [each for each in self._running if each.done()]:
            del self._running[future]
            readings = future.result()
            self._known |= readings.found
            self.problem = readings.problem or self.problem

    def of(self, name: str, file: Sighting) -> Fingerprint | None:
        """Return the checksum of a file as it was seen; None if it has to be read first."""
        known = self._known.get(name)
        if known is not None and known.change_mark == file.change_mark:
            return known
        if not file.is_regular:
            return Fingerprint(None, file.change_mark)
        self._asked[name] = file
        return None

    def read(self, patience: float) -> None:
        """End a pass: read what was asked for, and wait for it as long as there is patience."""
        running = frozenset[str]().union(*self._running.values())
        due = {name: file for name, file in self._asked.items() if name not in running}
        for batch in _batches(due, _MOST_AT_ONCE - len(running)):
            future = self._executor.submit(_read, self._root, batch)
            self._running[future] = frozenset(batch)
        wait(self._running, timeout=patience)

    def keep(self, names: Mapping[str, Sighting]) -> None:
        """Forget what was read of files that are not there any more."""
        self._known = {name: each for name, each in self._known.items() if name in names}

    def close(self) -> None:
        """Let the threads finish the files they are at."""
        self._executor.shutdown(wait=True, cancel_futures=True)


def _batches(files: Mapping[str, Sighting], most: int) -> Iterator[dict[str, Sighting]]:
    chosen = list(files.items())[: max(0, most)]
    for start in range(0, len(chosen), _BATCH):
        yield dict(chosen[start : start + _BATCH])


def _read(root: Path, files: Mapping[str, Sighting]) -> _Readings:
    readings = _Readings()
    for name, file in files.items():
        try:
            found = _fingerprint(root / file.name, file)
        except OSError as error:
            readings.problem = (
                f"'{name}' waits, because its checksum cannot be read: {reason_of(error)}. It is"
                " tried again by itself."
            )
        else:
            if found is not None:
                readings.found[name] = found
    return readings


def _fingerprint(path: Path, file: Sighting) -> Fingerprint | None:
    """Return what was read; without a checksum where no try can help, for its ingest says why."""
    try:
        sha256 = digest_of(path).sha256
        is_same = sighting_of(path).change_mark == file.change_mark
    except FileNotFoundError:
        return None
    except OSError as error:
        if not is_final(error):
            raise
        return Fingerprint(None, file.change_mark)
    return Fingerprint(sha256, file.change_mark) if is_same else None
