"""Whether this host can isolate process jobs, and whether it should."""

from collections.abc import Iterator, Mapping
from typing import assert_never

from airscale.doctor.findings import Finding, broken, warning, well
from dag_factory.runtimes import landlock
from dag_factory.runtimes.process_isolation import (
    ISOLATION_VARIABLE,
    PATHS_VARIABLE,
    WRITABLE_VARIABLE,
    Isolation,
    isolation_of,
    lacking,
    listed,
)

_SUBJECT = "isolation of process jobs"
_ADVICE = f"Use a newer kernel, or other settings of {ISOLATION_VARIABLE}."


def look_at_isolation(variables: Mapping[str, str]) -> Iterator[Finding]:
    """Compare what is asked for with what the kernel of this host can, and look for what is listed.

    Parameters
    ----------
    variables
        The environment of the system's components.
    """
    try:
        isolation = isolation_of(variables)
        names = (PATHS_VARIABLE, WRITABLE_VARIABLE)
        paths = [(name, each) for name in names for each in listed(variables, name)]
    except ValueError as error:
        yield broken(_SUBJECT, str(error), "Jobs that are processes fail until then.")
        return
    yield _isolation(isolation)
    if isolation is not Isolation.OFF:
        for name, each in paths:
            if not each.exists():
                sentence = f"{name} lists {each}, which is not there."
                yield warning(_SUBJECT, sentence, "Jobs will not see it; mount it, or unlist it.")


def _isolation(isolation: Isolation) -> Finding:
    problem = lacking()
    able = f"The kernel of this host can do it: {_able()}" if problem is None else problem
    match isolation:
        case Isolation.OFF:
            return well(_SUBJECT, f"It is off. {_capitalised(able)}")
        case Isolation.LANDLOCK if problem is not None:
            return broken(_SUBJECT, _capitalised(problem), f"Jobs fail. {_ADVICE}")
        case Isolation.AVAILABLE if problem is not None:
            return warning(_SUBJECT, _capitalised(problem), f"Jobs are less isolated. {_ADVICE}")
        case Isolation.LANDLOCK | Isolation.AVAILABLE:
            return well(_SUBJECT, f"It is on. {able}")
        case _:
            assert_never(isolation)


def _able() -> str:
    version = landlock.abi()
    if version < landlock.SCOPES_SINCE:
        return f"Landlock of version {version}, without a rule for signals."
    return f"Landlock of version {version}."


def _capitalised(sentence: str) -> str:
    return sentence[0].upper() + sentence[1:]
