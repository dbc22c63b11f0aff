"""What the JSON of the dialects is made of: models read from records, times, references, links."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Generic, Self, TypeVar

from fastapi import Request, Response
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    ValidationInfo,
    WithJsonSchema,
)

from catalog.queries.listing import Page, PageRequest

ModelT = TypeVar("ModelT", bound="WireModel")


@dataclass(frozen=True, slots=True)
class Links:
    """Makes absolute URLs of one app, below whatever the app is mounted under."""

    base: str

    @classmethod
    def of(cls, http: Request) -> "Links":
        """Return the links for the answer to a request."""
        root = http.scope.get("root_path", "").rstrip("/")
        return cls(str(http.base_url.replace(path=root, query="")).rstrip("/"))

    def to(self, path: str) -> str:
        """Return the absolute URL of a path of the app."""
        return f"{self.base}{path}"


def server_url(http: Request, path: str) -> str:
    """Return the absolute URL of a path of the server, whichever of its apps was asked."""
    root = http.scope.get("app_root_path", "").rstrip("/")
    return str(http.base_url.replace(path=f"{root}{path}", query=""))


def wire_time(time: datetime) -> str:
    """Return a time in UTC with milliseconds and ``Z``."""
    return time.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def _links(info: ValidationInfo) -> Links:
    links: Links = info.context  # type: ignore[assignment]  # WireModel.of always gives them
    return links


@dataclass(frozen=True, slots=True)
class LinkTo:
    """Makes an id the absolute URL of ``path``, in which ``{}`` stands for the id."""

    path: str

    def __call__(self, value: Any, info: ValidationInfo) -> str:
        """Return the URL."""
        return _links(info).to(self.path.format(value))


def link(path: str) -> BeforeValidator:
    """Return what makes an id the absolute URL of ``path``, in which ``{}`` stands for the id."""
    return BeforeValidator(LinkTo(path))


Time = Annotated[
    datetime,
    PlainSerializer(wire_time, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
FileUrl = Annotated[str, link("/files/{}/"), Field(validation_alias="id")]


class WireModel(BaseModel):
    """Parent of every JSON object: its fields are read from the attributes of a record."""

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_serialization_defaults_required=True,  # what has a default is shown, too
    )

    @classmethod
    def of(cls, http: Request, record: object) -> Self:
        """Return the JSON object of a record, with links for the answer to a request."""
        return cls.model_validate(record, context=Links.of(http))


class ReferenceModel(WireModel):
    """Another thing, by its id."""

    id: int


def read_reference(value: Any) -> Any:
    """Return what a reference is read from, of a thing or of its id."""
    return {"id": value} if isinstance(value, int) else value


Reference = Annotated[ReferenceModel, BeforeValidator(read_reference)]


class Envelope(BaseModel, Generic[ModelT]):
    """One page of a list (seed 001, every list)."""

    count: int
    next: str | None
    previous: str | None
    results: list[ModelT]


def envelope(
    http: Request, request: PageRequest, page: Page[Any], model: type[ModelT]
) -> Envelope[ModelT]:
    """Return a page in its envelope, with absolute links to its neighbours."""
    following, previous = _neighbours(http, request, page.count)
    links = Links.of(http)
    return Envelope(
        count=page.count,
        next=following,
        previous=previous,
        results=[model.model_validate(row, context=links) for row in page.rows],
    )


def json_page(http: Request, request: PageRequest, page: Page[str]) -> Response:
    """Answer with a page of rows that are JSON already, in its envelope."""
    following, previous = map(json.dumps, _neighbours(http, request, page.count))
    head = f'{{"count":{page.count},"next":{following},"previous":{previous},"results":['
    return Response(f"{head}{','.join(page.rows)}]}}", media_type="application/json")


def _neighbours(http: Request, request: PageRequest, count: int) -> tuple[str | None, str | None]:
    """Return the URLs of the next page and of the one before."""
    has_next = request.page * request.page_size < count
    return (
        _page_url(http, request.page + 1) if has_next else None,
        _page_url(http, request.page - 1) if request.page > 1 else None,
    )


def _page_url(http: Request, page: int) -> str:
    return str(http.url.include_query_params(page=page))
