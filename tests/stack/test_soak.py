"""Worker, triggerer and scheduler killed while jobs run: a short form of `benchmarks.job_soak`."""

import pytest

from airscale import postgres
from benchmarks.job_soak import account, soak
from benchmarks.soak_system import SOONER, prepared
from catalog.catalogue import Catalogue
from catalog.database import Database
from tests.stack.system import System
from tests.support.environment import plain_environment

pytestmark = [pytest.mark.stack, pytest.mark.timeout(600)]
JOBS = 10
KILLS = 6
SECONDS = 12.0
SEED = 7


def test_each_job_ends_once_and_leaves_nothing(system: System) -> None:
    folder = postgres.socket_folder(system.home)
    database = Database(postgres.database_url(folder, postgres.CATALOGUE_DATABASE))
    try:
        soaked = prepared(system.home, Catalogue(database), image=None)
        with plain_environment(AIRSCALE_RECIPES=str(system.recipes), **SOONER):
            for part in ("triggerer", "scheduler"):
                soaked.start(part)
            jobs = soaked.queue(JOBS)
            killed = soak(soaked, kills=KILLS, seconds=SECONDS, seed=SEED)
            soaked.wait(jobs, 400)

        assert sum(killed.values()) == KILLS
        assert account(soaked, jobs) == {}
        with plain_environment(AIRSCALE_RECIPES=str(system.recipes)):
            for part in ("triggerer", "scheduler"):
                soaked.start(part)
    finally:
        database.close()
