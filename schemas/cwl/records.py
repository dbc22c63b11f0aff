"""What a CWL document says, in the terms of the catalogue."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NoReturn, TypeAlias

from schemas.problems import Problem, refuse

LABEL = "CWL document"


class Kind(StrEnum):
    """What an input takes."""

    TEXT = "text"
    NUMBER = "number"
    FLAG = "flag"
    FILE = "file"
    DIRECTORY = "directory"


@dataclass(frozen=True, slots=True)
class CwlInput:
    """An input of a tool or a workflow.

    Parameters
    ----------
    default
        What it has when nothing is given; None for nothing.
    separator
        What stands between the values of a list; None for an input that takes one value.
    choices
        The only values; empty for any.
    """

    name: str
    kind: Kind
    is_required: bool = True
    default: Any = None
    separator: str | None = None
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CwlOutput:
    """An output of a tool: the files in the output directory that match one of the patterns."""

    name: str
    patterns: tuple[str, ...]
    is_list: bool
    is_required: bool


@dataclass(frozen=True, slots=True)
class Needs:
    """What a tool needs; memory and disk in MiB, time in seconds, None where it says nothing."""

    docker_image: str | None = None
    cpus: float | None = None
    mem: float | None = None
    disk: float | None = None
    timeout: int | None = None
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Tool:
    """A CommandLineTool; command and arguments as in a job interface."""

    title: str | None
    description: str | None
    command: str
    command_arguments: str
    inputs: tuple[CwlInput, ...]
    outputs: tuple[CwlOutput, ...]
    needs: Needs


@dataclass(frozen=True, slots=True)
class FromInput:
    """An input of a step that is an input of the workflow."""

    name: str


@dataclass(frozen=True, slots=True)
class FromStep:
    """An output of a step: what an input of another step, or an output of the workflow, is."""

    step: str
    output: str


Source: TypeAlias = FromInput | FromStep


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a workflow, and where each input of its tool comes from."""

    name: str
    tool: Tool
    sources: Mapping[str, Source]


@dataclass(frozen=True, slots=True)
class Workflow:
    """A Workflow of CommandLineTools; an input with a default of a step is one of the workflow."""

    title: str | None
    description: str | None
    inputs: tuple[CwlInput, ...]
    steps: tuple[Step, ...]
    outputs: Mapping[str, FromStep]


Process: TypeAlias = Tool | Workflow


def refuse_feature(feature: str, where: str) -> NoReturn:
    """Raise `DocumentError` for a feature that has no counterpart here."""
    sentence = f"the CWL feature {feature} cannot be expressed here. Leave it out."
    refuse(LABEL, [Problem(where, sentence)])
    raise AssertionError(feature)  # refuse raises for any problem
