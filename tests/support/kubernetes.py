"""The cluster of the tests: one that a variable names, or the local one of `.ci/cluster`.

A cluster elsewhere has to see ``AIRSCALE_TEST_KUBERNETES_FOLDER`` under the same path, because
inputs and outputs lie there, and to have ``AIRSCALE_TEST_KUBERNETES_IMAGE``, with a busybox.
"""

import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest
from kubernetes import client, config
from kubernetes.config import ConfigException
from urllib3.exceptions import HTTPError

REQUIRE_VARIABLE: Final = "AIRSCALE_REQUIRE_KUBERNETES"
KUBECONFIG_VARIABLE: Final = "AIRSCALE_TEST_KUBECONFIG"
IMAGE: Final = os.environ.get("AIRSCALE_TEST_KUBERNETES_IMAGE", "local/busybox:1")
NAMESPACE: Final = "default"
FOLDER: Final = os.environ.get("AIRSCALE_TEST_KUBERNETES_FOLDER")
CONNECTION: Final = "AIRFLOW_CONN_KUBERNETES_DEFAULT"
_CACHE: Final = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
_EVICTS_BY_V1: Final = 22  # minor version of the API server
_LOCAL: Final = _CACHE / "kubernetes-cluster/run/kubeconfig"


def kubeconfig() -> Path:
    """Return the configuration of the cluster that tests may use; never a person's own."""
    return Path(os.environ.get(KUBECONFIG_VARIABLE) or _LOCAL)


def connection(server: str | None = None) -> str:
    """Return an Airflow connection to the cluster, at another address if one is given."""
    extra: dict[str, Any] = {"kube_config_path": str(kubeconfig())}
    if server is not None:
        text = kubeconfig().read_text(encoding="utf-8")
        extra = {"kube_config": text.replace(api_server(), server)}
    return json.dumps({"conn_type": "kubernetes", "extra": extra})


def api_server() -> str:
    """Return the address of the cluster's API server."""
    return str(core().api_client.configuration.host)


def require_kubernetes() -> None:
    """Skip the test where no cluster answers; fail it where that is required."""
    reason = _lacking()
    if reason is None:
        return
    if os.environ.get(REQUIRE_VARIABLE) == "1":
        pytest.fail(f"{REQUIRE_VARIABLE} is 1. {reason}")
    pytest.skip(reason)


@cache
def core() -> client.CoreV1Api:
    """Return the API of the cluster, for a look at what the runtime did."""
    return client.CoreV1Api(config.new_client_from_config(str(kubeconfig())))


def pods_called(name: str) -> list[Any]:
    """Return the pods of a name: one, or none."""
    listed = core().list_namespaced_pod(NAMESPACE, field_selector=f"metadata.name={name}")
    return list(listed.items)


def remove_pod(name: str) -> None:
    """Remove a pod at once, if it is there."""
    if pods_called(name):
        core().delete_namespaced_pod(name, NAMESPACE, grace_period_seconds=0)


@contextmanager
def claim_of(folder: Path) -> Iterator[str]:
    """Make a volume of a folder of the nodes, and a claim that is bound to it; yield its name."""
    name = f"airscale-test-{secrets.token_hex(4)}"
    shared = {"accessModes": ["ReadWriteMany"], "storageClassName": ""}
    volume = {
        **shared,
        "capacity": {"storage": "1Gi"},
        "hostPath": {"path": str(folder)},
        "claimRef": {"name": name, "namespace": NAMESPACE},
    }
    claim = {
        **shared,
        "volumeName": name,
        "resources": {"requests": {"storage": "1Gi"}},
    }
    core().create_persistent_volume({"metadata": {"name": name}, "spec": volume})
    core().create_namespaced_persistent_volume_claim(
        NAMESPACE, {"metadata": {"name": name}, "spec": claim}
    )
    try:
        yield name
    finally:
        core().delete_namespaced_persistent_volume_claim(name, NAMESPACE)
        core().delete_persistent_volume(name)


def evict(pod: str) -> None:
    """Ask for the eviction of a pod, as `kubectl drain` does."""
    version = client.VersionApi(core().api_client).get_code()
    is_old = int(version.major) == 1 and int(version.minor.rstrip("+")) < _EVICTS_BY_V1
    eviction = {
        "apiVersion": "policy/v1beta1" if is_old else "policy/v1",
        "kind": "Eviction",
        "metadata": {"name": pod, "namespace": NAMESPACE},
    }
    core().create_namespaced_pod_eviction(pod, NAMESPACE, eviction)


@cache
def _lacking() -> str | None:
    how = f"Run .ci/cluster start, or set {KUBECONFIG_VARIABLE} to a cluster that tests may use."
    if not kubeconfig().exists():
        return f"There is no Kubernetes cluster: {kubeconfig()} is not there. {how}"
    try:
        core().list_node(_request_timeout=10)
    except (HTTPError, ConfigException, client.ApiException, OSError) as error:
        return f"The Kubernetes cluster of {kubeconfig()} does not answer ({error}). {how}"
    return None
