"""Engines that are spoken to over TLS, with real certificates and handshakes."""

from pathlib import Path

import pytest

from dag_factory.failures import JobFailure
from dag_factory.runtimes.docker_engine import engine
from dag_factory.runtimes.docker_tls import tls_context
from tests.dag_factory.conftest import Containers
from tests.support.docker import require_docker
from tests.support.tls_engine import Authority, tls_engine


@pytest.fixture
def certificates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder of certificates that engine and client share; the client verifies."""
    folder = Authority.new("ours").write(tmp_path / "certificates")
    monkeypatch.setenv("DOCKER_TLS_VERIFY", "yes")
    monkeypatch.setenv("DOCKER_CERT_PATH", str(folder))
    return folder


@pytest.fixture
def engine_here() -> None:
    """Need an engine."""
    require_docker()


@pytest.mark.docker
@pytest.mark.usefixtures("engine_here")
async def test_a_job_runs_on_an_engine_over_tls(
    certificates: Path, containers: Containers, monkeypatch: pytest.MonkeyPatch
) -> None:
    execution = containers.shell("echo far away; exit 7")
    async with tls_engine(certificates) as address:
        monkeypatch.setenv("DOCKER_HOST", address)

        end = await containers.run(execution)

        assert end.code == 7
        assert execution.work.stdout.read_text() == "far away\n"
        await containers.runtime.remove(execution)


async def test_an_engine_of_another_authority_is_not_believed(
    certificates: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs = Authority.new("theirs").write(tmp_path / "theirs")
    async with tls_engine(theirs) as address:
        monkeypatch.setenv("DOCKER_HOST", address)
        monkeypatch.setenv("DOCKER_CERT_PATH", str(certificates))

        with pytest.raises(JobFailure, match="certificate verify failed") as raised:
            await look()

    assert raised.value.error_name == "docker"
    assert "does not answer" in raised.value.detail


async def test_an_engine_refuses_a_client_of_another_authority(
    certificates: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    impostor = Authority.new("theirs").write(tmp_path / "theirs")
    (impostor / "ca.pem").write_bytes((certificates / "ca.pem").read_bytes())
    async with tls_engine(certificates) as address:
        monkeypatch.setenv("DOCKER_HOST", address)
        monkeypatch.setenv("DOCKER_CERT_PATH", str(impostor))

        with pytest.raises(JobFailure, match="does not answer"):
            await look()


async def test_a_certificate_that_is_not_there_is_named(
    certificates: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (certificates / "key.pem").unlink()
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:1")

    with pytest.raises(JobFailure, match="does not answer") as raised:
        await look()

    assert "DOCKER_HOST=tcp://127.0.0.1:1 cannot be used" in raised.value.detail
    assert str(certificates / "key.pem") in raised.value.detail


def test_certificates_are_read_again_when_they_were_renewed(certificates: Path) -> None:
    first = tls_context()
    assert tls_context() is first

    renewed = Authority.new("next").write(certificates.parent / "next")
    for each in renewed.iterdir():
        each.replace(certificates / each.name)

    assert tls_context() is not first


async def look() -> None:
    """Ask the engine for its version."""
    async with engine() as docker:
        await docker.version()
