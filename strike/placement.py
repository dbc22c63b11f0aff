"""Deciding where complete files go: a workspace, nowhere yet, or out of the way. Pure.

Imports without Airflow.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from catalog.records.configuration import WorkspaceRecord
from catalog.records.files import OpenIngest
from catalog.records.ingests import Placement
from schemas.strike_configuration import StrikeConfiguration
from strike.rules import refusal
from strike.scanner import Sighting


@dataclass(frozen=True, slots=True)
class Sorting:
    """What is to happen to complete files; `problem` says why some cannot be decided now."""

    placements: list[Placement] = field(default_factory=list)
    deferred: list[OpenIngest] = field(default_factory=list)
    problem: str | None = None


def sort_out(
    configuration: StrikeConfiguration,
    workspaces: Iterable[WorkspaceRecord],
    ingests: Iterable[OpenIngest],
    sighting: Callable[[OpenIngest], Sighting],
) -> Sorting:
    """Find the rule of each file: the first whose expression matches from the start of the name.

    Parameters
    ----------
    workspaces
        Those that may be stored in.
    sighting
        What was seen of the file of an ingest.
    """
    by_name = {each.name: each for each in workspaces}
    placements, deferred = [], []
    missing: set[str] = set()
    for ingest in ingests:
        if refusal(sighting(ingest)) is not None:
            placements.append(Placement(ingest, None, "", ()))
            continue
        rule = configuration.match(ingest.file_name)
        if rule is None:
            deferred.append(ingest)
        elif rule.workspace_name in by_name:
            workspace = by_name[rule.workspace_name]
            placements.append(Placement(ingest, workspace.id, rule.workspace_path, rule.data_types))
        else:
            missing.add(rule.workspace_name)
    return Sorting(placements, deferred, _problem(missing))


def _problem(missing: set[str]) -> str | None:
    if not missing:
        return None
    names = ", ".join(repr(name) for name in sorted(missing))
    return (
        f"Files wait, because there is no active workspace {names}, which a rule of the Strike"
        " process names. Create it, or change the rule."
    )
