"""The command line of a CommandLineTool, as command and arguments of a job interface.

Parameter references to inputs and to the output directory are placeholders; any other expression
is refused. Source: CWL v1.2, Command Line Tool, "Input binding".
"""

import re
import shlex
from collections.abc import Mapping
from typing import Any, Final

from schemas.command_arguments import JOB_OUTPUT_DIR
from schemas.cwl.records import CwlInput, Kind, refuse_feature

_REFERENCE: Final = re.compile(r"\$\((inputs\.([A-Za-z0-9_-]+)(\.path)?|runtime\.outdir)\)")
_EXPRESSION: Final = re.compile(r"\$[({]")


def literal(value: object, where: str) -> str:
    """Return a text without expressions, or refuse it."""
    text = str(value)
    if _EXPRESSION.search(text):
        refuse_feature(f"expression {text!r}", where)
    return text


def command_of(tool: Any, stdout: str | None, environment: Mapping[str, str]) -> str:
    """Return the command; a tool that redirects its output is started by a shell.

    Parameters
    ----------
    stdout
        The file that its standard output goes to; None for the log.
    environment
        Variables that it is started with.
    """
    base = tool.baseCommand or []
    words = [literal(each, "baseCommand") for each in ([base] if isinstance(base, str) else base)]
    if stdout is not None:
        words = ["/bin/sh", "-c", f'exec "$@" > {shlex.quote(stdout)}', "sh", *words]
    if environment:
        words = [
            "/usr/bin/env",
            *(f"{name}={value}" for name, value in environment.items()),
            *words,
        ]
    return shlex.join(words)


def arguments_of(tool: Any, inputs: Mapping[str, CwlInput]) -> str:
    """Return the arguments, in the order of CWL: by position, arguments before inputs."""
    bound: list[tuple[tuple[int, int, Any], str]] = []
    for index, each in enumerate(tool.arguments or ()):
        where = f"arguments[{index}]"
        if isinstance(each, str):
            bound.append(((0, 0, index), _template(each, inputs, where)))
        else:
            key = (_position(each, where), 0, index)
            bound.append((key, _argument(each, inputs, where)))
    for each in tool.inputs:
        if each.inputBinding is None:
            continue
        given = inputs[short_name(each.id)]
        where = f"inputs.{given.name}.inputBinding"
        bound.append(((_position(each.inputBinding, where), 1, given.name), _input(each, given)))
    return " ".join(text for _, text in sorted(bound, key=lambda pair: pair[0]) if text)


def short_name(identifier: str) -> str:
    """Return the last part of the id that a loaded document has."""
    return identifier.rpartition("#")[2].rpartition("/")[2]


def _argument(binding: Any, inputs: Mapping[str, CwlInput], where: str) -> str:
    value = _template(binding.valueFrom or "", inputs, where)
    prefix = shlex.quote(literal(binding.prefix, where)) if binding.prefix else ""
    return f"{prefix}{_gap(binding) if prefix and value else ''}{value}"


def _input(each: Any, given: CwlInput) -> str:
    """Return the placeholder of an input; without a value it vanishes together with its prefix."""
    binding = each.inputBinding
    where = f"inputs.{given.name}.inputBinding"
    if binding.valueFrom is not None:
        refuse_feature("valueFrom", where)
    prefix = literal(binding.prefix or "", where)
    if given.kind is Kind.FLAG:
        return f"${{{_flag(prefix, where)}:{given.name}}}" if prefix else ""
    if not prefix:
        return f"${{{given.name}}}"
    return f"${{{_flag(prefix, where)}{_gap(binding)}:{given.name}}}"


def _flag(prefix: str, where: str) -> str:
    quoted = shlex.quote(prefix)
    if "}" in quoted:
        refuse_feature(f"prefix {prefix!r}", where)
    return quoted


def _gap(binding: Any) -> str:
    return "" if binding.separate is False else " "


def _position(binding: Any, where: str) -> int:
    position = binding.position or 0
    if not isinstance(position, int):
        refuse_feature(f"expression {position!r}", f"{where}.position")
    return int(position)


def _template(text: str, inputs: Mapping[str, CwlInput], where: str) -> str:
    """Return one word: literal parts quoted, references as placeholders."""
    parts: list[str] = []
    end = 0
    for match in _REFERENCE.finditer(text):
        parts += [_quoted(text[end : match.start()], where), _placeholder(match, inputs, where)]
        end = match.end()
    return "".join([*parts, _quoted(text[end:], where)])


def _placeholder(match: re.Match[str], inputs: Mapping[str, CwlInput], where: str) -> str:
    if match[2] is None:
        return f"${{{JOB_OUTPUT_DIR}}}"
    given = inputs.get(match[2])
    is_file = given is not None and given.kind in (Kind.FILE, Kind.DIRECTORY)
    if given is None or given.kind is Kind.FLAG or is_file is not bool(match[3]):
        refuse_feature(f"expression {match[0]!r}", where)
    return f"${{{match[2]}}}"


def _quoted(text: str, where: str) -> str:
    return shlex.quote(literal(text, where)) if text else ""
