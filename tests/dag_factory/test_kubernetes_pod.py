"""What a pod is made from, and what its end means; no cluster is needed."""

import dataclasses
import json
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from kubernetes.client import ApiClient, Configuration
from kubernetes_asyncio.client import ApiException

from catalog.brokers import MOUNTS_VARIABLE
from dag_factory.failures import JobFailure
from dag_factory.runtimes import choice
from dag_factory.runtimes.kubernetes_cluster import message_of
from dag_factory.runtimes.kubernetes_pod import manifest
from dag_factory.runtimes.kubernetes_state import check_begins, check_node, exit_of, why_pending
from dag_factory.runtimes.kubernetes_volumes import VOLUMES_VARIABLE
from dag_factory.runtimes.privilege import PRIVILEGED_VARIABLE
from dag_factory.runtimes.runtime import Invocation
from tests.support.invocations import input_file, invocation


@pytest.fixture
def execution(tmp_path: Path) -> Invocation:
    given = input_file(tmp_path / "raw" / "day" / "a.txt", "")
    return invocation(tmp_path / "executions", "true", files={"i": (given,)}, image="image:1")


def with_plan(execution: Invocation, **changes: Any) -> Invocation:
    return dataclasses.replace(execution, plan=dataclasses.replace(execution.plan, **changes))


def container(execution: Invocation) -> dict[str, Any]:
    (only,) = manifest(execution)["spec"]["containers"]
    assert isinstance(only, dict)
    return only


def mounted(execution: Invocation, target: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the volume and the mount at a path of the pod."""
    (mount,) = [
        each for each in container(execution)["volumeMounts"] if each["mountPath"] == target
    ]
    volumes = manifest(execution)["spec"]["volumes"]
    (volume,) = [each for each in volumes if each["name"] == mount["name"]]
    return volume, mount


INPUT = "/airscale/inputs/i/a.txt"


def test_an_input_is_taken_from_the_same_path_of_the_node(
    execution: Invocation, tmp_path: Path
) -> None:
    volume, mount = mounted(execution, INPUT)

    assert volume["hostPath"] == {"path": str(tmp_path / "raw/day/a.txt"), "type": "File"}
    assert mount["readOnly"]
    assert "subPath" not in mount


def test_a_workspace_on_nfs_is_mounted_from_its_server(
    execution: Invocation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(
        MOUNTS_VARIABLE, json.dumps({"[fe80::1]:/exports/raw": str(tmp_path / "raw")})
    )
    volume, mount = mounted(execution, INPUT)

    assert volume["nfs"] == {"server": "fe80::1", "path": "/exports/raw"}
    assert mount["subPath"] == "day/a.txt"


def test_the_volume_of_the_closest_directory_is_taken(
    execution: Invocation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = {
        str(tmp_path): {"persistentVolumeClaim": {"claimName": "all"}},
        str(tmp_path / "raw"): {"persistentVolumeClaim": {"claimName": "raw"}},
    }
    monkeypatch.setenv(VOLUMES_VARIABLE, json.dumps(known))
    of_input, _ = mounted(execution, INPUT)
    of_output, mount = mounted(execution, "/airscale/outputs")

    assert of_input["persistentVolumeClaim"]["claimName"] == "raw"
    assert of_output["persistentVolumeClaim"]["claimName"] == "all"
    assert mount["subPath"] == f"executions/exe-{execution.plan.job_exe_id}/outputs"
    assert not mount["readOnly"]


@pytest.mark.parametrize("value", ["{", "[]", '{"relative": {"nfs": {}}}', '{"/a": {}}'])
def test_volumes_that_cannot_be_read_are_named(
    execution: Invocation, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv(VOLUMES_VARIABLE, value)

    with pytest.raises(JobFailure, match=VOLUMES_VARIABLE) as raised:
        manifest(execution)

    assert raised.value.error_name == "kubernetes"


def test_what_a_job_asks_for_is_its_limit(execution: Invocation) -> None:
    wanted = {"cpu": "250m", "memory": "129Mi", "nvidia.com/gpu": "2"}
    asking = with_plan(execution, cpus=0.25, mem=128.2, gpus=2)

    assert container(asking)["resources"] == {"requests": wanted, "limits": wanted}


def test_a_job_without_gpus_asks_for_none(execution: Invocation) -> None:
    assert container(execution)["resources"]["limits"].keys() == {"cpu", "memory"}


def test_a_privileged_job_is_refused_where_that_is_not_allowed(execution: Invocation) -> None:
    with pytest.raises(JobFailure, match=f"{PRIVILEGED_VARIABLE}=1"):
        manifest(with_plan(execution, docker_privileged=True))


def test_a_privileged_job_is_privileged_where_that_is_allowed(
    execution: Invocation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PRIVILEGED_VARIABLE, "1")

    assert container(with_plan(execution, docker_privileged=True))["securityContext"] == {
        "privileged": True
    }


def test_labels_are_such_that_a_cluster_takes_them(execution: Invocation) -> None:
    odd = with_plan(execution, job_type_name="Détecter des points " + 60 * "x")

    label = manifest(odd)["metadata"]["labels"]["airscale.job_type"]

    assert len(label) <= 63
    assert label.isascii()
    assert label[-1].isalnum()


def pod(status: dict[str, Any], **metadata: Any) -> Any:
    """Return a pod as the API gives it."""
    document = {
        "metadata": {"name": "p", **metadata},
        "spec": {"nodeName": "node7", "containers": []},
        "status": status,
    }
    return ApiClient(Configuration()).deserialize(
        SimpleNamespace(data=json.dumps(document)), "V1Pod"
    )


def ended(reason: str, code: int = 1) -> dict[str, Any]:
    """Return the status of a pod whose container has ended."""
    end = {"reason": reason, "exitCode": code, "finishedAt": "2026-01-01T00:00:00Z"}
    return {"phase": "Failed", "containerStatuses": [container_in({"terminated": end})]}


def container_in(state: dict[str, Any]) -> dict[str, Any]:
    """Return the status of the container of the job."""
    said = {"image": "image:1", "imageID": "", "ready": False, "restartCount": 0}
    return {"name": "job", "state": state, **said}


def of_cluster(reason: str, message: str | None) -> dict[str, Any]:
    """Return the status of a pod that the cluster ended."""
    return {"phase": "Failed", "reason": reason, "message": message}


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (of_cluster("Evicted", "low on memory."), "evicted from node 'node7': low on memory"),
        (ended("Error", 137) | of_cluster("Evicted", "disk"), "evicted from node 'node7': disk"),
        (of_cluster("NodeLost", None), "lost with its node 'node7'"),
        (of_cluster("Shutdown", "bye"), r"ended by the cluster \(Shutdown\): bye"),
        ({"phase": "Failed"}, "ended as Failed without an exit code"),
    ],
)
def test_what_the_cluster_ended_is_lost_and_says_why(
    execution: Invocation, status: dict[str, Any], said: str
) -> None:
    with pytest.raises(JobFailure, match=said) as raised:
        exit_of(pod(status), execution)

    assert raised.value.error_name == "node-lost"


def test_a_pod_that_was_deleted_is_lost_whatever_its_command_said(execution: Invocation) -> None:
    deleted = pod(ended("Completed", 0), deletionTimestamp="2026-01-01T00:00:00Z")

    with pytest.raises(JobFailure, match="deleted from outside"):
        exit_of(deleted, execution)


def test_a_pod_whose_node_does_not_delete_it_is_lost(execution: Invocation) -> None:
    stuck = pod({"phase": "Running"}, deletionTimestamp="2026-01-01T00:00:00Z")

    with pytest.raises(JobFailure, match="'node7' does not answer") as raised:
        check_node(stuck, execution)

    assert raised.value.error_name == "node-lost"


@pytest.mark.parametrize(
    ("reason", "error"),
    [
        ("ErrImagePull", "image-pull"),
        ("ImagePullBackOff", "image-pull"),
        ("InvalidImageName", "image-pull"),
        ("CreateContainerConfigError", "kubernetes"),
    ],
)
def test_a_container_that_cannot_begin_is_given_up(
    execution: Invocation, reason: str, error: str
) -> None:
    waiting = container_in({"waiting": {"reason": reason, "message": "such a thing"}})

    with pytest.raises(JobFailure, match="such a thing") as raised:
        check_begins(pod({"phase": "Pending", "containerStatuses": [waiting]}), execution)

    assert raised.value.error_name == error


def test_a_container_that_is_being_made_is_waited_for(execution: Invocation) -> None:
    waiting = container_in({"waiting": {"reason": "ContainerCreating"}})

    check_begins(pod({"phase": "Pending", "containerStatuses": [waiting]}), execution)


def test_a_pod_that_waits_without_a_word_says_so() -> None:
    assert why_pending(pod({"phase": "Pending"}), []) == "the cluster gives no reason"


def test_what_a_node_cannot_do_is_told_by_the_last_event_that_names_it() -> None:
    waiting = pod(
        {
            "phase": "Pending",
            "conditions": [
                {"type": "PodScheduled", "status": "True"},
                {"type": "Ready", "status": "False", "message": "containers are not ready"},
            ],
        }
    )
    events = [
        event(3, "Unable to attach: timed out waiting for the condition"),
        event(2, "mount failed: exit status 32\nArguments: -t nfs here:/there"),
        event(1, "0/1 nodes are available"),
    ]

    assert why_pending(waiting, events) == (
        "mount failed: exit status 32 Arguments: -t nfs here:/there"
    )
    assert why_pending(waiting, events[:1]).startswith("Unable to attach")


def test_a_pod_without_a_node_is_told_so_by_the_scheduler() -> None:
    no_room = {"type": "PodScheduled", "status": "False", "message": "Insufficient cpu"}

    waiting = pod({"phase": "Pending", "conditions": [no_room]})

    assert why_pending(waiting, [event(1, "something older")]) == "Insufficient cpu"


def event(second: int, message: str) -> SimpleNamespace:
    moment = datetime(2026, 1, 1, second=second, tzinfo=UTC)
    return SimpleNamespace(type="Warning", message=message, last_timestamp=moment)


def test_the_message_of_an_api_server_is_read_from_its_answer() -> None:
    error = ApiException(status=403, reason="Forbidden")
    assert message_of(error) == "Forbidden"
    error.body = json.dumps({"message": "pods is forbidden"})
    assert message_of(error) == "pods is forbidden"


def test_an_engine_that_there_is_not_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(choice.ENGINE_VARIABLE, "podman")

    with pytest.raises(ValueError, match=r"'podman'\. Set it to docker or kubernetes"):
        choice.container_engine()
