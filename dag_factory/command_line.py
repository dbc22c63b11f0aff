"""The command line of a job: an argument vector, never a string that a shell reads.

The text of the interface is split into words as a shell would, and only then are values put in,
whole: a value may hold spaces, quotes, ``$`` or newlines and stays one argument. Values are never
scanned again. Source: contract section 4, Command line; seed 001, Job Interface.
"""

import re
import shlex
from collections.abc import Mapping
from typing import Final

from schemas.job_interface import JobInterface

OUTPUT_DIRECTORY: Final = "job_output_dir"
_REFERENCE: Final = re.compile(r"\$\{(?:(?P<flag>[^{}]*?):)?(?P<name>[^{}:]*)\}")


def command_line(interface: JobInterface, values: Mapping[str, str]) -> list[str]:
    """Return the argument vector that runs the algorithm of an interface.

    Parameters
    ----------
    values
        Value of every input that was supplied and of ``job_output_dir``, by name. An input that
        is not among them was not supplied: its whole ``${...}`` vanishes, with its flag.
    """
    chosen: list[str] = []

    def mark(match: re.Match[str]) -> str:
        value = values.get(match["name"])
        if value is None:
            return ""
        chosen.append(value)
        return f"{match['flag'] or ''}\0{len(chosen) - 1}\0"

    marked = _REFERENCE.sub(mark, interface.command_arguments)
    words = [_filled(word, chosen) for word in shlex.split(marked)]
    return [*shlex.split(interface.command), *words]


def _filled(word: str, chosen: list[str]) -> str:
    return re.sub(r"\0(\d+)\0", lambda match: chosen[int(match[1])], word)
