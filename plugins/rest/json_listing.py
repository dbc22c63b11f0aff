"""Lists whose rows PostgreSQL writes as JSON: what a model says, as an expression of SQL.

The model stays the one description of a row. What a model has that SQL cannot say is refused when
the listing is made.
"""

import types
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any, Final, Union, get_args, get_origin

from fastapi import Request
from pydantic import BeforeValidator, PlainSerializer
from pydantic.fields import FieldInfo
from sqlalchemy import ColumnElement, func, literal, null, select, true

from catalog.queries.json_rows import (
    JsonShape,
    json_number,
    json_object,
    json_time,
    unless_null,
)
from catalog.queries.listing import Listing
from catalog.queries.shape import Shape
from plugins.rest.wire import Links, LinkTo, ReferenceModel, WireModel, read_reference, wire_time

_LINKS: Final = "links"
_WRITTEN: Final = {datetime: json_time, float: json_number}
_KNOWN: Final = frozenset({read_reference, wire_time})


class JsonListing:
    """A listing as a model shows it.

    Parameters
    ----------
    listing
        What is read; its shape has what the model asks for.
    model
        What a row looks like.
    computed
        The numbers that the model computes, as SQL computes them.

    Raises
    ------
    TypeError
        Raised if the model has what SQL cannot say.
    """

    def __init__(
        self, listing: Listing[Any], model: type[WireModel], **computed: ColumnElement[float]
    ) -> None:
        shape: Any = listing.shape
        document = _document(shape, model, _base("").c.base, computed)
        self._listing = replace(listing, shape=JsonShape(shape, document))

    def of(self, http: Request) -> Listing[str]:
        """Return the listing, with links for the answer to a request."""
        links = (_base(Links.of(http).base), true())
        return replace(self._listing, joins=(*self._listing.joins, links))


def _base(url: str) -> Any:
    """Return a table with one row, which says what links begin with."""
    return select(literal(url).label("base")).subquery(_LINKS)


def _document(
    shape: Shape[Any],
    model: type[WireModel],
    base: Any,
    computed: Mapping[str, ColumnElement[float]],
) -> ColumnElement[Any]:
    if model.model_computed_fields.keys() != computed.keys():
        raise TypeError(f"{model.__name__} computes {', '.join(model.model_computed_fields)}.")
    values = {name: _value(shape, name, field, base) for name, field in model.model_fields.items()}
    return json_object(values | {name: json_number(each) for name, each in computed.items()})


def _value(shape: Shape[Any], name: str, field: FieldInfo, base: Any) -> Any:
    source = field.validation_alias if isinstance(field.validation_alias, str) else name
    kind, functions = _kind(field)
    part = shape.part(source)
    if part is not None and issubclass(kind, WireModel):
        return unless_null(part.id_column, _document(part, kind, base, {}))
    column = shape.column(source)
    if column is None and kind is type(None) and field.default is None:
        return null()
    links = [each for each in functions if isinstance(each, LinkTo)]
    if column is None or field.exclude_if or {*functions} - {*links} - _KNOWN:
        raise TypeError(f"The field {name!r} shows what no column has.")
    if links:
        before, _, after = links[0].path.partition("{}")
        return func.concat(base, before, column, after)
    if kind in _WRITTEN:
        return _WRITTEN[kind](column)
    if kind is ReferenceModel:
        return unless_null(column, json_object({"id": column}))
    return column


def _kind(field: FieldInfo) -> tuple[type, list[Any]]:
    """Return the type of a field, which may be null, and the functions that read and show it."""
    found: list[type] = []
    functions: list[Any] = [_function(each) for each in field.metadata]
    for each in _without_union(field.annotation):
        if get_origin(each) is Annotated:
            each, *marks = get_args(each)  # noqa: PLW2901 - what it annotates
            functions += map(_function, marks)
        found.append(get_origin(each) or each)
    kinds = [each for each in found if each is not type(None)] or found
    if len(kinds) > 1:
        raise TypeError(f"{field.annotation} is of several kinds.")
    return kinds[0], [each for each in functions if each is not None]


def _without_union(annotation: Any) -> Iterator[Any]:
    is_union = get_origin(annotation) in (Union, types.UnionType)
    yield from get_args(annotation) if is_union else (annotation,)


def _function(mark: Any) -> Any:
    return mark.func if isinstance(mark, BeforeValidator | PlainSerializer) else None
