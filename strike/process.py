"""The Strike process: one at a time, wherever it runs, until it is stopped.

A pass may end at any line. Whoever makes the next one, here or on another host, continues from the
ledger and the directory: every file is at a place that says whose it is. Imports without Airflow.
"""

import logging
import os
import socket
import threading
from contextlib import suppress
from pathlib import Path
from typing import Final

from sqlalchemy.exc import DBAPIError

from catalog.brokers import local_path
from catalog.catalogue import Catalogue
from catalog.errors import ConflictError
from catalog.records.files import StrikeRecord
from catalog.records.ingests import StrikeState
from catalog.states import JobStatus
from schemas.problems import DocumentError
from schemas.strike_configuration import StrikeConfiguration
from strike.directory import IngestDirectory, Place, UnmountedError
from strike.failures import is_database_away, reason_of
from strike.lock import StrikeLock
from strike.settings import StrikeSettings
from strike.summary import PassSummary
from strike.watch import DirectoryWatch

_log = logging.getLogger(__name__)

_LONGEST_PAUSE: Final = 30.0  # seconds between two looks while nothing can be done


class _CannotWorkError(Exception):
    """Nothing can be done now; the text is the sentence for a person."""


class StrikeProcess:
    """Ingests the files of one Strike process; `run_pass` is called by one thread at a time.

    Parameters
    ----------
    catalogue
        The services; closed by whoever made them.
    strike_id
        Which Strike process this is.
    settings
        How it works; from the environment unless given.
    """

    def __init__(
        self, catalogue: Catalogue, strike_id: int, settings: StrikeSettings | None = None
    ) -> None:
        self.strike_id = strike_id
        self._catalogue = catalogue
        self._settings = settings or StrikeSettings.from_environment()
        self._lock: StrikeLock | None = None
        self._watch: DirectoryWatch | None = None
        self._stopping = threading.Event()
        self._pause = 0.0

    @property
    def directory(self) -> Path | None:
        """The ingest directory; None while it is not watched."""
        return None if self._watch is None else self._watch.directory.root

    @property
    def is_recursive(self) -> bool:
        """Whether directories below the ingest directory are watched, too."""
        return self._watch is not None and self._watch.directory.is_recursive

    def run_pass(self, patience: float | None = None) -> PassSummary:
        """Look at the directory once and do everything that is due.

        What keeps the process from working (the database is down, the directory is missing,
        another process holds the lock) is in the summary, not raised; the next pass tries again.

        Parameters
        ----------
        patience
            Seconds to wait for ingests at most; what takes longer goes on. None for a fraction of
            a second.
        """
        try:
            summary = self._pass(patience)
        except _CannotWorkError as error:
            return self._paused(str(error))
        except DBAPIError as error:
            if not is_database_away(error):
                raise
            return self._paused(
                f"The catalogue's database cannot be used: {reason_of(error)}. Files stay where"
                " they are until it answers again."
            )
        self._pause = 0.0
        return summary

    def stop(self) -> None:
        """Begin nothing new; may be called from any thread."""
        self._stopping.set()

    def close(self) -> None:
        """Finish the files that are being copied, and let another process take over."""
        self.stop()
        self._drop()

    def _pass(self, patience: float | None) -> PassSummary:
        watch = self._locked_watch()
        if watch is None:
            return PassSummary(look_again=0.0, is_over=True)
        state = self._catalogue.ingests.state_of(self.strike_id)
        if not state.strike.is_active or self._directory_of(state.strike) != watch.directory.root:
            self._drop()
            return PassSummary(look_again=0.0)
        self._begin_job(state)
        watch.configure(self._configuration_of(state.strike))
        if state.strike.is_paused:
            return watch.rest(patience)
        try:
            summary = watch.run(state, patience=patience, is_stopping=self._stopping.is_set())
        except OSError as error:
            raise _CannotWorkError(_directory_problem(watch.directory.root, error)) from error
        if summary.problem is not None:
            _log.error("Strike process %r: %s", state.strike.name, summary.problem)
        if summary.problem != state.strike.problem:
            self._catalogue.ingests.report(self.strike_id, summary.problem)
        return summary

    def _locked_watch(self) -> DirectoryWatch | None:
        """Return the watch, with the lock held; None if the Strike process is not active."""
        if self._watch is not None and self._lock is not None and self._lock.is_held():
            return self._watch
        self._drop()
        state = self._catalogue.ingests.state_of(self.strike_id)
        if not state.strike.is_active:
            self._retire(state.strike)
            return None
        root = self._directory_of(state.strike)
        lock = StrikeLock(
            self._catalogue.database.engine,
            [f"strike {self.strike_id}", f"ingest directory {os.path.realpath(root)}"],
        )
        self._acquire(lock, state.strike, root)
        self._lock = lock
        configuration = self._configuration_of(state.strike)
        self._watch = DirectoryWatch(
            self.strike_id,
            IngestDirectory(root, configuration.is_recursive),
            configuration,
            self._catalogue.ingests,
            self._settings,
        )
        return self._watch

    def _acquire(self, lock: StrikeLock, strike: StrikeRecord, root: Path) -> None:
        holder = lock.acquire()
        if holder is None:
            return
        if holder == lock.names[0]:
            message = f"Strike process {strike.name!r} runs elsewhere already; this one waits."
            raise _CannotWorkError(message)
        message = (
            f"Another Strike process watches '{root}' already. Give Strike process"
            f" {strike.name!r} a directory of its own."
        )
        self._catalogue.ingests.report(self.strike_id, message)
        raise _CannotWorkError(message)

    def _configuration_of(self, strike: StrikeRecord) -> StrikeConfiguration:
        try:
            return StrikeConfiguration.parse(strike.configuration)
        except DocumentError as error:
            raise _CannotWorkError(str(error)) from error

    def _directory_of(self, strike: StrikeRecord) -> Path:
        return local_path(self._configuration_of(strike).mount)

    def _begin_job(self, state: StrikeState) -> None:
        """Show the job of the Strike process as running, whoever ran it before."""
        match state.job_status:
            case JobStatus.RUNNING:
                return
            case JobStatus.QUEUED | JobStatus.PENDING | JobStatus.BLOCKED:
                self._catalogue.executions.begin(state.strike.job_id, socket.gethostname())
            case JobStatus.CANCELED | JobStatus.FAILED | JobStatus.COMPLETED:
                message = (
                    f"Job {state.strike.job_id} of Strike process {state.strike.name!r} is"
                    f" {state.job_status}, so nothing is ingested. Requeue the job to go on."
                )
                raise _CannotWorkError(message)

    def _retire(self, strike: StrikeRecord) -> None:
        with suppress(ConflictError):  # it has ended already
            self._catalogue.executions.cancel(
                strike.job_id, f"Strike process {strike.name!r} is not active any more."
            )

    def _paused(self, problem: str) -> PassSummary:
        """Wait longer and longer, and say why."""
        _log.error("Strike process %s: %s", self.strike_id, problem)
        self._pause = min(max(1.0, 2 * self._pause), _LONGEST_PAUSE)
        if self._lock is not None:
            with suppress(DBAPIError):
                self._catalogue.ingests.report(self.strike_id, problem)
        return PassSummary(look_again=self._pause, problem=problem)

    def _drop(self) -> None:
        watch, self._watch = self._watch, None
        lock, self._lock = self._lock, None
        if watch is not None:
            watch.close()
        if lock is not None:
            lock.release()


def _directory_problem(root: Path, error: OSError) -> str:
    if isinstance(error, UnmountedError):
        return (
            f"The ingest directory '{root}' looks unmounted: files are waiting in it, and not even"
            f" '{Place.INGESTING}' is there. Mount it again; if its files are really gone, make a"
            f" directory '{Place.INGESTING}' in it, and they are reported as lost."
        )
    if isinstance(error, FileNotFoundError) and not root.parent.is_dir():
        return (
            f"The ingest directory '{root}' does not exist, and neither does '{root.parent}', so"
            " nothing can arrive. Mount or create it; it is looked for again by itself."
        )
    where = root if error.filename is None else error.filename
    return (
        f"The ingest directory '{root}' cannot be used: {reason_of(error)} ('{where}'). Let the"
        " user that runs Airflow's triggerer read and write it."
    )
