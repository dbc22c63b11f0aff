"""Worker, triggerer and scheduler killed while jobs run: a short form of `benchmarks.job_soak`."""

import pytest

from airscale import postgres
from benchmarks.job_soak import account, soak
from benchmarks.soak_system import prepared
from catalog.catalogue import Catalogue
from catalog.database import Database
from tests.stack.system import System
from tests.support.environment import plain_environment

pytestmark = [pytest.mark.stack, pytest.mark.timeout(900)]
JOBS = 18


def test_each_job_ends_once_and_leaves_nothing(system: System) -> None:
    folder = postgres.socket_folder(system.home)
    database = Database(postgres.database_url(folder, postgres.CATALOGUE_DATABASE))
    try:
        soaked = prepared(system.home, Catalogue(database), image=None)
        with plain_environment(AIRSCALE_RECIPES=str(system.recipes)):
            jobs = soaked.queue(JOBS)
            killed = soak(soaked, kills=3, seconds=15, seed=7)
            soaked.wait(jobs, 600)

        assert len(killed) == 3
        assert account(soaked, jobs) == {}
    finally:
        database.close()
