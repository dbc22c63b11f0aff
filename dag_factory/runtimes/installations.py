"""What programs on a search path need besides themselves: their installations."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

_INTERPRETERS: Final = ("python3", "python")
_PARTS: Final = ("bin", "lib", "lib64", "libexec", "include")


def installations(directories: Iterable[Path]) -> Iterator[Path]:
    """Yield the directories of programs, and what the programs there belong to.

    That is a virtual environment or a Conda environment, whole, and of other installations of
    Python what it reads. A relative directory, and the root, are left out.
    """
    for directory in directories:
        if not directory.is_absolute() or directory.parent == directory:
            continue
        yield directory
        yield from _environment(directory)
        for name in _INTERPRETERS:
            yield from _installation(directory / name)


def _environment(directory: Path) -> Iterator[Path]:
    """Yield the environment that a directory holds the programs of."""
    if any(_is_there(directory.parent / each) for each in ("pyvenv.cfg", "conda-meta")):
        yield directory.parent


def _installation(interpreter: Path) -> Iterator[Path]:
    """Yield the parts of the installation that an interpreter, maybe a link, comes from."""
    program = Path(os.path.realpath(interpreter))
    if program.parent.name == "bin" and _is_there(interpreter):
        yield from _environment(program.parent)
        yield from (program.parent.parent / each for each in _PARTS)


def _is_there(path: Path) -> bool:
    try:
        path.stat()
    except OSError:  # also where nobody of ours may look
        return False
    return True
