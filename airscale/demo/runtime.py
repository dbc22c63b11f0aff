"""What the demonstration's jobs can run as."""

from enum import StrEnum


class DemoRuntime(StrEnum):
    """What the example's jobs run as."""

    PROCESS = "process"
    DOCKER = "docker"
