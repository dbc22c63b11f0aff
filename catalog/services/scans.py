"""Scans: files ingested once, from a directory or where they stand in a workspace.

A scan looks first (a dry run) and ingests when it is told to. A run may die at any file: the next
one walks again and passes by what is registered, so nothing is done twice.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from catalog.brokers import DirectoryBroker
from catalog.brokers.broker import Listed
from catalog.database import Database
from catalog.errors import CatalogueError, ConflictError, InvalidError
from catalog.records.files import ScanRecord
from catalog.services.sources import NewSource, SourceService
from catalog.states import ScanStatus
from schemas.problems import DocumentError
from schemas.scan_configuration import ScanConfiguration

DAG_ID: Final = "airscale.scan"
_NOTED_EVERY: Final = 100
_DEAD_AFTER: Final = timedelta(minutes=15)
_OPEN: Final = frozenset({ScanStatus.QUEUED, ScanStatus.SCANNING})
Progress = Callable[[Mapping[str, int]], None]


@dataclass(slots=True)
class _Counts:
    """What a run has come to so far."""

    found: int = 0
    passed_over: int = 0
    known: int = 0
    registered: int = 0
    errored: int = 0
    problem: str | None = field(default=None, repr=False)

    def numbers(self) -> dict[str, int]:
        """Return the counts by the names of the columns."""
        names = ("found", "passed_over", "known", "registered", "errored")
        return {name: getattr(self, name) for name in names}


class ScanService:
    """Keeps scans and runs them."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._sources = SourceService(database)

    def create(
        self,
        name: str,
        configuration: object,
        *,
        title: str | None = None,
        description: str | None = None,
    ) -> ScanRecord:
        """Create a scan; nothing is looked at yet.

        Raises
        ------
        InvalidError
            Raised if the configuration is not valid, its workspace does not exist, or the name is
            taken.
        """
        checked = _checked(configuration)
        if not name:
            raise InvalidError("The name of the scan is empty. Give it a name.")
        with self._database.transaction() as tx:
            tx.definitions.lock()
            if tx.scans.find(name) is not None:
                raise InvalidError(f"There is a scan named {name!r} already. Choose another name.")
            if tx.workspaces.find(checked.workspace_name) is None:
                raise InvalidError(
                    f"$.workspace_name: there is no workspace {checked.workspace_name!r}."
                    " Create the workspace first, or name one that exists."
                )
            return tx.scans.add(
                name=name,
                title=title or name,
                description=description,
                configuration=checked.to_json(),
                status=ScanStatus.CREATED,
            )

    def find(self, name: str) -> ScanRecord | None:
        """Return the scan of this name, if any."""
        with self._database.transaction() as tx:
            return tx.scans.find(name)

    def process(self, scan_id: int, *, ingest: bool) -> ScanRecord:
        """Queue a run of a scan: Airflow's scan DAG does it.

        Parameters
        ----------
        ingest
            Whether files are registered; otherwise the run only counts.

        Raises
        ------
        NotFoundError
            Raised if there is no such scan.
        ConflictError
            Raised if the scan is queued or runs already, and told of it of late.
        """
        with self._database.transaction() as tx:
            scan = tx.scans.lock(scan_id)
            is_alive = datetime.now(UTC) - scan.last_modified < _DEAD_AFTER
            if scan.status in _OPEN and is_alive:
                raise ConflictError(
                    f"Scan {scan_id} is {scan.status} already. Wait until its run is over."
                )
            values = {"status": ScanStatus.QUEUED, "is_dry_run": not ingest, "runs": scan.runs + 1}
            queued = tx.scans.update(scan_id, {**values, "problem": None})
            tx.outbox.add(DAG_ID, f"scan-{scan_id}-{queued.runs}", None, {"scan_id": scan_id})
            return queued

    def run(
        self, scan_id: int, *, dry_run: bool | None = None, progress: Progress | None = None
    ) -> ScanRecord:
        """Run a scan to its end, here; one that died is taken up again.

        Parameters
        ----------
        dry_run
            Whether the run only counts; None for what was asked for when it was queued.
        progress
            Is told the counts every now and then.

        Raises
        ------
        NotFoundError
            Raised if there is no such scan.
        """
        with self._database.transaction() as tx:
            scan = tx.scans.lock(scan_id)
            is_dry = scan.is_dry_run if dry_run is None else dry_run
            values = {"status": ScanStatus.SCANNING, "is_dry_run": is_dry, "problem": None}
            scan = tx.scans.update(scan_id, {**values, "started": datetime.now(UTC), "ended": None})
        counts = _Counts()
        try:
            self._walk(scan, counts, progress)
        except OSError as error:
            counts.problem = _out_of_reach(error)
            return self._note(scan_id, counts, ScanStatus.FAILED)
        except (CatalogueError, DocumentError) as error:
            counts.problem = str(error)
            return self._note(scan_id, counts, ScanStatus.FAILED)
        end = ScanStatus.SCANNED if is_dry else ScanStatus.INGESTED
        if progress is not None:
            progress(counts.numbers())
        return self._note(scan_id, counts, end)

    def _walk(self, scan: ScanRecord, counts: _Counts, progress: Progress | None) -> None:
        configuration = _checked(scan.configuration)
        for listed in self._listed(configuration):
            counts.found += 1
            self._take(configuration, listed, counts, is_dry=scan.is_dry_run)
            if counts.found % _NOTED_EVERY == 0:
                self._note(scan.id, counts, ScanStatus.SCANNING)
                if progress is not None:
                    progress(counts.numbers())

    def _listed(self, configuration: ScanConfiguration) -> Iterator[Listed]:
        if configuration.directory is not None:
            return DirectoryBroker(Path(configuration.directory)).walk()
        return self._sources.broker(configuration.workspace_name).walk(configuration.workspace_path)

    def _take(
        self, configuration: ScanConfiguration, listed: Listed, counts: _Counts, *, is_dry: bool
    ) -> None:
        new = _new_source(configuration, listed)
        if not configuration.takes(new.file_name):
            counts.passed_over += 1
            return
        try:
            if self._sources.is_known(new, listed.file_size):
                counts.known += 1
            elif is_dry or self._ingest(configuration, listed, new):
                counts.registered += 1
            else:
                counts.known += 1
        except (CatalogueError, OSError) as error:
            counts.errored += 1
            counts.problem = f"'{_shown(new.file_path)}': {error}"

    def _ingest(self, configuration: ScanConfiguration, listed: Listed, new: NewSource) -> bool:
        if configuration.directory is None:
            return self._sources.register(new).is_new
        return self._sources.copy(new, Path(configuration.directory) / listed.file_path).is_new

    def _note(self, scan_id: int, counts: _Counts, status: ScanStatus) -> ScanRecord:
        values: dict[str, Any] = {**counts.numbers(), "status": status, "problem": counts.problem}
        if status not in _OPEN:
            values["ended"] = datetime.now(UTC)
        with self._database.transaction() as tx:
            return tx.scans.update(scan_id, values)


def _new_source(configuration: ScanConfiguration, listed: Listed) -> NewSource:
    path = listed.file_path
    if configuration.directory is not None and configuration.workspace_path:
        path = f"{configuration.workspace_path}/{path}"
    return NewSource(configuration.workspace_name, path, configuration.data_types)


def _checked(configuration: object) -> ScanConfiguration:
    try:
        return ScanConfiguration.parse(configuration)
    except DocumentError as error:
        raise InvalidError(str(error)) from error


def _out_of_reach(error: OSError) -> str:
    reason = error.strerror or str(error)
    where = "The files" if error.filename is None else f"'{_shown(str(error.filename))}'"
    return f"{where} cannot be read: {reason}. Mount or mend it, and run the scan again."


def _shown(path: str) -> str:
    r"""Return a path as text that can be shown: what is no printable UTF-8 becomes ``\xNN``."""
    text = path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return "".join(each if each.isprintable() else ascii(each)[1:-1] for each in text)
