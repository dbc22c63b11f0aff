"""Counts that are kept, so that a long list says how long it is without being counted."""

from typing import Final

from sqlalchemy import BigInteger, Column, Date, Index, Table, Text

from catalog.tables.base import Base

TALLY: Final = Table(
    "tally",
    Base.metadata,
    Column("noun", Text, nullable=False),
    Column("day", Date, nullable=False),
    Column("type_id", BigInteger, nullable=False),
    Column("status", Text, nullable=False),
    Column("place_id", BigInteger, nullable=False),
    Column("number", BigInteger, nullable=False),
    Index("ix_tally_noun_day", "noun", "day"),
)
"""How many rows have the same type, status and place: the sum of the numbers of these rows.

Triggers of each table add a row for what a statement changed, in its transaction: nobody waits
for anybody, what is rolled back is not counted, and a snapshot sees the tallies of the rows it
sees. Folding makes many rows one; it changes no sum.

``day`` is the UTC day of ``last_modified``, or minus infinity for a row that counts all days.
``type_id`` is a job or recipe type, ``place_id`` a node (not for single days) or Strike process; 0
where there is none. The status of a source is whether it is parsed, that of a product whether it
is operational; products that were never published are not counted.
"""
