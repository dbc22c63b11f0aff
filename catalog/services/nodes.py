"""Pausing nodes and the scheduler (seed 001, Node and Scheduler Services)."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy.exc import IntegrityError

from catalog.database import Database
from catalog.errors import InvalidError
from catalog.records.work import NodeRecord
from catalog.stores.scheduler import SchedulerRecord

_NODE_FIELDS: Final = frozenset({"hostname", "port", "pause_reason", "is_paused", "is_active"})
_SCHEDULER_FIELDS: Final = frozenset({"is_paused", "pause_reason"})
_LARGEST_PORT: Final = 65535


class NodeService:
    """Changes nodes for a person."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def update(
        self, node_id: int, changes: Mapping[str, Any], *, required: AbstractSet[str] = frozenset()
    ) -> NodeRecord:
        """Change fields of a node. A paused one finishes what runs on it and begins nothing.

        Parameters
        ----------
        changes
            Some of hostname, port, pause_reason, is_paused, is_active.
        required
            Fields that have to be among them.

        Raises
        ------
        NotFoundError
            Raised if there is no such node.
        InvalidError
            Raised if a field is missing, unknown, or has a value that it cannot have.
        """
        check_fields(changes, _NODE_FIELDS, required)
        _check_values(changes)
        try:
            with self._database.transaction() as tx:
                node = tx.nodes.get(node_id)
                return tx.nodes.update(node_id, _consequences(node, changes))
        except IntegrityError as error:
            raise InvalidError(
                f"There is another node with the hostname {changes['hostname']!r} already."
            ) from error


class SchedulerService:
    """Pauses the whole system, and lets it go on."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def state(self) -> SchedulerRecord:
        """Return whether no job may begin anywhere, and why."""
        with self._database.transaction() as tx:
            return tx.scheduler.get()

    def update(self, changes: Mapping[str, Any]) -> SchedulerRecord:
        """Pause or resume: what runs goes on, and no queued job begins while it is paused.

        Parameters
        ----------
        changes
            ``is_paused``, and for a pause its ``pause_reason``, which goes with it.

        Returns
        -------
        SchedulerRecord
            How it is now.

        Raises
        ------
        InvalidError
            Raised if there is any other field, or none, or a value that cannot be.
        """
        check_fields(changes, _SCHEDULER_FIELDS)
        if "is_paused" in changes:
            _check_truth("is_paused", changes["is_paused"])
        check_text("pause_reason", changes.get("pause_reason"))
        with self._database.transaction() as tx:
            wanted = replace(tx.scheduler.get(), **changes)
            tx.scheduler.pause(is_paused=wanted.is_paused, reason=wanted.pause_reason)
            return tx.scheduler.get()


def check_fields(
    changes: Mapping[str, object],
    allowed: AbstractSet[str],
    required: AbstractSet[str] = frozenset(),
) -> None:
    """Refuse fields that are unknown, and changes that lack a field or are empty."""
    unexpected = sorted(changes.keys() - allowed)
    if unexpected:
        raise InvalidError(f"Unexpected fields: {', '.join(unexpected)}")
    missing = sorted(required - changes.keys())
    if missing:
        raise InvalidError(f"Missing required fields: {', '.join(missing)}")
    if not changes:
        raise InvalidError("No fields specified for update.")


def _check_values(changes: Mapping[str, Any]) -> None:
    for name in ("is_paused", "is_active"):
        if name in changes:
            _check_truth(name, changes[name])
    for name in ("hostname", "pause_reason"):
        check_text(name, changes.get(name))
    if not changes.get("hostname", "unchanged"):
        raise InvalidError("$.hostname: the hostname is empty. Give the node's full host name.")
    port = changes.get("port", 0)
    if type(port) is not int or not 0 <= port <= _LARGEST_PORT:
        raise InvalidError(f"$.port: a port is a whole number from 0 to {_LARGEST_PORT}.")


def _check_truth(name: str, value: object) -> None:
    if not isinstance(value, bool):
        raise InvalidError(f"$.{name}: give true or false.")


def check_text(name: str, value: object) -> None:
    """Refuse what is neither null nor a text of one line."""
    if value is None:
        return
    if not isinstance(value, str) or "\0" in value or not value.isprintable():
        raise InvalidError(f"$.{name}: give a text of one line.")


def _consequences(node: NodeRecord, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return the changes with what follows from them (contract section 3, Nodes)."""
    values = dict(changes)
    if not values.get("is_paused", node.is_paused):
        values |= {"pause_reason": None, "is_paused_errors": False}
    if "is_active" in values and values["is_active"] is not node.is_active:
        values["archived"] = None if values["is_active"] else datetime.now(UTC)
    return values
