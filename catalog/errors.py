"""The errors the catalogue raises: each says what happened, to which thing, why, and what to do.

Dialects translate the classes to their status codes; nothing here knows HTTP.
"""


class CatalogueError(Exception):
    """Parent of every error that is the caller's to mend; its text is meant for a person."""


class NotFoundError(CatalogueError):
    """The thing that was named does not exist.

    Parameters
    ----------
    kind, key
        What was asked for, and by which id or name.
    sentence
        More than that there is none, where more is known.
    """

    def __init__(self, kind: str, key: object, sentence: str | None = None) -> None:
        super().__init__(
            sentence or f"There is no {kind} {key!r}. Check the id or name and try again."
        )
        self.kind = kind
        self.key = key


class InvalidError(CatalogueError):
    """What was given cannot be accepted; the text says which part and why."""


class ConflictError(CatalogueError):
    """The thing changed since the caller looked, or its state does not allow the change."""
