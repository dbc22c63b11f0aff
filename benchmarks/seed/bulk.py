"""Fill tables in bulk: without indexes and foreign keys meanwhile, which are made anew after."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from psycopg import Connection, sql

_INDEXES: Final = """
SELECT format('DROP INDEX %%I', c.relname), pg_get_indexdef(c.oid)
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
WHERE i.indrelid = ANY(%s::regclass[]) AND NOT i.indisprimary
  AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = c.oid)
ORDER BY c.relname
"""
_FOREIGN_KEYS: Final = """
SELECT format('ALTER TABLE %%s DROP CONSTRAINT %%I', conrelid::regclass, conname),
       format('ALTER TABLE %%s ADD CONSTRAINT %%I %%s', conrelid::regclass, conname,
              pg_get_constraintdef(oid))
FROM pg_constraint WHERE contype = 'f' AND conrelid = ANY(%s::regclass[])
ORDER BY conname
"""
_SERIAL: Final = """
SELECT format('SELECT setval(%%L, greatest((SELECT max(%%I) FROM %%s), 1))',
              pg_get_serial_sequence(t.oid::regclass::text, a.attname), a.attname,
              t.oid::regclass)
FROM pg_class t JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0
WHERE t.oid = ANY(%s::regclass[]) AND NOT a.attisdropped
  AND pg_get_serial_sequence(t.oid::regclass::text, a.attname) IS NOT NULL
"""


@contextmanager
def bulk(connection: Connection, tables: Sequence[str]) -> Iterator[None]:
    """Run a block without the indexes and foreign keys of these tables.

    All of it is one transaction. That the foreign keys can be made again proves that what was
    inserted fits together.

    Parameters
    ----------
    tables
        Their sequences are set behind the largest value, too.
    """
    names = list(tables)
    with connection.transaction():
        connection.execute("SET LOCAL maintenance_work_mem = '512MB'")
        connection.execute("SET LOCAL work_mem = '128MB'")
        dropped = [
            (str(drop), str(make))
            for query in (_FOREIGN_KEYS, _INDEXES)
            for drop, make in connection.execute(query, [names]).fetchall()
        ]
        _run(connection, [drop for drop, _ in dropped])
        yield
        _run(connection, [make for _, make in reversed(dropped)])
        _run(connection, [str(row[0]) for row in connection.execute(_SERIAL, [names]).fetchall()])


def settle(connection: Connection) -> None:
    """Leave the tables as autovacuum would in time: visible to index-only scans, with statistics.

    The connection must be in autocommit mode.
    """
    connection.execute("VACUUM (ANALYZE)")
    connection.execute("CHECKPOINT")


def _run(connection: Connection, statements: Sequence[str]) -> None:
    for statement in statements:
        connection.execute(sql.SQL(statement))
