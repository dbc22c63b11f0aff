"""The embedded PostgreSQL starts, stops and recovers; all of it real."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from airscale import postgres, prepared
from airscale.errors import StackError
from airscale.home import Home
from tests.airscale.conftest import eventually, temporary_home

pytestmark = pytest.mark.slow

SLEEP = (sys.executable, "-c", "import time; time.sleep(600)")


def ask(folder: Path, query: str, database: str = postgres.CATALOGUE_DATABASE) -> object:
    with psycopg.connect(host=str(folder), user="postgres", dbname=database) as connection:
        row = connection.execute(query).fetchone()
    assert row is not None
    return row[0]


def write_a_row(folder: Path) -> None:
    with psycopg.connect(
        host=str(folder), user="postgres", dbname=postgres.CATALOGUE_DATABASE
    ) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")


def kill_all(home: Home) -> None:
    for process in postgres.processes(home):
        process.kill()
    assert eventually(lambda: not postgres.processes(home))


@pytest.fixture(scope="module")
def cluster() -> Iterator[Home]:
    """Return the home of a server that tests may read but not stop."""
    with temporary_home() as home:
        postgres.start(home)
        yield home


def test_both_databases_exist(cluster: Home) -> None:
    folder = postgres.socket_folder(cluster)
    for name in (postgres.AIRFLOW_DATABASE, postgres.CATALOGUE_DATABASE):
        assert ask(folder, "SELECT current_database()", name) == name


def test_starting_what_runs_starts_nothing(cluster: Home) -> None:
    before = postgres.postmaster(cluster)
    postgres.start(cluster)
    assert postgres.postmaster(cluster) == before


@pytest.mark.parametrize("setting", ["fsync", "synchronous_commit", "full_page_writes"])
def test_durability_stays_on(cluster: Home, setting: str) -> None:
    assert ask(postgres.socket_folder(cluster), f"SHOW {setting}") == "on"


def test_our_settings_hold(cluster: Home) -> None:
    assert ask(postgres.socket_folder(cluster), "SHOW shared_buffers") == "64MB"


def test_nothing_listens_on_the_network(cluster: Home) -> None:
    assert ask(postgres.socket_folder(cluster), "SHOW listen_addresses") == ""


def test_text_is_sorted_by_code_point(cluster: Home) -> None:
    assert ask(postgres.socket_folder(cluster), "SELECT 'B' < 'a' AND 'z' < 'é'") is True


def test_a_digest_says_whether_the_databases_are_prepared(cluster: Home) -> None:
    folder = postgres.socket_folder(cluster)
    assert not prepared.is_prepared(folder, "airscale 1")
    prepared.mark_prepared(folder, "airscale 1")
    assert prepared.is_prepared(folder, "airscale 1")
    assert not prepared.is_prepared(folder, "airscale 2")


def test_the_digest_changes_with_the_code_that_prepares(tmp_path: Path) -> None:
    (tmp_path / "catalog").mkdir()
    before = prepared.digest(tmp_path)
    (tmp_path / "catalog" / "tables.py").write_text("new")
    assert prepared.digest(tmp_path) != before
    assert prepared.digest(tmp_path) == prepared.digest(tmp_path)


def test_stopping_leaves_no_process_and_keeps_what_was_written(home: Home) -> None:
    write_a_row(postgres.start(home))
    postgres.stop(home)
    assert postgres.processes(home) == []
    assert ask(postgres.start(home), "SELECT answer FROM kept") == 42


def test_stopping_what_does_not_run_does_nothing(home: Home) -> None:
    postgres.stop(home)
    assert not postgres.is_running(home)
    with pytest.raises(StackError, match="not running"):
        postgres.socket_folder(home)


def test_it_recovers_after_all_its_processes_are_killed(home: Home) -> None:
    write_a_row(postgres.start(home))
    kill_all(home)
    assert ask(postgres.start(home), "SELECT answer FROM kept") == 42


def test_it_recovers_after_only_its_postmaster_is_killed(home: Home) -> None:
    folder = postgres.start(home)
    write_a_row(folder)
    with psycopg.connect(host=str(folder), user="postgres", dbname="airscale") as idle:
        postmaster = postgres.postmaster(home)
        assert postmaster is not None
        postmaster.kill()
        assert eventually(lambda: not postgres.is_running(home))
        assert ask(postgres.start(home), "SELECT answer FROM kept") == 42
        with pytest.raises(psycopg.OperationalError):
            idle.execute("SELECT 1")


def test_it_starts_when_its_number_belongs_to_another_program_by_now(home: Home) -> None:
    write_a_row(postgres.start(home))
    kill_all(home)
    lock = home.postgres / "postmaster.pid"
    with subprocess.Popen(SLEEP) as other:
        text = lock.read_text().splitlines()
        lock.write_text("\n".join([str(other.pid), *text[1:]]) + "\n")
        (home.postgres / ".s.PGSQL.5432.lock").write_text(f"{other.pid}\n")
        assert not postgres.is_running(home)
        assert ask(postgres.start(home), "SELECT answer FROM kept") == 42
        assert other.poll() is None
        other.kill()


def test_a_cluster_that_was_left_half_made_is_made_anew(home: Home) -> None:
    unfinished = home.root / f"{postgres.UNFINISHED}1"
    unfinished.mkdir()
    (unfinished / "PG_VERSION").write_text("18\n")
    assert ask(postgres.start(home), "SELECT 1") == 1
    assert postgres.unfinished_clusters(home) == []


def test_a_locale_that_the_machine_lacks_does_not_matter(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "xx_XX.ISO-8859-1")
    assert ask(postgres.start(home), "SHOW server_encoding") == "UTF8"
    assert os.environ["LC_ALL"] == "xx_XX.ISO-8859-1"


def test_a_home_with_a_long_path_gets_a_socket_elsewhere(home: Home) -> None:
    deep = Home(home.root / ("long" * 20) / ("longer" * 10))
    deep.create()
    try:
        folder = postgres.start(deep)
        assert folder != deep.postgres
        assert ask(folder, "SELECT 1") == 1
    finally:
        postgres.stop(deep)
