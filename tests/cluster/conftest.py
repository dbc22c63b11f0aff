"""One cluster for all tests of this folder, made of the images of `.ci/engine compose`."""

import os
import shutil
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cluster.compose import SERVICES, Cluster, eventually
from tests.support.docker import require_image

IMAGES = {
    "AIRSCALE_IMAGE": "airscale:0.1.0",
    "AIRSCALE_POSTGRES_IMAGE": "airscale/postgres:1",
    "AIRSCALE_REDIS_IMAGE": "airscale/redis:1",
}


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """Start a cluster; stop and delete it at the end."""
    chosen = {name: os.environ.get(name, image) for name, image in IMAGES.items()}
    for image in chosen.values():
        require_image(image)
    folder = Path(tempfile.mkdtemp(prefix="airscale-cluster-"))
    folder.chmod(0o755)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = int(listener.getsockname()[1])
    variables = chosen | {
        "AIRSCALE_DATA": str(folder),
        "AIRSCALE_PORT": str(port),
        "AIRSCALE_ADDRESS": f"http://127.0.0.1:{port}",
    }
    cluster = Cluster(f"airscale-{os.getpid()}", folder, port, variables)
    try:
        cluster.compose("up", "-d", "--no-build")
        eventually(lambda: cluster.healthy() >= SERVICES)
        yield cluster
    finally:
        cluster.compose("down", "--volumes", "--timeout", "5", check=False)
        shutil.rmtree(folder)
