"""Collecting what a job made: its manifest, or the ARTIFACT lines of its standard output.

Source: seed 001, Results Manifest; contract section 4, Manifest.
"""

import json
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from dag_factory.failures import JobFailure
from dag_factory.work_directory import MANIFEST_NAME
from schemas.job_interface import JobInterface, JobOutput, OutputType
from schemas.problems import DocumentError
from schemas.results_manifest import ManifestOutput, OutputFile, ResultsManifest

_ARTIFACT: Final = re.compile(r"^ARTIFACT:(?P<name>[^:\n]+):(?P<path>[^\n]+?)\r?$", re.MULTILINE)
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class CollectedFile:
    """A file the job made: where it is on this host, and its path below the output directory."""

    path: Path
    relative_path: str
    output_file: OutputFile


@dataclass(frozen=True, slots=True)
class Collection:
    """Everything the job made, by output name, with the manifest it is described by."""

    files: Mapping[str, tuple[CollectedFile, ...]]
    manifest: ResultsManifest


def collect(interface: JobInterface, outputs: Path, seen_as: Path, stdout: str) -> Collection:
    """Return what a job made, checked against its interface.

    Parameters
    ----------
    outputs
        The output directory on this host.
    seen_as
        The path under which the job saw its output directory.
    stdout
        Standard output of the job.

    Raises
    ------
    JobFailure
        Raised as ``invalid-results`` if the manifest is not valid, a required output is missing,
        a file is given where files are declared, or a path leads out of the output directory.
    """
    manifest = _manifest(outputs, stdout)
    given = {output.name: output for output in manifest.outputs}
    for name in given.keys() - {output.name for output in interface.outputs}:
        _log.warning("Output %r is not declared by the interface and is dropped.", name)
    files = {
        output.name: _files(output, given[output.name], outputs, seen_as)
        for output in interface.outputs
        if output.name in given
    }
    for output in interface.outputs:
        if output.required and not files.get(output.name):
            raise _invalid(
                f"The required output {output.name!r} was not produced. Write it into the output"
                f" directory and name it in {MANIFEST_NAME}, or declare it as not required."
            )
    _refuse_shared(files)
    return Collection(files, manifest)


def _manifest(outputs: Path, stdout: str) -> ResultsManifest:
    """Return the manifest; ARTIFACT lines add the outputs that it does not name."""
    path = outputs / MANIFEST_NAME
    document: Any = {"version": "1.1"}
    if path.is_file() and not path.is_symlink():
        try:
            document = json.loads(path.read_bytes())
        except ValueError as error:
            raise _invalid(f"{MANIFEST_NAME} is not JSON ({error}).") from error
    try:
        manifest = ResultsManifest.parse(document)
    except DocumentError as error:
        raise _invalid(f"{MANIFEST_NAME}: {error}") from error
    named = {output.name for output in manifest.outputs}
    artifacts = tuple(each for each in _artifacts(stdout) if each.name not in named)
    return ResultsManifest((*manifest.outputs, *artifacts), manifest.parse_results)


def _artifacts(stdout: str) -> tuple[ManifestOutput, ...]:
    paths: dict[str, list[str]] = {}
    for match in _ARTIFACT.finditer(stdout):
        paths.setdefault(match["name"], []).append(match["path"])
    return tuple(
        ManifestOutput(
            name=name,
            files=tuple(OutputFile(path) for path in found),
            is_list=len(found) > 1,
        )
        for name, found in paths.items()
    )


def _files(
    output: JobOutput, given: ManifestOutput, outputs: Path, seen_as: Path
) -> tuple[CollectedFile, ...]:
    if output.type is OutputType.FILE and (given.is_list or len(given.files) != 1):
        raise _invalid(
            f"The output {output.name!r} is declared as one file, but {len(given.files)} were"
            " given as a list. Give one file, or declare the output as files."
        )
    return tuple(_collected(output.name, each, outputs, seen_as) for each in given.files)


def _collected(name: str, given: OutputFile, outputs: Path, seen_as: Path) -> CollectedFile:
    path = Path(given.path)
    if path.is_absolute():
        path = path.relative_to(seen_as) if path.is_relative_to(seen_as) else path
    root = outputs.resolve()
    try:
        found = (outputs / path).resolve(strict=True)
    except (OSError, ValueError) as error:
        raise _invalid(
            f"The output {name!r} names {given.path!r}, which is not there."
            " Write the file before the manifest names it."
        ) from error
    if not found.is_relative_to(root) or not found.is_file():
        raise _invalid(
            f"The output {name!r} names {given.path!r}, which is not a file in the output"
            " directory. Only files written there can become products."
        )
    return CollectedFile(found, _relative_text(name, found.relative_to(root)), given)


def _relative_text(name: str, path: Path) -> str:
    text = path.as_posix()
    if not text.isprintable():
        raise _invalid(
            f"The output {name!r} has the file name {text!r}, which holds control characters or"
            " bytes that are not UTF-8. Give the file another name."
        )
    return text


def _refuse_shared(files: Mapping[str, tuple[CollectedFile, ...]]) -> None:
    owner: dict[str, str] = {}
    for name, collected in files.items():
        for each in collected:
            other = owner.setdefault(each.relative_path, name)
            if other != name or sum(each.path == twin.path for twin in collected) > 1:
                raise _invalid(
                    f"The file {each.relative_path!r} is given twice, for outputs {other!r} and"
                    f" {name!r}. Write one file for each."
                )


def _invalid(sentence: str) -> JobFailure:
    return JobFailure("invalid-results", sentence)
