"""Ports that a container is given, as the engine is told; no engine is needed."""

from dataclasses import replace
from pathlib import Path

import pytest

from dag_factory.runtimes.docker_container import creation
from tests.support.invocations import invocation


def test_ports_are_published_under_their_own_numbers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRSCALE_PAI_HOST", "127.0.0.2")
    plain = invocation(tmp_path, "true")

    described = creation(replace(plain, plan=replace(plain.plan, ports=(20001,))))

    assert described["ExposedPorts"] == {"20001/tcp": {}}
    bindings = described["HostConfig"]["PortBindings"]
    assert bindings == {"20001/tcp": [{"HostIp": "127.0.0.2", "HostPort": "20001"}]}
    assert creation(plain)["HostConfig"]["PortBindings"] == {}
