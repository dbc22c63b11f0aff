"""Airflow's components: which are alive, what they run, and how fresh the recipes are."""

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import psycopg

from airscale.build import build
from airscale.cluster.services import SERVICES, ServiceName
from airscale.databases import libpq_url
from airscale.doctor.databases import AIRFLOW
from airscale.doctor.findings import Finding, broken, warning, well
from catalog.catalogue import Catalogue
from catalog.records.components import ComponentRecord

_ALIVE: Final = timedelta(seconds=30)
"""As Airflow's own health report has it."""
_FRESH: Final = timedelta(seconds=60)
_HEARTBEATS: Final = """
    SELECT job_type, hostname, now() - max(latest_heartbeat)
    FROM job WHERE state = 'running' GROUP BY job_type, hostname ORDER BY 1, 2
"""
_BUNDLE: Final = "SELECT version, now() - last_refreshed FROM dag_bundle WHERE name = 'airscale'"


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """The last sign of a component on a host, and how long ago it was."""

    job_type: str
    hostname: str
    age: timedelta

    @property
    def is_alive(self) -> bool:
        """Say whether the sign is young enough."""
        return self.age <= _ALIVE


def look_at_components(variables: Mapping[str, str]) -> Iterator[Finding]:
    """Look for a living scheduler, DAG processor and triggerer."""
    heartbeats = _heartbeats(variables)
    for name, service in SERVICES.items():
        if service.job_type:
            own = [each for each in heartbeats if each.job_type == service.job_type]
            yield _component(name, own)


def _heartbeats(variables: Mapping[str, str]) -> list[Heartbeat]:
    with psycopg.connect(libpq_url(variables[AIRFLOW])) as connection:
        return [Heartbeat(*row) for row in connection.execute(_HEARTBEATS).fetchall()]


def _component(name: ServiceName, heartbeats: Sequence[Heartbeat]) -> Finding:
    alive = [each.hostname for each in heartbeats if each.is_alive]
    silent = [each.hostname for each in heartbeats if not each.is_alive]
    if not alive:
        return broken(name, "None is alive.", f"Start one; look at the log of the {name}.")
    living = f"Alive on {', '.join(alive)}."
    if silent:
        return warning(
            name,
            f"{living} Silent on {', '.join(silent)}.",
            "Others do its work. Look at its log, or wait until Airflow forgets it.",
        )
    return well(name, living)


def look_at_bundle(variables: Mapping[str, str], catalogue: Catalogue) -> Iterator[Finding]:
    """Compare the recipes that Airflow has with those of the catalogue."""
    with psycopg.connect(libpq_url(variables[AIRFLOW])) as connection:
        row = connection.execute(_BUNDLE).fetchone()
    if row is None:
        yield broken(
            "recipes in Airflow",
            "Airflow does not know the bundle airscale.",
            "Set [dag_processor] dag_bundle_config_list as docs/settings.md says.",
        )
        return
    version, age = row
    wanted = catalogue.definitions.current_version()
    if version == wanted:
        yield well("recipes in Airflow", f"They are those of the catalogue (version {version}).")
    elif age is not None and age <= _FRESH:
        yield warning(
            "recipes in Airflow",
            f"Version {version} of the catalogue's {wanted} was seen {age.seconds} s ago.",
            "The DAG processor is at it; look again in a minute.",
        )
    else:
        yield broken(
            "recipes in Airflow",
            f"They are those of version {version}; the catalogue is at {wanted}.",
            "Look at the log of the DAG processor.",
        )


def look_at_builds(variables: Mapping[str, str], catalogue: Catalogue) -> Iterator[Finding]:
    """Compare the code that each living component was started from with the code here."""
    heartbeats = _heartbeats(variables)
    alive = frozenset((each.job_type, each.hostname) for each in heartbeats if each.is_alive)
    yield from compare_builds(catalogue, alive)


def compare_builds(catalogue: Catalogue, alive: AbstractSet[tuple[str, str]]) -> Iterator[Finding]:
    """Compare what was started with the code here.

    Parameters
    ----------
    alive
        The kinds of heartbeat and the hosts that live; what has none there is left out.
    """
    here = build()
    others = [
        each for each in catalogue.components.all() if each.build != here and _may_live(each, alive)
    ]
    if not others:
        yield well("versions", f"Every component was started from {here}.")
        return
    named = ", ".join(f"{each.name} on {each.hostname} ({each.build})" for each in others)
    yield warning(
        "versions",
        f"This is {here}, and others were started from other code: {named}.",
        "Restart them, so that all run the same version.",
    )


def _may_live(component: ComponentRecord, alive: AbstractSet[tuple[str, str]]) -> bool:
    """Say whether a component lives, or gives no sign of it in the database."""
    job_type = SERVICES[ServiceName(component.name)].job_type
    return not job_type or (job_type, component.hostname) in alive
