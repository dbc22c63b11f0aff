"""Which runtime runs a job: its job type says whether it needs a container, the deployment where.

The deployment's engine is ``AIRSCALE_CONTAINER_ENGINE``: ``docker``, or ``kubernetes``.
"""

import os
from enum import StrEnum
from typing import Final, assert_never

from dag_factory.runtimes.docker import DockerRuntime
from dag_factory.runtimes.process import ProcessRuntime
from dag_factory.runtimes.runtime import Runtime

ENGINE_VARIABLE: Final = "AIRSCALE_CONTAINER_ENGINE"


class ContainerEngine(StrEnum):
    """What runs the images of job types."""

    DOCKER = "docker"
    KUBERNETES = "kubernetes"


def container_engine() -> ContainerEngine:
    """Return the container engine of this deployment.

    Raises
    ------
    ValueError
        Raised if the setting names none that there is.
    """
    configured = os.environ.get(ENGINE_VARIABLE) or ContainerEngine.DOCKER
    try:
        return ContainerEngine(configured)
    except ValueError as error:
        choices = " or ".join(ContainerEngine)
        message = f"{ENGINE_VARIABLE} is {configured!r}. Set it to {choices}, or unset it."
        raise ValueError(message) from error


def runtime_for(*, uses_docker: bool) -> Runtime:
    """Return the runtime of jobs that need a container, or of those that need none."""
    if not uses_docker:
        return ProcessRuntime()
    engine = container_engine()
    match engine:
        case ContainerEngine.DOCKER:
            return DockerRuntime()
        case ContainerEngine.KUBERNETES:
            # Its client is large, and only these deployments need it.
            from dag_factory.runtimes.kubernetes import KubernetesRuntime  # noqa: PLC0415 - see above

            return KubernetesRuntime()
        case _:
            assert_never(engine)
