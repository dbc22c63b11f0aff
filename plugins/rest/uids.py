"""The ids of jobs in the dialects: one uid, with or without dashes."""

from uuid import UUID

from catalog.errors import NotFoundError


def uid_of(text: str) -> UUID:
    """Return the uid that a client names, or raise `NotFoundError` for what cannot be one."""
    try:
        return UUID(text.strip())
    except ValueError as error:
        raise NotFoundError("job", text) from error
