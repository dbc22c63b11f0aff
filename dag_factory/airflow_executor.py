"""Airflow's LocalExecutor, for workers that may be killed at any moment.

Airflow's own has two gaps there. A worker that is killed while it waits for a task keeps the lock
of the queue, and no worker gets a task again until the scheduler is restarted. A task that a killed
worker had taken stays queued for good, since this executor cannot give tasks back.
"""

import pickle
import select
import socket
from typing import Any, Final

from airflow.executors.local_executor import LocalExecutor

_LARGEST: Final = 1024 * 1024


class Parcels:
    """A queue between processes that needs no lock: each message is read whole, by one reader."""

    def __init__(self) -> None:
        self._reader, self._writer = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)

    def put(self, item: object) -> None:
        """Send an item; waits while there is no room."""
        self._writer.send(pickle.dumps(item))

    def get(self) -> Any:
        """Wait for an item, and take it."""
        message = self._reader.recv(_LARGEST)
        if not message:
            raise EOFError
        return pickle.loads(message)  # noqa: S301  # of the scheduler, which forked this process

    def empty(self) -> bool:
        """Say whether there is nothing to take."""
        return not select.select([self._reader], [], [], 0)[0]

    def close(self) -> None:
        """Close both ends in this process."""
        self._reader.close()
        self._writer.close()


class RobustLocalExecutor(LocalExecutor):
    """Loses no task and no worker to a kill."""

    _parcels: Parcels

    @property
    def activity_queue(self) -> Parcels:
        """The tasks for workers."""
        return self._parcels

    @activity_queue.setter
    def activity_queue(self, _queue: object) -> None:
        self._parcels = Parcels()  # in place of the one that Airflow makes in `start`

    def revoke_task(self, *, ti: Any) -> None:
        """Forget a task that no worker has begun; should one begin it still, Airflow refuses."""
        self.queued_tasks.pop(ti.key, None)
        self.running.discard(ti.key)
