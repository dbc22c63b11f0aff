"""What jobs need of this host: workspaces, work directories, the log store, a container engine."""

import asyncio
import importlib
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from airscale.doctor.findings import Finding, broken, warning, well
from catalog.brokers import broker_of
from catalog.catalogue import Catalogue
from catalog.errors import CatalogueError
from catalog.logs import CONNECTION_VARIABLE, DirectoryStore, log_store

_LITTLE: Final = 0.05
"""Part of a file system that should stay free."""
_GIB: Final = 1024**3
_PROBE: Final = ".doctor"


def look_at_workspaces(catalogue: Catalogue) -> Iterator[Finding]:
    """Write and delete a small file in every active workspace that has a directory here."""
    with catalogue.database.transaction() as tx:
        active = tx.workspaces.active()
    for workspace in active:
        yield _workspace(workspace.name, workspace.json_config)
    if not active:
        yield warning("workspaces", "There is none.", "Create one, or run the demo.")


def _workspace(name: str, json_config: Mapping[str, object]) -> Finding:
    subject = f"workspace {name}"
    try:
        broker = broker_of(dict(json_config))
        root = broker.local(_PROBE)
        sizes = broker.sizes()
    except (CatalogueError, OSError) as error:
        return broken(subject, f"It cannot be used: {error}.", "Correct its configuration.")
    if root is not None:
        return look_at_directory(subject, root.parent)
    if sizes is None:
        return broken(subject, "Its storage does not answer.", "Look at its address and login.")
    return well(subject, "Its storage answers.")


def look_at_executions(variables: Mapping[str, str]) -> Iterator[Finding]:
    """Look whether work directories can be made."""
    yield look_at_directory("work directories", Path(variables["AIRSCALE_EXECUTIONS"]))


def look_at_job_logs(variables: Mapping[str, str]) -> Iterator[Finding]:
    """Look whether what jobs print can be kept: write, read and remove something."""
    subject = "log store"
    try:
        store = log_store(variables)
        if isinstance(store, DirectoryStore):
            yield look_at_directory(subject, store.root)
            return
        if variables.get(CONNECTION_VARIABLE):
            importlib.import_module("airflow")  # whose database may have the connection
        store.probe()
    except OSError as error:
        yield broken(
            subject,
            f"It cannot be used: {str(error).rstrip('.')}. Jobs run, but no more than the last"
            " 256 KiB of what they print are kept.",
            "Set AIRSCALE_LOGS to a directory or to s3://bucket/prefix of a bucket that is there,"
            " give its login with AIRSCALE_LOGS_CONNECTION or AWS_* for this process and every"
            " one of Airflow, and let it put, get, list and delete objects (docs/execution.md).",
        )
    else:
        yield well(subject, f"{store.where} can be written, read and deleted.")


def look_at_directory(subject: str, directory: Path) -> Finding:
    """Write and delete a small file in a directory, and see how much room it has."""
    if not directory.is_dir():
        return warning(
            subject,
            f"{directory} is not there; it is made when it is first written to.",
            "If it should be mounted, mount it before files are written beside it.",
        )
    try:
        with tempfile.NamedTemporaryFile(dir=directory, prefix=".doctor-") as file:
            file.write(b"?")
            file.flush()
            os.fsync(file.fileno())
        usage = shutil.disk_usage(directory)
    except OSError as error:
        return broken(
            subject,
            f"{directory} cannot be written ({error.strerror}).",
            "Look at its owner, its permissions and its file system.",
        )
    sentence = f"{directory} is writable; {usage.free / _GIB:.1f} GiB are free."
    if usage.free < _LITTLE * usage.total:
        return warning(subject, sentence, "Make room before jobs are refused for lack of it.")
    return well(subject, sentence)


def look_at_engine(catalogue: Catalogue) -> Iterator[Finding]:
    """Ask the container engine for each image that an active job type needs."""
    from dag_factory.runtimes import docker_check  # noqa: PLC0415  # its libraries take a while
    from dag_factory.runtimes.choice import ContainerEngine, container_engine  # noqa: PLC0415

    with catalogue.database.transaction() as tx:
        images = {
            each.docker_image
            for each in tx.job_types.all()
            if each.uses_docker and each.is_active and each.docker_image
        }
    if not images:
        yield well("container engine", "No job type needs one.")
        return
    if container_engine() is not ContainerEngine.DOCKER:
        yield from _look_at_cluster()
        return
    for image in sorted(images):
        lacking = docker_check.missing(image, "Build, load or pull it there.")
        if lacking is None:
            yield well(f"image {image}", "The engine has it.")
        else:
            advice = "Until then jobs that need it pull it first, and fail if they cannot."
            yield warning(f"image {image}", lacking, advice)
    yield from look_at_registries()


def look_at_registries() -> Iterator[Finding]:
    """Let the engine sign in where Airflow connections hold a login."""
    from dag_factory.failures import JobFailure  # noqa: PLC0415  # as above
    from dag_factory.runtimes import docker_check  # noqa: PLC0415  # as above

    advice = "Images that the engine has not got cannot be pulled from there until then."
    try:
        checked = docker_check.checked_logins()
    except JobFailure as failure:
        yield warning("registries", failure.detail, advice)
        return
    for each in checked:
        subject, connection = f"registry {each.registry}", f"the connection {each.connection!r}"
        if each.refusal is None:
            yield well(subject, f"It accepts the login of {connection}.")
        else:
            sentence = f"The engine cannot sign in with {connection} ({each.refusal})."
            yield warning(subject, sentence, f"Correct it. {advice}")


def _look_at_cluster() -> Iterator[Finding]:
    """Ask the Kubernetes cluster for its nodes; its nodes pull images by themselves."""
    from dag_factory.cluster_nodes import CLUSTER, cluster_nodes  # noqa: PLC0415  # as above

    ready = sorted(asyncio.run(cluster_nodes()).keys() - {CLUSTER})
    if ready:
        yield well("Kubernetes", f"These nodes are ready: {', '.join(ready)}.")
    else:
        yield broken(
            "Kubernetes",
            "No node of the cluster is ready, or the cluster does not answer.",
            "Look at the connection (docs/kubernetes.md) and at `kubectl get nodes`.",
        )
