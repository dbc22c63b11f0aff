"""What a pod says of its execution: whether it runs, and how and why it ended."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from dag_factory.failures import JobFailure
from dag_factory.runtimes.kubernetes_pod import CONTAINER
from dag_factory.runtimes.runtime import Exit, Found, Invocation

_NO_IMAGE: Final = frozenset(
    {
        "ErrImagePull",
        "ImagePullBackOff",
        "InvalidImageName",
        "ErrImageNeverPull",
        "ImageInspectError",
        "RegistryUnavailable",
    }
)
_NO_CONTAINER: Final = frozenset({"CreateContainerConfigError", "CreateContainerError"})
_NOT_STARTED: Final = frozenset({"ContainerCannotRun", "StartError"})
_SUMMARY: Final = "timed out waiting for the condition"  # of what other events say in full
_DELETION_LIMIT: Final = timedelta(seconds=60)
_KILLED: Final = frozenset({137, 143})  # 128 + KILL, 128 + TERM


def found(pod: Any) -> Found:
    """Say what there is of an execution whose pod this is."""
    is_over = pod.status.phase in ("Succeeded", "Failed") or terminated(pod) is not None
    return Found.EXITED if is_over else Found.RUNNING


def is_running(pod: Any) -> bool:
    """Say whether the command has been started, so that there may be a log."""
    return any(
        each.state is not None and (each.state.running or each.state.terminated)
        for each in _job_containers(pod)
    )


def terminated(pod: Any) -> Any | None:
    """Return how the container of the job ended, None if it did not."""
    return next(
        (
            each.state.terminated
            for each in _job_containers(pod)
            if each.state is not None and each.state.terminated is not None
        ),
        None,
    )


def check_begins(pod: Any, invocation: Invocation) -> None:
    """Refuse a pod whose container will never start.

    Raises
    ------
    JobFailure
        Raised as ``image-pull`` or ``kubernetes``, with the words of the cluster.
    """
    for each in _job_containers(pod):
        waiting = each.state.waiting if each.state is not None else None
        if waiting is None:
            continue
        said = f"{waiting.reason}: {waiting.message or 'no more is known'}"
        if waiting.reason in _NO_IMAGE:
            raise JobFailure(
                "image-pull",
                f"The image {invocation.plan.docker_image!r} could not be pulled on node"
                f" {pod.spec.node_name!r} ({said}). Build or load it there, push it to its"
                " registry, or correct docker_image of the job type.",
            )
        if waiting.reason in _NO_CONTAINER:
            raise JobFailure(
                "kubernetes",
                f"The container of pod {invocation.name} could not be made ({said}). Correct the"
                " job type, or the pod template of this deployment.",
            )


def check_node(pod: Any, invocation: Invocation) -> None:
    """Give up a pod that is being deleted, and whose node does not do it.

    Raises
    ------
    JobFailure
        Raised as ``node-lost``.
    """
    deleted = pod.metadata.deletion_timestamp
    if deleted is not None and datetime.now(UTC) - deleted > _DELETION_LIMIT:
        raise lost(
            invocation, f"is being deleted, and its node {pod.spec.node_name!r} does not answer"
        )


def exit_of(pod: Any, invocation: Invocation) -> Exit:
    """Return how a pod that is over ended.

    Raises
    ------
    JobFailure
        Raised as ``node-lost`` if the cluster ended it, not the command; as ``launch`` if the
        command could not be started.
    """
    end = terminated(pod)
    if end is None or pod.status.reason is not None:
        raise lost(invocation, _why(pod))
    if end.reason in _NOT_STARTED:
        raise JobFailure(
            "launch",
            f"The command {_command(invocation)} could not be started in the image"
            f" {invocation.plan.docker_image!r} ({(end.message or end.reason).strip()}). Correct"
            " the command of the job type, or the image.",
        )
    if pod.metadata.deletion_timestamp is not None:
        raise lost(invocation, "was deleted from outside")
    code = int(end.exit_code)
    completed = (end.finished_at or datetime.now(UTC)).astimezone(UTC)
    if end.reason == "OOMKilled":
        return Exit(code, completed, out_of_memory=True)
    if code in _KILLED and invocation.plan.error_mapping.name_for(code) is None:
        raise lost(invocation, f"was killed from outside (exit code {code})")
    return Exit(code, completed)


def lost(invocation: Invocation, what: str) -> JobFailure:
    """Return the failure of an execution that the cluster took away."""
    return JobFailure(
        "node-lost",
        f"The pod {invocation.name} {what}. Look at the events of the cluster and at its nodes; it"
        " is tried again while tries remain.",
    )


def why_pending(pod: Any, events: Iterable[Any]) -> str:
    """Return what keeps a pod from starting, as far as the cluster says.

    A pod that has no node is told so by its scheduler; what its node cannot do is in the events.
    """
    no_node = [
        each.message
        for each in pod.status.conditions or ()
        if each.type == "PodScheduled" and each.status == "False" and each.message
    ]
    warnings = sorted((each for each in events if each.type == "Warning"), key=_last_seen)
    said = [each.message for each in warnings if each.message]
    said = [each for each in said if _SUMMARY not in each] or said
    last = (no_node or said or ["the cluster gives no reason"])[-1]
    return " ".join(last.split())


def _last_seen(event: Any) -> datetime:
    seen: datetime = event.last_timestamp or event.event_time or event.metadata.creation_timestamp
    return seen


def _why(pod: Any) -> str:
    """Say in words why a pod is over without its command having ended by itself."""
    reason, message = pod.status.reason, (pod.status.message or "").strip().rstrip(".")
    match reason:
        case "Evicted":
            what = f"was evicted from node {pod.spec.node_name!r}"
        case "NodeLost":
            what = f"is lost with its node {pod.spec.node_name!r}"
        case None:
            what = f"ended as {pod.status.phase} without an exit code"
        case _:
            what = f"was ended by the cluster ({reason})"
    return f"{what}: {message}" if message else what


def _job_containers(pod: Any) -> list[Any]:
    return [each for each in pod.status.container_statuses or () if each.name == CONTAINER]


def _command(invocation: Invocation) -> str:
    return repr(invocation.argv[0]) if invocation.argv else "of the job"
