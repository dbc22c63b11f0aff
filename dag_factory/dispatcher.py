"""The dispatcher: outbox rows to DAG runs; every now and then it sweeps up what was left over.

It runs as a thread of the API server, or by itself (``airscale dispatch``); any number may run,
because rows are claimed with SKIP LOCKED and a run id is made once. NOTIFY wakes it; the time-out
finds what a lost notification left.
"""

import logging
import math
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from time import monotonic
from typing import Final

import psycopg

from catalog.catalogue import Catalogue
from catalog.database import UNAVAILABLE
from catalog.records.work import OutboxRecord
from catalog.stores.outbox import CHANNEL
from dag_factory.start import default_start
from dag_factory.sweep import heed_people, sweep

_BATCH: Final = 20
_IDLE_SECONDS: Final = 2.0
_RETRY_SECONDS: Final = 1.0
_SWEEP_SECONDS: Final = 30.0
_log = logging.getLogger(__name__)


class Dispatcher:
    """Creates the DAG runs the catalogue asks for.

    Parameters
    ----------
    catalogue
        Where the outbox is.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self.run, name="airscale-dispatcher", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self, timeout: float = 10.0) -> None:
        """Ask the thread to end and wait for it, at most `timeout` seconds."""
        self._stopping.set()
        self._thread.join(timeout)

    def run(self) -> None:
        """Dispatch until stopped; a database that does not answer is waited for."""
        heeding, sweeping = _Every(_IDLE_SECONDS), _Every(_SWEEP_SECONDS)
        while not self._stopping.is_set():
            try:
                with self._listening() as connection:
                    while not self._stopping.is_set():
                        synchronise_pools(self._catalogue)  # before the runs that need them
                        self.dispatch_all()
                        if heeding.is_due():
                            heed_people(self._catalogue)
                        if sweeping.is_due():
                            sweep(self._catalogue)
                        for _ in connection.notifies(timeout=_IDLE_SECONDS, stop_after=1):
                            pass
            except (psycopg.Error, *UNAVAILABLE) as error:
                _log.warning("The dispatcher waits for its database: %s", error)
                self._stopping.wait(_RETRY_SECONDS)
            except Exception:  # noqa: BLE001  # one fault must not end dispatching
                _log.exception("The dispatcher met a fault and goes on.")
                self._stopping.wait(_RETRY_SECONDS)

    def dispatch_all(self) -> int:
        """Create every run that is due; return how many were."""
        done = 0
        while not self._stopping.is_set() and (claimed := self._dispatch_batch()):
            done += claimed
        return done

    def _dispatch_batch(self) -> int:
        with self._catalogue.database.transaction() as tx:
            claimed = tx.outbox.claim(_BATCH)
            priorities = tx.jobs.priorities_of(
                job_id for wanted in claimed for job_id in _jobs(wanted).values()
            )
            done: list[int] = []
            for wanted in claimed:
                known = {
                    name: priorities[job_id]
                    for name, job_id in _jobs(wanted).items()
                    if job_id in priorities
                }
                problem = _create(wanted, known)
                if problem is None:
                    done.append(wanted.id)
                else:
                    if wanted.attempts > 0:  # Airflow may have gone past the revision: look again
                        tx.definitions.changed()
                    delay = min(_RETRY_SECONDS * 2 ** min(wanted.attempts, 6) / 2, 30.0)
                    tx.outbox.postpone(wanted.id, delay, problem)
            if done:
                tx.outbox.dispatched(*done)
                tx.definitions.release()
        return len(claimed)

    def _listening(self) -> psycopg.Connection[tuple[object, ...]]:
        url = self._catalogue.database.engine.url
        connection = psycopg.connect(
            url.set(drivername="postgresql").render_as_string(hide_password=False), autocommit=True
        )
        connection.execute(f"LISTEN {CHANNEL}")
        return connection


@dataclass(slots=True)
class _Every:
    """Something that is done now and then, however often it is thought of."""

    seconds: float
    _done: float = -math.inf

    def is_due(self) -> bool:
        """Say whether it is to be done now; then it counts as done."""
        if monotonic() - self._done < self.seconds:
            return False
        self._done = monotonic()
        return True


def _jobs(wanted: OutboxRecord) -> Mapping[str, int]:
    """Return the jobs of a run, by the ids of their tasks."""
    jobs: Mapping[str, int] = wanted.conf.get("jobs", {})
    return jobs


def _create(wanted: OutboxRecord, priorities: Mapping[str, int]) -> str | None:
    """Create a run; return why it could not be, None when it exists."""
    # Airflow is imported here, so that a process without it can import this module.
    from dag_factory.airflow_runs import DagNotReadyError, create_run  # noqa: PLC0415

    try:
        create_run(wanted, priorities)
    except DagNotReadyError as error:
        return str(error)
    except UNAVAILABLE:
        raise
    except Exception as error:  # noqa: BLE001  # Airflow names no errors; the row keeps the text
        _log.exception("The run %s of %s could not be created.", wanted.run_id, wanted.dag_id)
        return f"Airflow refused the run: {error}"
    return None


def synchronise_pools(catalogue: Catalogue) -> int:
    """Keep Airflow's pools in step with the job types; return how many had to be changed."""
    from dag_factory.airflow_pools import synchronise  # noqa: PLC0415  # as above

    return synchronise(catalogue.worker_pools.wanted(default_start()))
