"""
Bring both databases to the state that this version needs; run as a process of its own.

Importing Airflow takes seconds, which the command line must not pay:
``python -m airscale.bootstrap`` with the stack's environment. It may run twice and at once:
each step changes only what is missing, and an advisory lock keeps two of them in turn.
"""

import importlib
import os
import sys
from collections.abc import Iterable
from contextlib import AbstractContextManager
from types import ModuleType
from typing import Any

import psycopg
from sqlalchemy.engine import make_url

from airscale.cluster.secrets import is_cluster
from airscale.cluster.secrets import read as read_secrets
from airscale.databases import create_missing, libpq_url
from airscale.home import Home
from airscale.keys import load

ADVISORY_LOCK = 0x41495253
"""Any number, the same in every bootstrap."""

ALL_PERMISSIONS_ROLES = ("Admin", "Op")
READ_PERMISSIONS_ROLES = ("Viewer", "User")
READ_ACTION = "can_read"


def main() -> None:
    """Migrate and fill both databases, one bootstrap at a time."""
    catalogue_url = os.environ["AIRSCALE_DATABASE_URL"]
    _create_databases(catalogue_url, os.environ["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"])
    with _turn(catalogue_url):
        _say("Migrating Airflow's database.")
        migrate_airflow()
        _say("Setting up users and permissions.")
        set_up_access(_admin_password(), permissions())
        migrate_catalogue(catalogue_url)


def migrate_airflow() -> None:
    """Bring Airflow's and Flask-AppBuilder's tables to the installed versions, as `db migrate`."""
    from airflow.providers_manager import ProvidersManager  # noqa: PLC0415 - seconds to import
    from airflow.utils.db import upgradedb  # noqa: PLC0415

    ProvidersManager().initialize_providers_configuration()
    upgradedb()


def migrate_catalogue(url: str) -> None:
    """Bring the catalogue's tables to this version."""
    migrations = _import_if_there("catalog.migrations")
    if migrations is None:
        _say("There is no catalogue in this project yet: its migration is skipped.")
        return
    _say("Migrating the catalogue.")
    migrations.upgrade(url)


def permissions() -> tuple[tuple[str, str], ...]:
    """Return the (action, resource) pairs that REST and pages ask for."""
    module = _import_if_there("plugins.rest.permissions")
    if module is None:
        _say("There is no REST interface in this project yet: its permissions are skipped.")
        return ()
    return tuple((action, resource) for action, resource in module.PERMISSIONS)


def set_up_access(admin_password: str, pairs: Iterable[tuple[str, str]]) -> None:
    """
    Create the user ``admin`` where it is missing, and grant our permissions.

    The API server's own synchronisation at its start, and ``airflow sync-perm``, only add to
    roles: what is granted here stays. A password that was changed is left alone.
    """
    from airflow.providers.fab.auth_manager.cli_commands.utils import (  # noqa: PLC0415
        get_application_builder,  # seconds to import
    )

    with get_application_builder() as builder:
        manager = builder.sm
        for action, resource in pairs:
            _grant(manager, action, resource)
        if manager.find_user("admin") is None:
            manager.add_user(
                "admin",
                "Airscale",
                "Administrator",
                "admin@localhost",
                manager.find_role("Admin"),
                admin_password,
            )


def _grant(manager: Any, action: str, resource: str) -> None:
    permission = manager.create_permission(action, resource)
    roles = ALL_PERMISSIONS_ROLES + (READ_PERMISSIONS_ROLES if action == READ_ACTION else ())
    for name in roles:
        manager.add_permission_to_role(manager.find_role(name), permission)


def _create_databases(*urls: str) -> None:
    """Create what a server lacks of these databases, through the one that each server has."""
    for url in urls:
        with psycopg.connect(libpq_url(url, "postgres"), autocommit=True) as connection:
            create_missing(connection, [str(make_url(url).database)])


def _admin_password() -> str:
    if is_cluster(os.environ):
        return read_secrets().keys.admin_password
    return load(Home.from_environment()).admin_password


def _turn(catalogue_url: str) -> AbstractContextManager[object]:
    """Wait for the advisory lock; PostgreSQL frees it when the connection ends, however."""
    connection = psycopg.connect(libpq_url(catalogue_url), autocommit=True)
    connection.execute("SELECT pg_advisory_lock(%s)", (ADVISORY_LOCK,))
    return connection


def _import_if_there(name: str) -> ModuleType | None:
    """Import a module of another room; only its own absence is excused."""
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name == name:
            return None
        raise


def _say(sentence: str) -> None:
    sys.stdout.write(f"{sentence}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
