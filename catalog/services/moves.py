"""Moving source files inside their workspaces, as parse results ask (``new_workspace_path``).

The job asks in the transaction that ends it; a move is then three steps, each of which may be
repeated by whoever comes next: the new path is reserved; the content stands at both paths, and the
catalogue names the new one; the old copy goes when no job runs that began before. So the file is
never missing, and a job that was told the old path finds it there.
"""

import logging
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from catalog.brokers import Broker, broker_of
from catalog.database import Database
from catalog.errors import InvalidError, NotFoundError
from catalog.records.files import FileRecord, MoveRecord
from catalog.stores.unit_of_work import UnitOfWork

_MOST: Final = 1000
_log = logging.getLogger(__name__)


class MoveService:
    """Does the moves that were asked for; to be called often, by anyone, also at once."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def run(self) -> int:
        """Do what can be done now.

        Returns
        -------
        int
            How many steps were taken, those that failed among them.
        """
        for count in range(_MOST):
            with self._database.transaction() as tx:
                move = tx.moves.next()
                if move is None:
                    return count
                try:
                    _step(tx, move)
                except (InvalidError, OSError) as error:
                    _log.warning("File %s could not be moved: %s", move.file_id, error)
                    tx.moves.postpone(move, str(error))
        return _MOST

    def retry(self, move_ids: Sequence[int] = ()) -> list[int]:
        """Let moves that failed be tried by the next `run`, however long they were to wait.

        Parameters
        ----------
        move_ids
            Which moves; all that failed if empty.

        Returns
        -------
        list
            The ids of the moves that are tried again.

        Raises
        ------
        NotFoundError
            Raised if there is none.
        """
        with self._database.transaction() as tx:
            retried = tx.moves.hasten(move_ids)
        if not retried:
            sentence = "No move that was selected has failed. Select others."
            raise NotFoundError("move", 0, sentence)
        return retried


def _step(tx: UnitOfWork, move: MoveRecord) -> None:
    workspace = tx.workspaces.get(move.workspace_id)
    file = tx.files.get(move.file_id)
    broker = broker_of(workspace.json_config)
    if move.moved is not None:
        if move.old_path is not None:
            broker.remove(move.old_path)
        tx.moves.forget(move.id)
    elif move.new_path is not None and move.old_path is not None:
        _relocate(tx, move, broker, move.old_path, move.new_path)
    elif file.is_deleted or not workspace.is_move_enabled or _is_there(file, move):
        tx.moves.forget(move.id)
    else:
        tx.moves.lock_places(workspace.id)
        tx.moves.reserve(move.id, file.file_path, _free_path(tx, file, move))


def _relocate(
    tx: UnitOfWork, move: MoveRecord, broker: Broker, old_path: str, new_path: str
) -> None:
    broker.duplicate(old_path, new_path)
    tx.files.update(move.file_id, {"file_path": new_path})
    tx.moves.moved(move.id, datetime.now(UTC))


def _is_there(file: FileRecord, move: MoveRecord) -> bool:
    return file.file_path.rpartition("/")[0] == move.directory


def _free_path(tx: UnitOfWork, file: FileRecord, move: MoveRecord) -> str:
    """Return the plain path where it is free, else one with the id of the file."""
    below = f"{move.directory}/" if move.directory else ""
    plain = f"{below}{file.file_name}"
    if not tx.moves.is_taken(file.workspace_id, plain):
        return plain
    return f"{below}file_{file.id}_{move.id}/{file.file_name}"
