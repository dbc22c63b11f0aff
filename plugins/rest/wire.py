"""What the JSON of the dialects is made of: models read from records, times, references, links."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Request
from pydantic import BaseModel, BeforeValidator, ConfigDict, PlainSerializer, WithJsonSchema

from catalog.queries.listing import Page, PageRequest

ModelT = TypeVar("ModelT", bound=BaseModel)
RecordT = TypeVar("RecordT")


def wire_time(time: datetime) -> str:
    """Return a time in UTC with milliseconds and ``Z``."""
    return time.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


Time = Annotated[
    datetime,
    PlainSerializer(wire_time, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]


class WireModel(BaseModel):
    """Parent of every JSON object: its fields are read from the attributes of a record."""

    model_config = ConfigDict(from_attributes=True)


class ReferenceModel(WireModel):
    """Another thing, by its id."""

    id: int


def _reference(value: Any) -> Any:
    return {"id": value} if isinstance(value, int) else value


Reference = Annotated[ReferenceModel, BeforeValidator(_reference)]


class Envelope(BaseModel, Generic[ModelT]):
    """One page of a list (seed 001, every list)."""

    count: int
    next: str | None
    previous: str | None
    results: list[ModelT]


def envelope(
    http: Request,
    request: PageRequest,
    page: Page[RecordT],
    to_model: Callable[[RecordT], ModelT],
) -> Envelope[ModelT]:
    """Return a page in its envelope, with absolute links to its neighbours."""
    has_next = request.page * request.page_size < page.count
    return Envelope(
        count=page.count,
        next=_page_url(http, request.page + 1) if has_next else None,
        previous=_page_url(http, request.page - 1) if request.page > 1 else None,
        results=list(models(page.rows, to_model)),
    )


def models(records: Iterable[RecordT], to_model: Callable[[RecordT], ModelT]) -> Iterable[ModelT]:
    """Return the JSON objects of records."""
    return map(to_model, records)


def absolute(http: Request, path: str) -> str:
    """Return the absolute URL of a path of this app, below whatever the app is mounted under."""
    root = http.scope.get("root_path", "").rstrip("/")
    return str(http.base_url.replace(path=f"{root}{path}", query=""))


def _page_url(http: Request, page: int) -> str:
    return str(http.url.include_query_params(page=page))
