"""The command of a job as the dialects show it, before it has begun and after."""

import shlex

from catalog.queries.work_rows import Work


def command_words(work: Work) -> list[str]:
    """Return the words of the command line of a job: as it was started, or as it is declared.

    What an execution was started with holds the words of its command, too, but for the program.
    """
    command, begun = _words(work.interface["command"]), _begun(work)
    if begun is None:
        return [*command, *_words(work.interface["command_arguments"])]
    return [*command[:1], *_words(begun)]


def command_text(work: Work) -> str:
    """Return the command line of a job as one text, not quoted anew."""
    begun = _begun(work)
    if begun is None:
        return f"{work.interface['command']} {work.interface['command_arguments']}".strip()
    return " ".join([*_words(work.interface["command"])[:1], begun])


def _begun(work: Work) -> str | None:
    """Return what the newest execution was started with; None if it has not begun."""
    return None if work.execution is None else work.execution.command_arguments or None


def _words(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:  # a quotation that is never closed
        return text.split()
