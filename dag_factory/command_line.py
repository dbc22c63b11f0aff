"""The command line of a job: an argument vector, never a string that a shell reads.

The text of the interface is split into words as a shell would, and only then are values put in,
whole: a value may hold spaces, quotes, ``$`` or newlines and stays one argument. Values are never
scanned again. Source: contract section 4, Command line; seed 001, Job Interface.
"""

import re
import shlex
from collections.abc import Iterator, Mapping
from typing import Final

from dag_factory.failures import JobFailure
from schemas.command_arguments import placeholders
from schemas.job_interface import JobInterface

OUTPUT_DIRECTORY: Final = "job_output_dir"


def command_line(interface: JobInterface, values: Mapping[str, str]) -> list[str]:
    """Return the argument vector that runs the algorithm of an interface.

    Parameters
    ----------
    values
        Value of every input that was supplied and of ``job_output_dir``, by name. An input that
        is not among them was not supplied: its whole ``${...}`` vanishes, with its flag.

    Raises
    ------
    JobFailure
        Raised as ``launch`` if there is no command, or a quotation is never closed.
    """
    chosen: list[str] = []
    marked = "".join(_marked(interface.command_arguments, values, chosen))
    try:
        command, words = shlex.split(interface.command), shlex.split(marked)
    except ValueError as error:
        raise JobFailure(
            "launch",
            f"The command {interface.command!r} with the arguments"
            f" {interface.command_arguments!r} cannot be split into words ({error})."
            " Correct the interface of the job type.",
        ) from error
    if not command:
        raise JobFailure("launch", "The command is empty. Correct the interface of the job type.")
    return [*command, *(_filled(word, chosen) for word in words)]


def _marked(arguments: str, values: Mapping[str, str], chosen: list[str]) -> Iterator[str]:
    """Yield the text with a mark for each value, which goes to `chosen`."""
    end = 0
    for each in placeholders(arguments):
        yield arguments[end : each.start]
        if each.name in values:
            yield f"{each.flag}\0{len(chosen)}\0"
            chosen.append(values[each.name])
        end = each.end
    yield arguments[end:]


def _filled(word: str, chosen: list[str]) -> str:
    return re.sub(r"\0(\d+)\0", lambda match: chosen[int(match[1])], word)
