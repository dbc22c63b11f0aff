"""Scans: beyond the seed, in its style."""

from typing import Any

from catalog.states import ScanStatus
from plugins.rest.wire import Time, WireModel


class ScanItem(WireModel):
    """A scan with the counts of its last run: found is the sum of the four that follow."""

    id: int
    name: str
    title: str | None
    description: str | None
    status: ScanStatus
    is_dry_run: bool
    found: int
    passed_over: int
    known: int
    registered: int
    errored: int
    problem: str | None
    started: Time | None
    ended: Time | None
    created: Time
    last_modified: Time


class ScanDetails(ScanItem):
    """A scan with its configuration."""

    configuration: dict[str, Any]
