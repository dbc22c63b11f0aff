"""What every table shares: one metadata object, named constraints, column shorthands."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, ClassVar

from sqlalchemy import BigInteger, DateTime, Enum, ForeignKey, Identity, MetaData, Text, func
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import DeclarativeBase, mapped_column

Id = Annotated[int, mapped_column(BigInteger, Identity(), primary_key=True)]
Created = Annotated[
    datetime, mapped_column(DateTime(timezone=True), server_default=func.clock_timestamp())
]
LastModified = Annotated[
    datetime,
    mapped_column(
        DateTime(timezone=True),
        server_default=func.clock_timestamp(),
        onupdate=func.clock_timestamp(),
        index=True,
    ),
]
ListedLastModified = Annotated[
    datetime,
    mapped_column(
        DateTime(timezone=True),
        server_default=func.clock_timestamp(),
        onupdate=func.clock_timestamp(),
    ),
]
"""Of tables with long lists, which index it together with what they are filtered by."""


class Base(DeclarativeBase):
    """Parent of all tables of the catalogue."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar = {
        datetime: DateTime(timezone=True),
        dict[str, Any]: JSONB,
        int: BigInteger,
        list[int]: ARRAY(BigInteger),
        list[str]: ARRAY(Text),
        str: Text,
    }


def closed(kind: type[StrEnum], name: str) -> Enum:
    """Column type of a closed set: text with a check constraint, cheap to extend."""
    return Enum(
        kind,
        name=name,
        native_enum=False,
        create_constraint=True,
        length=32,
        values_callable=lambda members: [member.value for member in members],
    )


def reference(target: str) -> ForeignKey:
    """Foreign key that refuses to orphan: nothing referred to can be deleted."""
    return ForeignKey(target, ondelete="RESTRICT")
