"""The report of an examination, a line for each finding."""

from collections.abc import Iterable
from typing import Final

from rich.console import Console

from airscale.doctor.findings import Finding, Verdict

_COLOURS: Final = {Verdict.WELL: "green", Verdict.WARNING: "yellow", Verdict.BROKEN: "red"}


def show(console: Console, found: Iterable[Finding]) -> None:
    """Print findings: how it is, what was looked at, what was found, what to do."""
    for each in found:
        console.print(f"{each.verdict:8}", style=_COLOURS[each.verdict], end="")
        line = f"{each.subject}: {each.sentence} {each.advice}".rstrip()
        console.print(line, soft_wrap=True, markup=False, highlight=False)


def is_sound(found: Iterable[Finding]) -> bool:
    """Say whether nothing is broken."""
    return all(each.verdict is not Verdict.BROKEN for each in found)
