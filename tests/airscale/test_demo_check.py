"""What the demonstration needs before it starts anything."""

import pytest

from airscale.demo import example
from airscale.demo.runtime import DemoRuntime


def test_processes_need_nothing() -> None:
    assert example.missing(DemoRuntime.PROCESS) is None


def test_containers_need_an_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")

    assert "DOCKER_HOST" in str(example.missing(DemoRuntime.DOCKER))
