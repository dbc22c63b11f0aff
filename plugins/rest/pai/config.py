"""The configuration of a job, checked before anything is made of it (seed 004)."""

import re
from typing import Annotated, Any, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from plugins.rest.pai.wire import invalid

_NAME: Final = r"^[A-Za-z0-9._~-]+$"
_ROLE_NAME: Final = r"^[A-Za-z0-9._~]+$"
MAX_TASKS: Final = 10_000
MAX_PORTS: Final = 100

MAX_NUMBER: Final = 2**31 - 1


def _number(value: Any) -> Any:
    """Return a whole number that is written with a point as what it is: JSON has one kind."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


Number = Annotated[int, BeforeValidator(_number), Field(le=MAX_NUMBER)]
Name = Annotated[str, Field(pattern=_NAME, max_length=255)]
RoleName = Annotated[str, Field(pattern=_ROLE_NAME, max_length=255)]
Text = Annotated[str, Field(pattern=r"^[^\x00]*$")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class PortRange(_Strict):
    """Ports that each task of a role has, by a label; `beginAt` 0 means any that are free."""

    label: RoleName
    beginAt: Number = Field(0, ge=0, le=65535)  # noqa: N815 - the names of the wire
    portNumber: Number = Field(1, ge=1, le=MAX_PORTS)  # noqa: N815


class TaskRole(_Strict):
    """Tasks that run the same command; memory in MiB."""

    name: RoleName
    taskNumber: Number = Field(1, ge=1, le=MAX_TASKS)  # noqa: N815
    cpuNumber: Number = Field(1, ge=1)  # noqa: N815
    memoryMB: Number = Field(100, ge=100)  # noqa: N815
    gpuNumber: Number = Field(0, ge=0)  # noqa: N815
    portList: tuple[PortRange, ...] = Field((), max_length=MAX_PORTS, strict=False)  # noqa: N815
    command: Annotated[Text, Field(min_length=1)]


class JobConfig(_Strict):
    """A job: its image, and the roles of its tasks."""

    jobName: Name  # noqa: N815
    image: Annotated[Text, Field(min_length=1)]
    authFile: Text = ""  # noqa: N815
    dataDir: Text = ""  # noqa: N815
    outputDir: Text = ""  # noqa: N815
    codeDir: Text = ""  # noqa: N815
    virtualCluster: Name = "default"  # noqa: N815
    gpuType: Text = ""  # noqa: N815
    killAllOnCompletedTaskNumber: Number = Field(1, ge=0)  # noqa: N815
    retryCount: Number = Field(0, ge=-2)  # noqa: N815
    taskRoles: tuple[TaskRole, ...] = Field(min_length=1, strict=False)  # noqa: N815

    @property
    def task_number(self) -> int:
        """How many tasks the job has."""
        return sum(each.taskNumber for each in self.taskRoles)


def is_name(text: str) -> bool:
    """Say whether a text can be the name of a job or virtual cluster."""
    return re.fullmatch(_NAME, text) is not None


def read_config(document: Any) -> JobConfig:
    """Return the configuration, or raise `PaiError` with what is wrong."""
    try:
        config = JobConfig.model_validate(document)
    except ValidationError as error:
        raise invalid(_sentence(error)) from error
    names = [each.name for each in config.taskRoles]
    twice = next((each for each in names if names.count(each) > 1), None)
    if twice is not None:
        raise invalid(f"$.taskRoles: two roles are named {twice!r}. Give each a name of its own.")
    if config.killAllOnCompletedTaskNumber > config.task_number:
        raise invalid("killAllOnCompletedTaskNumber should not be greater than tasks number.")
    if config.task_number > MAX_TASKS:
        raise invalid(f"$.taskRoles: {config.task_number} tasks are more than {MAX_TASKS}.")
    for name in ("authFile", "gpuType"):
        if getattr(config, name):
            raise invalid(f"$.{name}: {_REFUSED[name]} Leave it out, or empty.")
    return config


_REFUSED: Final = {
    "authFile": "images are fetched with the registry logins of the engine, not of a job.",
    "gpuType": "the GPUs of a cluster are not told apart here.",
}


def _sentence(error: ValidationError) -> str:
    first = error.errors(include_url=False)[0]
    path = "".join(f"[{each}]" if isinstance(each, int) else f".{each}" for each in first["loc"])
    return f"${path}: {first['msg']}."
