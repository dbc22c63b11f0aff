"""Every setting is one that the installed Airflow knows, has a reason, and reaches Airflow."""

import importlib
import importlib.util
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from airscale import keys, settings
from airscale.errors import StackError
from airscale.home import Home
from airscale.keys import Secrets
from airscale.local import local_deployment
from airscale.ports import Ports
from airscale.settings import Setting

HOME = Home(Path("/a home/airscale"))
SECRETS = Secrets.generate()
SOCKET = Path("/a home/airscale/postgres")
# Airflow brings the library; its stubs are not installed.
load_yaml = importlib.import_module("yaml").safe_load
DEPLOYMENT = local_deployment(HOME, Ports(8081), SOCKET)
ALL = settings.airflow_settings(HOME, SECRETS, DEPLOYMENT)


def environment(inherited: Mapping[str, str]) -> dict[str, str]:
    return settings.environment(HOME, SECRETS, DEPLOYMENT, inherited)


@pytest.fixture(scope="module")
def known() -> set[tuple[str, str]]:
    """Return the options that Airflow and the providers we configure declare."""
    specification = importlib.util.find_spec("airflow")
    assert specification is not None
    assert specification.submodule_search_locations is not None
    root = Path(next(iter(specification.submodule_search_locations)))
    core = load_yaml((root / "config_templates" / "config.yml").read_text())
    source = (root / "providers" / "fab" / "get_provider_info.py").read_text()
    scope: dict[str, Any] = {}
    exec(compile(source, "get_provider_info", "exec"), scope)  # noqa: S102 - the installed file
    sections = core | scope["get_provider_info"]()["config"]
    return {(section, key) for section, body in sections.items() for key in body["options"]}


@pytest.mark.parametrize("setting", ALL, ids=lambda setting: setting.variable)
def test_the_installed_airflow_knows_the_setting(
    setting: Setting, known: set[tuple[str, str]]
) -> None:
    assert (setting.section, setting.key) in known


@pytest.mark.parametrize("setting", ALL, ids=lambda setting: setting.variable)
def test_the_setting_has_a_reason(setting: Setting) -> None:
    assert len(setting.reason.split()) >= 5
    assert setting.reason.endswith(".")


def test_no_setting_is_given_twice() -> None:
    assert len({setting.variable for setting in ALL}) == len(ALL)


def test_the_catalogue_and_the_dags_folder_are_the_bundles() -> None:
    bundles = json.loads(environment({})["AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST"])
    assert [bundle["name"] for bundle in bundles] == ["airscale", "dags-folder"]


def test_an_airflow_variable_of_the_caller_wins() -> None:
    variables = environment({"AIRFLOW__CORE__PARALLELISM": "8"})
    assert variables["AIRFLOW__CORE__PARALLELISM"] == "8"


def test_the_callers_environment_reaches_the_stack_but_for_what_would_harm_it() -> None:
    variables = environment({"DOCKER_HOST": "unix:///d", "PYTHONDONTWRITEBYTECODE": "1"})
    assert variables["DOCKER_HOST"] == "unix:///d"
    assert "PYTHONDONTWRITEBYTECODE" not in variables


def test_algorithms_of_the_caller_are_looked_for_before_those_of_the_example() -> None:
    given = {"AIRSCALE_ALGORITHM_PATH": "/ours:/theirs"}
    once = environment(given)["AIRSCALE_ALGORITHM_PATH"]
    assert once.split(":")[:2] == ["/ours", "/theirs"]
    assert once.split(":")[2:] == environment({})["AIRSCALE_ALGORITHM_PATH"].split(":")
    assert environment({"AIRSCALE_ALGORITHM_PATH": once})["AIRSCALE_ALGORITHM_PATH"] == once


def test_a_socket_folder_with_a_space_makes_a_valid_address() -> None:
    url = environment({})["AIRSCALE_DATABASE_URL"]
    assert url == "postgresql+psycopg://postgres@/airscale?host=/a%20home/airscale/postgres"


def test_keys_are_made_once_and_readable_by_their_owner_only(home: Home) -> None:
    made = keys.load_or_create(home)
    assert keys.load_or_create(home) == made
    assert home.secrets.stat().st_mode & 0o777 == 0o600


def test_a_damaged_key_file_is_reported_and_kept(home: Home) -> None:
    home.secrets.write_text("{")
    with pytest.raises(StackError, match="cannot be read"):
        keys.load_or_create(home)
    assert home.secrets.read_text() == "{"
