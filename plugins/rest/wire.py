"""What the JSON of the dialects is made of: models read from records, times, references, links."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Generic, Self, TypeVar

from fastapi import Request
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


def wire_time(time: datetime) -> str:
    """Return a time in UTC with milliseconds and ``Z``."""
    return time.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def _links(info: ValidationInfo) -> Links:
    links: Links = info.context  # type: ignore[assignment]  # WireModel.of always gives them
    return links


def link(path: str) -> BeforeValidator:
    """Return what makes an id the absolute URL of ``path``, in which ``{}`` stands for the id."""
    return BeforeValidator(lambda value, info: _links(info).to(path.format(value)))


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
    http: Request, request: PageRequest, page: Page[Any], model: type[ModelT]
) -> Envelope[ModelT]:
    """Return a page in its envelope, with absolute links to its neighbours."""
    has_next = request.page * request.page_size < page.count
    links = Links.of(http)
    return Envelope(
        count=page.count,
        next=_page_url(http, request.page + 1) if has_next else None,
        previous=_page_url(http, request.page - 1) if request.page > 1 else None,
        results=[model.model_validate(row, context=links) for row in page.rows],
    )


def _page_url(http: Request, page: int) -> str:
    return str(http.url.include_query_params(page=page))
