"""Lists and details of scans."""

from collections.abc import Sequence
from typing import Final

from catalog.database import Database
from catalog.queries.listing import Listing, Page, PageRequest, any_of
from catalog.queries.shape import Shape
from catalog.records.files import ScanRecord
from catalog.tables import Scan

_SCANS: Final = Listing("scan", Scan, Shape(ScanRecord, Scan), default_order=("name",))


class ScanQueries:
    """Reads scans."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def page(self, request: PageRequest, names: Sequence[str] = ()) -> Page[ScanRecord]:
        """Return a page of scans, of these names if any are given."""
        with self._database.reading() as connection:
            return _SCANS.page(connection, request, *any_of(Scan.name, names))

    def one(self, scan_id: int) -> ScanRecord:
        """Return a scan, or raise `NotFoundError`."""
        with self._database.reading() as connection:
            return _SCANS.one(connection, scan_id)
