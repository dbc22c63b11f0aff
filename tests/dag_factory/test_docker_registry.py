"""Registries in the names of images, and the connections of Airflow that hold a login there."""

import json

import pytest

from dag_factory.runtimes.docker_registry import (
    CONNECTION_VARIABLE,
    ConnectionUnusableError,
    connection_ids,
    full_name,
    login_for,
    registry_at,
    registry_of,
)

IMAGE = "registry.lab.example:5000/science/rgb:2"


@pytest.fixture(autouse=True)
def no_other_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take away what the environment of the tests may have."""
    monkeypatch.delenv(CONNECTION_VARIABLE, raising=False)
    monkeypatch.delenv("AIRFLOW_CONN_DOCKER_DEFAULT", raising=False)


def connect(
    monkeypatch: pytest.MonkeyPatch, name: str, host: str | None, login: str | None = "me"
) -> None:
    """Set a connection of Airflow."""
    fields = {"conn_type": "docker", "host": host, "login": login, "password": f"of {name}"}
    monkeypatch.setenv(f"AIRFLOW_CONN_{name.upper()}", json.dumps(fields))


@pytest.mark.parametrize(
    ("image", "registry", "name"),
    [
        ("busybox", "docker.io", "docker.io/busybox"),
        ("busybox:1.36", "docker.io", "docker.io/busybox:1.36"),
        ("science/rgb:2", "docker.io", "docker.io/science/rgb:2"),
        ("docker.io/science/rgb", "docker.io", "docker.io/science/rgb"),
        ("index.docker.io/science/rgb", "docker.io", "docker.io/science/rgb"),
        ("localhost/rgb", "localhost", "localhost/rgb"),
        ("127.0.0.1:5000/rgb", "127.0.0.1:5000", "127.0.0.1:5000/rgb"),
        ("lab:5000/rgb@sha256:0a", "lab:5000", "lab:5000/rgb@sha256:0a"),
        ("ghcr.io/a/b/c:1", "ghcr.io", "ghcr.io/a/b/c:1"),
        ("ghcr.io:443/a/b", "ghcr.io", "ghcr.io:443/a/b"),
    ],
)
def test_the_registry_is_the_host_that_a_name_begins_with(
    image: str, registry: str, name: str
) -> None:
    assert registry_of(image) == registry
    assert full_name(image) == name


@pytest.mark.parametrize(
    ("address", "port", "registry"),
    [
        ("https://index.docker.io/v1/", None, "docker.io"),
        ("docker.io", 443, "docker.io"),
        ("registry-1.docker.io", None, "docker.io"),
        ("https://registry.lab.example:5000", None, "registry.lab.example:5000"),
        ("registry.lab.example", 5000, "registry.lab.example:5000"),
        ("registry.lab.example:5000", 5000, "registry.lab.example:5000"),
        ("Registry.Lab.Example/v2/", None, "registry.lab.example"),
        ("[::1]", 5000, "[::1]:5000"),
    ],
)
def test_the_host_of_a_connection_may_be_a_url(
    address: str, port: int | None, registry: str
) -> None:
    assert registry_at(address, port) == registry


def test_connections_are_named_with_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    assert connection_ids() == ("docker_default",)

    monkeypatch.setenv(CONNECTION_VARIABLE, " lab, hub,")

    assert connection_ids() == ("lab", "hub")


async def test_without_connections_nobody_signs_in() -> None:
    assert await login_for(IMAGE) is None


async def test_the_connection_to_the_registry_of_the_image_is_taken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(CONNECTION_VARIABLE, "hub,lab")
    connect(monkeypatch, "hub", "https://index.docker.io/v1/")
    connect(monkeypatch, "lab", "registry.lab.example:5000")

    lab, hub, other = [await login_for(each) for each in (IMAGE, "rgb", "ghcr.io/rgb")]

    assert lab is not None
    assert (lab.connection, lab.username, lab.password) == ("lab", "me", "of lab")
    assert hub is not None
    assert hub.connection == "hub"
    assert other is None


async def test_the_password_is_not_shown_with_a_login(monkeypatch: pytest.MonkeyPatch) -> None:
    connect(monkeypatch, "docker_default", "registry.lab.example:5000")

    login = await login_for(IMAGE)

    assert "me" in repr(login)
    assert "of docker_default" not in repr(login)


@pytest.mark.parametrize(
    ("host", "login", "why"),
    [(None, "me", "it has no registry URL"), ("lab:5000", None, "it has no username")],
)
async def test_a_connection_that_is_no_login_is_named(
    monkeypatch: pytest.MonkeyPatch, host: str | None, login: str | None, why: str
) -> None:
    connect(monkeypatch, "docker_default", host, login)

    with pytest.raises(ConnectionUnusableError, match=why) as raised:
        await login_for(IMAGE)

    assert raised.value.error_name == "image-pull"
    assert "'docker_default'" in raised.value.detail


async def test_a_named_connection_that_is_not_there_is_an_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(CONNECTION_VARIABLE, "nowhere")

    with pytest.raises(ConnectionUnusableError, match=r"'nowhere'.*no such connection"):
        await login_for(IMAGE)
