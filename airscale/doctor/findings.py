"""What a look at a system finds."""

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """How a thing is: well, worth a look, or broken."""

    WELL = "ok"
    WARNING = "warning"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Finding:
    """
    One line of the report.

    Parameters
    ----------
    subject
        What was looked at.
    verdict
        How it is.
    sentence
        What was found.
    advice
        What to do; empty where all is well.
    """

    subject: str
    verdict: Verdict
    sentence: str
    advice: str = ""


def well(subject: str, sentence: str) -> Finding:
    """Return a finding that asks for nothing."""
    return Finding(subject, Verdict.WELL, sentence)


def warning(subject: str, sentence: str, advice: str) -> Finding:
    """Return a finding that somebody should look at."""
    return Finding(subject, Verdict.WARNING, sentence, advice)


def broken(subject: str, sentence: str, advice: str) -> Finding:
    """Return a finding that keeps the system from working."""
    return Finding(subject, Verdict.BROKEN, sentence, advice)
