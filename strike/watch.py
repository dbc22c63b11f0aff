"""The watch over one ingest directory, by the process that holds its lock.

Imports without Airflow.
"""

import logging
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from operator import attrgetter

from catalog.records.files import OpenIngest
from catalog.records.ingests import StrikeState
from catalog.services.ingests import IngestService
from catalog.states import IngestStatus
from schemas.strike_configuration import StrikeConfiguration
from strike.checksums import Checksums
from strike.directory import IngestDirectory
from strike.ingest import Ingester
from strike.landing import Landing
from strike.ledger import WAITING, by_shown_name, compare
from strike.placement import sort_out
from strike.pool import IngestPool
from strike.recovery import recover
from strike.restoring import restore
from strike.scanner import Sighting
from strike.settings import StrikeSettings
from strike.settled import SettledFiles
from strike.stability import StabilityWatch
from strike.storage import Storage
from strike.summary import PassSummary
from strike.taking import Taking

_log = logging.getLogger(__name__)

_Seen = Mapping[str, Sighting]


class DirectoryWatch:
    """Drives every file of one directory, pass by pass; called by one thread.

    Parameters
    ----------
    configuration
        What the Strike process was told.
    """

    def __init__(
        self,
        strike_id: int,
        directory: IngestDirectory,
        configuration: StrikeConfiguration,
        ingests: IngestService,
        settings: StrikeSettings,
    ) -> None:
        self.directory = directory
        self.configuration = configuration
        self._strike_id = strike_id
        self._default_settings = settings
        self._ingests = ingests
        self._settings = settings.told(configuration)
        self._landing = self._new_landing()
        self._storage = Storage()
        self._pool = IngestPool(self._new_ingester(), self._settings, self._storage.of)
        self._missing: set[int] = set()
        self._settled: SettledFiles | None = None
        self._is_recovered = False
        self._undecided: str | None = None

    def run(self, state: StrikeState, *, patience: float | None, is_stopping: bool) -> PassSummary:
        """Look once, write down what changed, and ingest what is due.

        Parameters
        ----------
        state
            What the catalogue knows, read after the last call of this.
        patience
            Seconds to wait for ingests; None for a fraction that keeps looking cheap.
        is_stopping
            True if nothing new is to be begun.

        Raises
        ------
        OSError, DBAPIError
            Raised if the directory or the database cannot be used now.
        """
        started = time.monotonic()
        self._undecided = None
        settled, state = self._settle(state)
        self._storage.look(state.workspaces.values())
        self._prepare(state, settled)
        glance = settled.look(self.directory.scan())
        state = self._with(state, glance.unsettled)
        seen = by_shown_name(glance.others)
        for name in [each for each in seen if each in settled]:
            del seen[name]  # it is not UTF-8, and waits until the one that has this name is gone
        state = self._restore(state, seen)
        self._landing.look(seen, time.monotonic(), datetime.now(UTC))
        taking = Taking(self.directory, self._ingests, self._pool)
        rows, arrived = self._observe(state, seen, taking, settled)
        rows = self._advance(rows, state, seen)
        unclaimed = (
            0 if is_stopping else taking.claim(rows.values(), seen, self._settings.in_flight)
        )
        spent = time.monotonic() - started
        settled.keep(rows.values())
        self._settled = settled
        patience = max(0.2, 9 * spent) if patience is None else patience
        ended = self._pool.run(patience)
        self._landing.read(patience)
        return PassSummary(
            look_again=0.0 if unclaimed else self._look_again(rows, spent),
            seen=glance.count,
            arrived=arrived,
            ended=ended,
            in_flight=len(self._pool.ids),
            problem=taking.problem or self._problem,
        )

    def configure(self, configuration: StrikeConfiguration) -> None:
        """Go on with another configuration; what no rule matched is looked at again."""
        if configuration == self.configuration:
            return
        self.configuration = configuration
        self.directory = replace(self.directory, is_recursive=configuration.is_recursive)
        self._settings = self._default_settings.told(configuration)
        self._landing.close()
        self._landing = self._new_landing()
        self._pool.settings = self._settings
        self._pool.ingester = self._new_ingester()
        self._settled = None

    def rest(self, patience: float | None) -> PassSummary:
        """Let what has begun go on, and leave the directory alone."""
        ended = self._pool.run(0.2 if patience is None else patience)
        return PassSummary(
            look_again=self._settings.interval, ended=ended, in_flight=len(self._pool.ids)
        )

    def close(self) -> None:
        """Finish the files that are being copied, and begin no other."""
        self._pool.close()
        self._landing.close()

    @property
    def _problem(self) -> str | None:
        """What keeps files of this pass from going on."""
        return self._storage.problem or self._undecided or self._landing.problem

    def _new_landing(self) -> Landing:
        told = self.configuration
        stability = StabilityWatch(self._settings.stability, told.transfer_suffix)
        threads = max(1, self._settings.workers // 2)
        checksums = Checksums(self.directory.root, threads) if told.has_checksums else None
        return Landing(told, stability, self._name, checksums)

    def _new_ingester(self) -> Ingester:
        told = self.configuration
        return Ingester(
            self._ingests, self.directory, told.namesakes, reads_back=told.has_checksums
        )

    def _settle(self, state: StrikeState) -> tuple[SettledFiles, StrikeState]:
        """Return what needs nothing; until the pass has come to its end, it is not to be trusted.

        After a first reading the rest is read again: what a person wants to be tried again in
        between is in the one or in the other.
        """
        settled, self._settled = self._settled, None
        if settled is not None:
            settled.forget(state.ingests)
            if len(settled) == state.deferred:
                return settled, state
        settled = SettledFiles(self.configuration, self.directory)
        if not state.deferred:
            return settled, state
        settled.add(self._ingests.deferred_of(self._strike_id))
        state = self._ingests.state_of(self._strike_id)
        settled.forget(state.ingests)
        return settled, state

    def _with(self, state: StrikeState, ingest_ids: list[int]) -> StrikeState:
        """Add ingests to those that are on their way, in the order of their ids."""
        if not ingest_ids:
            return state
        ingests = [*state.ingests, *self._ingests.open_ingests(ingest_ids)]
        return replace(state, ingests=tuple(sorted(ingests, key=attrgetter("id"))))

    def _prepare(self, state: StrikeState, settled: SettledFiles) -> None:
        """See that the directory is the one it was, and go on with what was left in it."""
        if settled.is_here or self._waits_here(state):
            self.directory.require()
        self.directory.prepare()
        if not self._is_recovered:
            recover(self._strike_id, self.directory, self._ingests, self._pool)
            self._is_recovered = True

    def _waits_here(self, state: StrikeState) -> bool:
        """Say whether files were seen in this directory that must still be in it."""
        prefix = f"{self.directory.shown_root}/"
        return any(each.transfer_path.startswith(prefix) for each in state.ingests)

    def _name(self, ingest: OpenIngest) -> str:
        """Return the name a scan gives the file of an ingest."""
        return self.directory.relative(ingest.transfer_path)

    def _restore(self, state: StrikeState, seen: dict[str, Sighting]) -> StrikeState:
        """Bring back the files of ingests that a person wants to be tried again."""
        losses = restore(self.directory, state.ingests, seen)
        if not losses:
            return state
        self._ingests.observe(self._strike_id, [], [], losses)
        lost = {each.ingest.id for each in losses}
        return replace(state, ingests=tuple(each for each in state.ingests if each.id not in lost))

    def _observe(
        self, state: StrikeState, seen: _Seen, taking: Taking, settled: SettledFiles
    ) -> tuple[dict[int, OpenIngest], int]:
        """Write down what changed; return the ingests that wait at the top, and the arrivals."""
        waiting = {each.id: each for each in state.ingests if each.status in WAITING}
        names = {self._name(each) for each in waiting.values()}
        elsewhere = taking.resume(state.ingests, seen, names, self._missing)
        rewritten, unread = self._recognize(waiting, seen)
        settled.keep(unread)
        elsewhere |= {self._name(each) for each in unread}
        comparison = compare(
            self.configuration,
            waiting.values(),
            {name: file for name, file in seen.items() if name not in elsewhere},
            rewritten=rewritten,
            missing_before=self._missing,
            directory=self.directory.shown_root,
            relative=self.directory.relative,
            now=datetime.now(UTC),
        )
        if not comparison.is_empty:
            changed = self._ingests.observe(
                self._strike_id, comparison.arrivals, comparison.growth, comparison.losses
            )
            waiting.update({each.id: each for each in changed})
        for loss in comparison.losses:
            _log.error("Ingest %s: %s", loss.ingest.id, loss.detail)
            del waiting[loss.ingest.id]
        self._missing = taking.missing | comparison.missing
        settled.keep(waiting[key] for key in comparison.missing)
        there = {key: each for key, each in waiting.items() if key not in self._missing}
        return there, len(comparison.arrivals)

    def _recognize(
        self, waiting: dict[int, OpenIngest], seen: _Seen
    ) -> tuple[set[int], list[OpenIngest]]:
        """Find what has other content; take out of what waits what has to be read first."""
        found = self._landing.recognize(waiting.values(), seen)
        for status in {waiting[key].status for key in found.same}:
            same = {key: each for key, each in found.same.items() if waiting[key].status is status}
            waiting.update({each.id: each for each in self._ingests.recognize(status, same)})
        return found.rewritten, [waiting.pop(key) for key in found.unread]

    def _advance(
        self, rows: dict[int, OpenIngest], state: StrikeState, seen: _Seen
    ) -> dict[int, OpenIngest]:
        """Note which files are complete, and decide what is to happen to them."""
        ended, fingerprints = self._landing.landed(rows.values(), seen, time.monotonic())
        if ended:
            complete = self._ingests.transferred(ended, fingerprints)
            rows.update({each.id: each for each in complete})
        undecided = [
            each
            for each in rows.values()
            if each.status in (IngestStatus.TRANSFERRED, IngestStatus.DEFERRED)
        ]
        active = [
            each
            for each in state.workspaces.values()
            if each.is_active and self._storage.of(each.id) is not None
        ]
        sorting = sort_out(
            self.configuration, active, undecided, lambda each: seen[self._name(each)]
        )
        self._undecided = sorting.problem
        if sorting.placements:
            rows.update({each.id: each for each in self._ingests.queue(sorting.placements)})
        new = [each.id for each in sorting.deferred if each.status is IngestStatus.TRANSFERRED]
        if new:
            rows.update({each.id: each for each in self._ingests.defer(new)})
        return rows

    def _look_again(self, rows: Mapping[int, OpenIngest], spent: float) -> float:
        """Return when something may be due; looking takes a tenth of the time at most."""
        times = [max(self._settings.interval, 10 * spent)]
        times += self._landing.remaining(rows.values(), time.monotonic())
        due = self._pool.next_due()
        if due is not None:
            times.append(due)
        if self._missing or (self._pool.ids and due is None):
            times.append(0.2)
        return max(self._settings.shortest_interval, min(times))
