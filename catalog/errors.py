"""The errors the catalogue raises: each says what happened, to which thing, why, and what to do.

Dialects translate the classes to their status codes; nothing here knows HTTP.
"""


class CatalogueError(Exception):
    """Parent of every error that is the caller's to mend; its text is meant for a person."""


class NotFoundError(CatalogueError):
    """The thing that was named does not exist."""

    def __init__(self, kind: str, key: object) -> None:
        super().__init__(f"There is no {kind} {key!r}. Check the id or name and try again.")
        self.kind = kind
        self.key = key


class InvalidError(CatalogueError):
    """What was given cannot be accepted; the text says which part and why."""


class ConflictError(CatalogueError):
    """The thing changed since the caller looked, or its state does not allow the change."""
