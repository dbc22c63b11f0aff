"""What happened to sources and products (seed 001, Source File Updates and Product Updates)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, select

from catalog.database import Database
from catalog.queries.file_rows import PRODUCTS, SOURCE, SOURCES, ProductRow, SourceRow
from catalog.queries.files import ProductFilter, product_page, source_page
from catalog.queries.listing import Page, PageRequest, has_id
from catalog.records.convert import to_record
from catalog.states import FileKind
from catalog.tables import FileAncestry, ScaleFile, Workspace


class FileAction(StrEnum):
    """What happened to a file last."""

    CREATED = "CREATED"
    PARSED = "PARSED"
    PUBLISHED = "PUBLISHED"
    UNPUBLISHED = "UNPUBLISHED"
    DELETED = "DELETED"


@dataclass(frozen=True, slots=True)
class FileUpdate:
    """What happened to a file last, and when."""

    action: FileAction
    when: datetime | None


@dataclass(frozen=True, slots=True)
class SourceUpdateRow(SourceRow):
    """A source with what happened to it last."""

    update: FileUpdate


@dataclass(frozen=True, slots=True)
class ProductUpdateRow(ProductRow):
    """A product with what happened to it last, and the sources it was made from."""

    update: FileUpdate
    source_files: tuple[SourceRow, ...]


class FileUpdateQueries:
    """Reads what happened to sources and products."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def sources(
        self,
        request: PageRequest,
        *,
        is_parsed: bool | None = None,
        file_names: Sequence[str] = (),
    ) -> Page[SourceUpdateRow]:
        """Return a page of sources with what happened to them last."""
        with self._database.reading_page(request.page) as connection:
            page = source_page(
                SOURCES, connection, request, is_parsed=is_parsed, file_names=file_names
            )
        rows = (to_record(SourceUpdateRow, row, update=_of_source(row)) for row in page.rows)
        return Page(page.count, tuple(rows))

    def products(self, request: PageRequest, wanted: ProductFilter) -> Page[ProductUpdateRow]:
        """Return a page of products that were ever published, also of those replaced since."""
        with self._database.reading() as connection:
            page = product_page(PRODUCTS, connection, request, wanted, every=True)
            sources = _sources_of(connection, [row.id for row in page.rows])
        rows = (
            to_record(
                ProductUpdateRow,
                row,
                update=_of_product(row),
                source_files=tuple(sources.get(row.id, ())),
            )
            for row in page.rows
        )
        return Page(page.count, tuple(rows))


def _of_source(row: SourceRow) -> FileUpdate:
    if row.is_deleted:
        return FileUpdate(FileAction.DELETED, row.deleted)
    if row.is_parsed:
        return FileUpdate(FileAction.PARSED, row.parsed)
    return FileUpdate(FileAction.CREATED, row.created)


def _of_product(row: ProductRow) -> FileUpdate:
    if row.is_deleted:
        return FileUpdate(FileAction.DELETED, row.deleted)
    if row.is_published:
        return FileUpdate(FileAction.PUBLISHED, row.published)
    return FileUpdate(FileAction.UNPUBLISHED, row.unpublished)


def _sources_of(connection: Connection, product_ids: Sequence[int]) -> dict[int, list[SourceRow]]:
    """Return the sources of each product, by id."""
    rows = connection.execute(
        select(FileAncestry.descendant_id, *SOURCE.columns())
        .join(ScaleFile, ScaleFile.id == FileAncestry.ancestor_id)
        .join(Workspace, Workspace.id == ScaleFile.workspace_id)
        .where(has_id(FileAncestry.descendant_id, product_ids), ScaleFile.kind == FileKind.SOURCE)
        .order_by(FileAncestry.ancestor_id)
    )
    found: dict[int, list[SourceRow]] = {}
    for row in rows:
        found.setdefault(row[0], []).append(SOURCE.read(row, 1))
    return found
