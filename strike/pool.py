"""The ingests a Strike process has begun: which run, which wait to be tried again.

Imports without Airflow.
"""

import logging
import math
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from catalog.brokers import Broker
from catalog.records.ingests import Claim
from catalog.states import IngestStatus
from strike.failures import reason_of, waiting
from strike.ingest import Changed, Ended, Ingester, Outcome
from strike.settings import StrikeSettings

_log = logging.getLogger(__name__)

_BATCH_BYTES: Final = 64 * 1024 * 1024

BrokerOf = Callable[[int | None], Broker | None]


@dataclass(slots=True)
class _Begun:
    """An ingest in this process; `path` is set once its end is on record already."""

    claim: Claim
    path: Path | None = None
    is_retry: bool = False
    due: float = 0.0
    delay: float = 0.0
    future: Future[dict[int, Outcome]] | None = field(default=None, repr=False)


class IngestPool:
    """Runs ingests in a few threads, and tries again what could not be done.

    Only the thread of the Strike process calls it.

    Parameters
    ----------
    ingester
        What the threads do.
    settings
        How many threads, and how long to wait.
    broker_of
        Workspace id to its storage.
    """

    def __init__(self, ingester: Ingester, settings: StrikeSettings, broker_of: BrokerOf) -> None:
        self.ingester = ingester
        self.settings = settings
        self._broker_of = broker_of
        self._begun: dict[int, _Begun] = {}
        self._executor = ThreadPoolExecutor(settings.workers, thread_name_prefix="strike-ingest")

    @property
    def ids(self) -> frozenset[int]:
        """Ids of the ingests that have begun here and are not done."""
        return frozenset(self._begun)

    @property
    def file_names(self) -> frozenset[str]:
        """Names of the files of those ingests."""
        return frozenset(each.claim.ingest.file_name for each in self._begun.values())

    def add(self, claim: Claim) -> None:
        """Ingest a file that was taken out of the directory."""
        self._begun[claim.ingest.id] = _Begun(claim)

    def add_ended(self, claim: Claim, path: Path) -> None:
        """Finish what is left of an ingest that has ended."""
        self._begun[claim.ingest.id] = _Begun(claim, path, is_retry=True)

    def run(self, patience: float) -> Counter[IngestStatus]:
        """Start what is due, wait for it, and return how many ingests ended in which status.

        Parameters
        ----------
        patience
            Seconds to wait at most; what takes longer goes on.
        """
        now = time.monotonic()
        due = [each for each in self._begun.values() if each.future is None and each.due <= now]
        for batch in self._batches(due):
            future = self._executor.submit(self._work, batch)
            for begun in batch:
                begun.future = future
        running = {each.future for each in self._begun.values() if each.future is not None}
        wait(running, timeout=patience)
        return self._harvest()

    def next_due(self) -> float | None:
        """Return the seconds until the next try is due; None if nothing waits for one."""
        dues = [each.due for each in self._begun.values() if each.future is None]
        return max(0.0, min(dues) - time.monotonic()) if dues else None

    def close(self) -> None:
        """Let the threads finish the files they are at; what has not begun is continued later."""
        self._executor.shutdown(wait=True, cancel_futures=True)
        self._begun.clear()

    def _batches(self, due: Sequence[_Begun]) -> Iterator[list[_Begun]]:
        """Split what is due among the threads; a large file waits for no other, nor they for it."""
        most = min(self.settings.batch, math.ceil(len(due) / self.settings.workers))
        batch: list[_Begun] = []
        size = 0
        for begun in due:
            batch.append(begun)
            size += begun.claim.ingest.bytes_transferred
            if len(batch) >= most or size >= _BATCH_BYTES:
                yield batch
                batch, size = [], 0
        if batch:
            yield batch

    def _work(self, batch: Sequence[_Begun]) -> dict[int, Outcome]:
        outcomes: dict[int, Outcome] = {}
        claims = []
        for begun in batch:
            ingest = begun.claim.ingest
            broker = self._broker_of(ingest.workspace_id)
            ended = self._settled(begun, broker) if begun.is_retry else None
            if ended is None:
                claims.append((begun.claim, broker))
            else:
                outcomes[ingest.id] = ended
        return outcomes | self.ingester.ingest_many(claims)

    def _settled(self, begun: _Begun, broker: Broker | None) -> Outcome | None:
        """Finish an ingest that has ended, although whoever tried did not hear of it."""
        ingest = begun.claim.ingest
        try:
            path = begun.path or self.ingester.directory.held(ingest.id, ingest.transfer_name)
            return self.ingester.settle(ingest.id, broker, path)
        except Exception as error:  # noqa: BLE001  # it is given to the caller
            return error

    def _harvest(self) -> Counter[IngestStatus]:
        ended: Counter[IngestStatus] = Counter()
        for ingest_id, begun in list(self._begun.items()):
            if begun.future is None or not begun.future.done() or begun.future.cancelled():
                continue
            error = begun.future.exception()
            if error is not None and not isinstance(error, Exception):
                raise error
            outcome = error or begun.future.result()[ingest_id]
            if isinstance(outcome, Exception):
                self._try_again(begun, outcome)
            else:
                self._done(ingest_id, begun, outcome, ended)
        return ended

    def _done(
        self, ingest_id: int, begun: _Begun, outcome: Ended | Changed, ended: Counter[IngestStatus]
    ) -> None:
        if isinstance(outcome, Ended):
            ended[outcome.status] += 1
            del self._begun[ingest_id]
            return
        ingest = replace(
            begun.claim.ingest,
            bytes_transferred=outcome.size,
            mtime_ns=outcome.mtime_ns,
            sha256=outcome.sha256,
        )
        begun.claim = replace(begun.claim, ingest=ingest)
        begun.future = None
        begun.due = time.monotonic() + self.settings.stability

    def _try_again(self, begun: _Begun, error: Exception) -> None:
        ingest = begun.claim.ingest
        begun.delay = min(max(2 * begun.delay, 1.0), self.settings.longest_backoff)
        begun.due = time.monotonic() + begun.delay
        begun.future = None
        begun.is_retry = True
        sentence = waiting(ingest.transfer_name, error)
        _log.warning(
            "Ingest %s is tried again in %.0f s: %s", ingest.id, begun.delay, sentence,
            exc_info=error,
        )  # fmt: skip
        self._note(ingest.id, sentence)

    def _note(self, ingest_id: int, sentence: str) -> None:
        """Show the reason with the ingest, if the database can be reached."""
        try:
            self.ingester.ingests.note(ingest_id, sentence)
        except Exception as error:  # noqa: BLE001  # the log has it already, and the try goes on
            _log.info("The reason could not be noted: %s", reason_of(error))
