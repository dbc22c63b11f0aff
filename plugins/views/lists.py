"""What pages with long lists are given: the place in the list, and how to go on."""

from typing import Annotated, Final

from fastapi import Depends, Query

from catalog.queries.keyset import SliceRequest
from plugins.rest.parameters import IdFilter

ROWS: Final = 50
SPANS: Final = (
    ("PT1H", "the last hour"),
    ("PT3H", "the last 3 hours"),
    ("PT24H", "the last 24 hours"),
    ("P7D", "the last 7 days"),
)


def _slice_request(
    before: Annotated[IdFilter | None, Query()] = None,
    after: Annotated[IdFilter | None, Query()] = None,
) -> SliceRequest:
    return SliceRequest(before=before, after=after, size=ROWS)


SliceDep = Annotated[SliceRequest, Depends(_slice_request)]
