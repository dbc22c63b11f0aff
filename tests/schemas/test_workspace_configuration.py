"""Workspace configurations."""

from typing import Any

import pytest

from schemas.workspace_configuration import (
    HostBroker,
    NfsBroker,
    S3Broker,
    WorkspaceConfiguration,
)
from tests.schemas.helpers import refusal, seed_example


def refused(**broker: Any) -> list[tuple[str, str]]:
    return refusal(WorkspaceConfiguration.parse, {"broker": broker})


def test_the_seed_s_example_is_read() -> None:
    assert WorkspaceConfiguration.parse(seed_example("workspace")) == WorkspaceConfiguration(
        NfsBroker("host:/my/path")
    )


def test_a_directory_of_the_host_is_read() -> None:
    document = {"broker": {"type": "host", "host_path": "/data"}}
    configuration = WorkspaceConfiguration.parse(document)
    assert configuration == WorkspaceConfiguration(HostBroker("/data"))
    assert WorkspaceConfiguration.parse(configuration.to_json()) == configuration


@pytest.mark.parametrize("mount", ["host.example:/p", "10.0.0.1:/", "[fe80::1]:/a b", "n_1:/p"])
def test_a_mount_is_a_host_and_an_absolute_path(mount: str) -> None:
    document = {"broker": {"type": "nfs", "mount": mount}}
    assert WorkspaceConfiguration.parse(document).broker == NfsBroker(mount)


@pytest.mark.parametrize(
    "mount", ["", "host", "/path", "host:path", ":/path", "-o x:/path", "host:/a\n", "a b:/p"]
)
def test_anything_else_is_no_mount(mount: str) -> None:
    [(path, sentence)] = refused(type="nfs", mount=mount)
    assert path == "$.broker.mount"
    assert sentence.startswith("expected host:/path, an NFS host and an absolute path on it")


@pytest.mark.parametrize("host_path", ["", "data", "./data", "host:/data"])
def test_a_host_path_is_absolute(host_path: str) -> None:
    [(path, sentence)] = refused(type="host", host_path=host_path)
    assert path == "$.broker.host_path"
    assert sentence.startswith("expected an absolute path such as /data/products")


def test_an_unknown_broker_is_refused() -> None:
    assert refused(type="ftp") == [
        ("$.broker.type", 'expected one of "nfs", "host", "s3", found "ftp".')
    ]


def test_a_broker_has_only_the_fields_of_its_type() -> None:
    assert refused(type="nfs", host_path="/data") == [
        ("$.broker.host_path", 'unknown field; the fields here are "type", "mount".'),
        ("$.broker.mount", "this field is required."),
    ]


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ({"bucket": "scenes"}, S3Broker("scenes")),
        ({"bucket": "b.c", "prefix": "/raw/x/"}, S3Broker("b.c", "raw/x")),
        ({"bucket": "scenes", "connection": "minio"}, S3Broker("scenes", "", "minio")),
    ],
)
def test_a_bucket_is_read(given: dict[str, str], read: S3Broker) -> None:
    configuration = WorkspaceConfiguration.parse({"broker": {"type": "s3", **given}})
    assert configuration.broker == read
    assert WorkspaceConfiguration.parse(configuration.to_json()) == configuration


@pytest.mark.parametrize("prefix", ["..", "a/../b", "a//b", "a b", "./a"])
def test_a_prefix_cannot_lead_elsewhere(prefix: str) -> None:
    [(path, _)] = refused(type="s3", bucket="scenes", prefix=prefix)
    assert path == "$.broker.prefix"


def test_secrets_have_no_place_in_a_workspace() -> None:
    [(path, _)] = refused(type="s3", bucket="scenes", secret="x")  # noqa: S106  # none
    assert path == "$.broker.secret"
