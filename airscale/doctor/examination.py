"""The whole examination of a system, one thing after the other."""

import time
from collections.abc import Iterator, Mapping
from typing import Final

from airscale.doctor import components, databases, isolation, stores
from airscale.doctor.findings import Finding
from airscale.doctor.report import is_sound
from catalog.catalogue import Catalogue
from catalog.database import Database

_PAUSE: Final = 2.0


def examine_patiently(variables: Mapping[str, str], seconds: float) -> list[Finding]:
    """
    Return what is found, examining again while something is broken.

    Parameters
    ----------
    seconds
        How long; 0 examines once.
    """
    deadline = time.monotonic() + seconds
    while True:
        found = list(examine(variables))
        if is_sound(found) or time.monotonic() >= deadline:
            return found
        time.sleep(_PAUSE)


def examine(variables: Mapping[str, str]) -> Iterator[Finding]:
    """
    Yield what is found, the most fundamental first; what rests on something broken is left out.

    Parameters
    ----------
    variables
        The environment of the system's components.
    """
    for look in (databases.look_at_servers, databases.look_at_migrations):
        found = list(look(variables))
        yield from found
        if not is_sound(found):
            return
    database = Database(variables[databases.CATALOGUE])
    try:
        catalogue = Catalogue(database)
        yield from components.look_at_components(variables)
        yield from components.look_at_bundle(variables, catalogue)
        yield from components.look_at_builds(variables, catalogue)
        yield from stores.look_at_workspaces(catalogue)
        yield from stores.look_at_executions(variables)
        yield from stores.look_at_job_logs(variables)
        yield from isolation.look_at_isolation(variables)
        yield from stores.look_at_engine(catalogue)
    finally:
        database.close()
