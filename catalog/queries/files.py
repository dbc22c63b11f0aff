"""Lists and details of sources and products, and the way to their bytes.

Source: seed 001, Source File Services and Product Services.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, and_, func, not_, select, true
from sqlalchemy.orm import aliased

from catalog.database import Database
from catalog.queries.file_rows import (
    CONTENTS,
    FILES,
    MOST_RELATIVES,
    PRODUCTS,
    SOURCES,
    FileRow,
    ProductDetailRow,
    ProductRow,
    Relative,
    SourceDetailRow,
    SourceRow,
    StoredContent,
)
from catalog.queries.listing import Condition, Listing, Page, PageRequest, any_of, has_id
from catalog.queries.parts import EVERY_JOB_TYPE, JobTypeFilter
from catalog.queries.tallies import Noun, Tallied, among, tallied_count
from catalog.records.convert import to_record
from catalog.states import FileKind
from catalog.tables import FileAncestry, ScaleFile

RowT = TypeVar("RowT")


@dataclass(frozen=True, slots=True)
class ProductFilter:
    """Which products are wanted.

    Parameters
    ----------
    is_superseded
        Whether products that a newer one with the same uuid replaced are wanted: None for no.
    """

    job_type: JobTypeFilter = EVERY_JOB_TYPE
    is_operational: bool | None = None
    file_names: Sequence[str] = ()
    is_superseded: bool | None = None


_newer = aliased(ScaleFile)
_has_newer = (
    select(true())
    .where(_newer.uuid == ScaleFile.uuid, _newer.is_published, _newer.id > ScaleFile.id)
    .limit(1)  # with it, PostgreSQL looks once for each of the few; without, it reads all there are
    .scalar_subquery()
)
IS_SUPERSEDED: Final = and_(not_(ScaleFile.is_published), _has_newer.is_(True))


class FileQueries:
    """Reads sources, products, and where the bytes of both are."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def sources(
        self,
        request: PageRequest,
        *,
        is_parsed: bool | None = None,
        file_names: Sequence[str] = (),
    ) -> Page[SourceRow]:
        """Return a page of sources."""
        return self.listed_sources(SOURCES, request, is_parsed=is_parsed, file_names=file_names)

    def listed_sources(
        self,
        listing: Listing[RowT],
        request: PageRequest,
        *,
        is_parsed: bool | None = None,
        file_names: Sequence[str] = (),
    ) -> Page[RowT]:
        """Return a page of sources, as a listing of them reads them."""
        with self._database.reading_page(request.page) as connection:
            return source_page(
                listing, connection, request, is_parsed=is_parsed, file_names=file_names
            )

    def source(self, file_id: int) -> SourceDetailRow:
        """Return a source with its relatives, or raise `NotFoundError`."""
        with self._database.reading() as connection:
            source = SOURCES.one(connection, file_id, ScaleFile.kind == FileKind.SOURCE)
            return to_record(SourceDetailRow, source, **_relatives_of(connection, file_id))

    def products(self, request: PageRequest, wanted: ProductFilter) -> Page[ProductRow]:
        """Return a page of the products that were ever published."""
        return self.listed_products(PRODUCTS, request, wanted)

    def listed_products(
        self, listing: Listing[RowT], request: PageRequest, wanted: ProductFilter
    ) -> Page[RowT]:
        """Return a page of products, as a listing of them reads them."""
        with self._database.reading_page(request.page) as connection:
            return product_page(listing, connection, request, wanted)

    def of_source(
        self,
        listing: Listing[RowT],
        request: PageRequest,
        wanted: ProductFilter,
        file_id: int,
    ) -> Page[RowT]:
        """Return a page of the products made from a source, or raise `NotFoundError`."""
        made = select(FileAncestry.descendant_id).where(FileAncestry.ancestor_id == file_id)
        with self._database.reading() as connection:
            SOURCES.one(connection, file_id, ScaleFile.kind == FileKind.SOURCE)
            where = _ever_published(wanted, wanted.job_type.resolve(connection))
            superseded = _is_superseded(wanted)
            return listing.page(connection, request, ScaleFile.id.in_(made), *where, superseded)

    def product(self, file_id: int) -> ProductDetailRow:
        """Return a product with its relatives, or raise `NotFoundError`."""
        with self._database.reading() as connection:
            product = PRODUCTS.one(connection, file_id, ScaleFile.kind == FileKind.PRODUCT)
            return to_record(ProductDetailRow, product, **_relatives_of(connection, file_id))

    def stored(self, file_id: int) -> StoredContent:
        """Return where the bytes of a file are, or raise `NotFoundError`."""
        with self._database.reading() as connection:
            return CONTENTS.one(connection, file_id)


def files_by_id(connection: Connection, file_ids: Collection[int]) -> dict[int, FileRow]:
    """Return files by their ids; ids that do not exist are left out."""
    if not file_ids:
        return {}
    rows = FILES.every(connection, has_id(ScaleFile.id, file_ids))
    return {row.id: row for row in rows}


def source_page(
    listing: Listing[RowT],
    connection: Connection,
    request: PageRequest,
    *,
    is_parsed: bool | None,
    file_names: Sequence[str],
) -> Page[RowT]:
    """Return a page of sources."""
    where = [ScaleFile.kind == FileKind.SOURCE, *any_of(ScaleFile.file_name, file_names)]
    if is_parsed is not None:
        where.append(ScaleFile.is_parsed == is_parsed)
    tallied = Tallied(Noun.SOURCE, statuses=_truths(is_parsed))
    count = None if file_names else tallied_count(tallied, ScaleFile, request, where)
    return listing.page(connection, request, *where, count=count)


def product_page(
    listing: Listing[RowT],
    connection: Connection,
    request: PageRequest,
    wanted: ProductFilter,
    *,
    every: bool = False,
) -> Page[RowT]:
    """Return a page of the products that were ever published.

    Parameters
    ----------
    every
        Whether those are wanted that newer ones replaced, and the others, too.
    """
    types = wanted.job_type.resolve(connection)
    where = _ever_published(wanted, types)
    count = None
    if not wanted.file_names:
        tallied = Tallied(Noun.PRODUCT, types, _truths(wanted.is_operational))
        count = tallied_count(tallied, ScaleFile, request, where)
    if every:
        return listing.page(connection, request, *where, count=count)
    if count is not None:
        replaced = (
            select(func.count())
            .select_from(ScaleFile)
            .where(*where, *PRODUCTS.within(request), IS_SUPERSEDED)
            .scalar_subquery()
        )
        count = replaced if wanted.is_superseded else count - replaced
    return listing.page(connection, request, *where, _is_superseded(wanted), count=count)


def _truths(value: bool | None) -> tuple[str, ...]:  # noqa: FBT001  # a filter
    return () if value is None else (str(value).lower(),)


def _ever_published(wanted: ProductFilter, type_ids: Sequence[int] | None) -> list[Condition]:
    where: list[Condition] = [
        ScaleFile.kind == FileKind.PRODUCT,
        ScaleFile.published.is_not(None),
        *among(ScaleFile.job_type_id, type_ids),
        *any_of(ScaleFile.file_name, wanted.file_names),
    ]
    if wanted.is_operational is not None:
        where.append(ScaleFile.is_operational == wanted.is_operational)
    return where


def _is_superseded(wanted: ProductFilter) -> Condition:
    return IS_SUPERSEDED if wanted.is_superseded else not_(IS_SUPERSEDED)


def _relatives_of(connection: Connection, file_id: int) -> dict[str, Any]:
    ancestor_ids = select(FileAncestry.ancestor_id).where(FileAncestry.descendant_id == file_id)
    above = _relatives(connection, FileAncestry.ancestor_id, FileAncestry.descendant_id == file_id)
    below = _relatives(connection, FileAncestry.descendant_id, FileAncestry.ancestor_id == file_id)
    sources = SOURCES.every(
        connection, ScaleFile.kind == FileKind.SOURCE, ScaleFile.id.in_(ancestor_ids)
    )
    count = connection.execute(
        select(func.count()).select_from(FileAncestry).where(FileAncestry.ancestor_id == file_id)
    ).scalar_one()
    return {
        "sources": sources,
        "ancestors": above,
        "descendants": below,
        "descendants_count": count,
    }


def _relatives(connection: Connection, other: Any, condition: Condition) -> tuple[Relative, ...]:
    rows = connection.execute(
        select(
            ScaleFile.id, ScaleFile.kind, ScaleFile.file_name, ScaleFile.media_type,
            ScaleFile.file_size, FileAncestry.is_direct, FileAncestry.job_exe_id,
        )
        .join(FileAncestry, other == ScaleFile.id)
        .where(condition)
        .order_by(ScaleFile.id)
        .limit(MOST_RELATIVES)
    )  # fmt: skip
    return tuple(Relative(*row) for row in rows)
