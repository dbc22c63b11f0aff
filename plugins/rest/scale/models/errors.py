"""Errors (seed 001, Error Services)."""

from catalog.states import ErrorCategory
from plugins.rest.wire import Time, WireModel


class ErrorItem(WireModel):
    """An error that a job can end with."""

    id: int
    name: str
    title: str | None
    description: str | None
    category: ErrorCategory
    created: Time
    last_modified: Time
