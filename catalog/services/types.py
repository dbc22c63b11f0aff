"""What editing a job type and a recipe type has in common."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from catalog.errors import InvalidError
from schemas.configuration import fields_of


def known_fields(kind: str, value: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields that a kind of entry of a configuration has."""
    known = fields_of(kind)
    return {name: each for name, each in value.items() if name in known}


def editable(kind: str, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return the changes of fields that can be set; name and version stay for ever."""
    known = fields_of(kind, is_read_only=False) - {"name", "version"}
    return {name: each for name, each in changes.items() if name in known}


def activity(changes: Mapping[str, Any], *, is_active: bool) -> dict[str, Any]:
    """Return the columns to change when a type or workspace is archived or comes back.

    Parameters
    ----------
    changes
        What a person asked for.
    is_active
        Whether it is active now.

    Raises
    ------
    InvalidError
        Raised if ``is_active`` is neither true nor false.
    """
    wanted = changes.get("is_active", is_active)
    if not isinstance(wanted, bool):
        raise InvalidError("$.is_active: expected true or false.")
    if wanted == is_active:
        return {}
    return {"is_active": wanted, "archived": None if wanted else datetime.now(UTC)}
