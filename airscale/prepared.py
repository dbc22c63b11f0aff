"""
Whether the databases already are what the installed software needs.

A bootstrap that changes nothing still takes seconds to import Airflow. So the digest of all
that decides its outcome is kept as each database's comment: it comes and goes with the database,
and anything unknown means that the bootstrap runs.
"""

import hashlib
import importlib.metadata
from pathlib import Path

import psycopg
from psycopg import sql

from airscale.home import PROJECT_ROOT
from airscale.postgres import AIRFLOW_DATABASE, CATALOGUE_DATABASE

DATABASES = (AIRFLOW_DATABASE, CATALOGUE_DATABASE)
DISTRIBUTIONS = ("apache-airflow-core", "apache-airflow-providers-fab", "flask-appbuilder")
SOURCES = ("airscale/bootstrap.py", "catalog/**/*.py", "catalog/**/*.sql", "plugins/rest/**/*.py")


def digest(project: Path = PROJECT_ROOT) -> str:
    """Return what identifies a bootstrap's outcome: package versions and the code it runs."""
    seen = hashlib.sha256()
    for name in DISTRIBUTIONS:
        seen.update(f"{name} {importlib.metadata.version(name)}\n".encode())
    for file in sorted(found for pattern in SOURCES for found in project.glob(pattern)):
        content = hashlib.sha256(file.read_bytes()).hexdigest()
        seen.update(f"{file.relative_to(project)} {content}\n".encode())
    return f"airscale {seen.hexdigest()}"


def is_prepared(socket_folder: Path, expected: str) -> bool:
    """Return whether both databases carry this digest."""
    query = "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = ANY(%s)"
    with _connect(socket_folder) as connection:
        found = [row[0] for row in connection.execute(query, (list(DATABASES),)).fetchall()]
    return found == [expected] * len(DATABASES)


def mark_prepared(socket_folder: Path, value: str) -> None:
    """Note on both databases that a bootstrap of this digest has ended well."""
    with _connect(socket_folder) as connection:
        for name in DATABASES:
            connection.execute(
                sql.SQL("COMMENT ON DATABASE {} IS {}").format(
                    sql.Identifier(name), sql.Literal(value)
                )
            )


def _connect(socket_folder: Path) -> "psycopg.Connection[tuple[str | None]]":
    return psycopg.connect(host=str(socket_folder), user="postgres", dbname="postgres")
