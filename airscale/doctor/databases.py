"""Both databases: whether they answer, at which revision they are, and what time they have."""

import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from typing import Final

import psycopg

from airscale.databases import libpq_url
from airscale.doctor.findings import Finding, broken, well
from airscale.home import PROJECT_ROOT
from catalog import migrations

CATALOGUE: Final = "AIRSCALE_DATABASE_URL"
AIRFLOW: Final = "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"
OLDEST_POSTGRES: Final = 14
_PATIENCE: Final = 5
_SKEW: Final = 2.0
"""Seconds; sessions and time-outs are compared across hosts."""
_MIGRATE: Final = "Run `airscale migrate`."


def look_at_servers(variables: Mapping[str, str]) -> Iterator[Finding]:
    """Connect to both databases, and compare their clocks with this host's."""
    for subject, name in (("catalogue", CATALOGUE), ("Airflow's database", AIRFLOW)):
        yield from _look_at_server(subject, variables[name])


def _look_at_server(subject: str, url: str) -> Iterator[Finding]:
    try:
        with psycopg.connect(libpq_url(url), connect_timeout=_PATIENCE) as connection:
            version = connection.info.server_version // 10000
            asked = time.time()
            row = connection.execute("SELECT extract(epoch FROM clock_timestamp())").fetchone()
            answered = time.time()
    except psycopg.Error as error:
        reason = str(error).strip().splitlines()[0]
        yield broken(
            subject,
            f"It does not answer: {reason}.",
            "Start PostgreSQL, or correct its address and password.",
        )
        return
    if version < OLDEST_POSTGRES:
        yield broken(
            subject,
            f"It is PostgreSQL {version}.",
            f"Use PostgreSQL {OLDEST_POSTGRES} or newer.",
        )
    else:
        yield well(subject, f"PostgreSQL {version} answers.")
    assert row is not None  # noqa: S101  # a SELECT without FROM has one row
    yield compare_clocks(subject, float(row[0]), asked, answered)


def compare_clocks(subject: str, theirs: float, asked: float, answered: float) -> Finding:
    """Compare clocks; the answer lay somewhere between the question and its receipt."""
    skew = max(asked - theirs, theirs - answered, 0.0)
    if skew <= _SKEW:
        return well(f"clock of {subject}", "It agrees with the clock of this host.")
    return broken(
        f"clock of {subject}",
        f"It differs by {skew:.1f} s from the clock of this host.",
        "Let all hosts take the time from one source (NTP).",
    )


def look_at_migrations(variables: Mapping[str, str]) -> Iterator[Finding]:
    """Compare the tables of both databases with what this version's code needs."""
    found, needed = migrations.state(variables[CATALOGUE])
    if found == needed:
        yield well("catalogue's tables", f"They are at revision {found}.")
    else:
        yield broken(
            "catalogue's tables",
            f"They are at revision {found or 'none'}, and this version needs {needed}.",
            _MIGRATE,
        )
    command = [sys.executable, "-m", "airflow", "db", "check-migrations", "-t", "0"]
    ended = subprocess.run(  # noqa: S603  # a fixed command
        command, cwd=PROJECT_ROOT, env=dict(variables), capture_output=True, check=False
    )
    if ended.returncode == 0:
        yield well("Airflow's tables", "They are what the installed Airflow needs.")
    else:
        yield broken("Airflow's tables", "They are not what the installed Airflow needs.", _MIGRATE)
