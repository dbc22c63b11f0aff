"""Collecting what a job made: its manifest, or the ARTIFACT lines of its standard output.

Source: seed 001, Results Manifest; contract section 4, Manifest.
"""

import json
import logging
import os
import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from dag_factory.collected_patterns import NO_PATTERNS, Patterns
from dag_factory.failures import JobFailure
from dag_factory.work_directory import MANIFEST_NAME
from schemas.job_interface import JobInterface, JobOutput, OutputType
from schemas.problems import DocumentError
from schemas.results_manifest import ManifestOutput, OutputFile, ParseResult, ResultsManifest

_ARTIFACT: Final = re.compile(r"^ARTIFACT:(?P<name>[^:\n]+):(?P<path>[^\n]+?)\r?$", re.MULTILINE)
_JSON_LIMIT: Final = 64 * 1024 * 1024
_UNSAFE: Final = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")
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


def collect(
    interface: JobInterface,
    outputs: Path,
    seen_as: Path,
    stdout: str,
    patterns: Patterns = NO_PATTERNS,
) -> Collection:
    """Return what a job made, checked against its interface.

    Parameters
    ----------
    outputs
        The output directory on this host.
    seen_as
        The path under which the job saw its output directory.
    stdout
        Standard output of the job.
    patterns
        Which files are outputs besides.

    Raises
    ------
    JobFailure
        Raised as ``invalid-results`` if the manifest is not valid, a required output is missing,
        one file is given where files are declared or the other way round, or a path leads out of
        the output directory; as ``filesystem-io`` if the output directory cannot be read.
    """
    manifest = _manifest(interface, outputs, seen_as, stdout)
    named = frozenset(output.name for output in manifest.outputs)
    matching = tuple(patterns.found(interface, outputs, named))
    manifest = replace(manifest, outputs=(*manifest.outputs, *matching))
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


def _manifest(
    interface: JobInterface, outputs: Path, seen_as: Path, stdout: str
) -> ResultsManifest:
    """Return the manifest; ARTIFACT lines add the outputs that it does not name."""
    path = outputs / MANIFEST_NAME
    document = _json(path) if os.path.lexists(path) else {"version": "1.1"}
    manifest = _parsed(document)
    parse_results = tuple(_located(each, outputs, seen_as) for each in manifest.parse_results)
    named = {output.name for output in manifest.outputs}
    artifacts = tuple(each for each in _artifacts(interface, stdout) if each.name not in named)
    return replace(manifest, outputs=(*manifest.outputs, *artifacts), parse_results=parse_results)


def _parsed(document: object) -> ResultsManifest:
    try:
        return ResultsManifest.parse(document)
    except (DocumentError, RecursionError) as error:
        raise _invalid(f"{MANIFEST_NAME}: {error}") from error


def _located(parsed: ParseResult, outputs: Path, seen_as: Path) -> ParseResult:
    """Put the content of a parse result's GeoJSON file where the manifest could have said it."""
    if parsed.gis_data_path is None or parsed.geo_metadata.geo_json is not None:
        return parsed
    what = f"parse result of {parsed.filename!r}"
    geo_json = _json(_found(what, parsed.gis_data_path, outputs, seen_as))
    entry = {"filename": parsed.filename, "geo_metadata": {"geo_json": geo_json}}
    checked = _parsed({"version": "1.1", "parse_results": [entry]}).parse_results[0]
    geo_metadata = replace(parsed.geo_metadata, geo_json=checked.geo_metadata.geo_json)
    return replace(parsed, geo_metadata=geo_metadata)


def _json(path: Path) -> Any:
    """Return the content of a JSON file that the job wrote."""
    try:
        status = path.lstat()
        if not stat.S_ISREG(status.st_mode) or status.st_size > _JSON_LIMIT:
            raise _invalid(
                f"{path.name} is not a plain file of at most {_JSON_LIMIT // 1024**2} MiB."
                " Write it as one."
            )
        return json.loads(path.read_bytes())
    except OSError as error:
        raise _unreadable(path, error) from error
    except (RecursionError, ValueError) as error:
        raise _invalid(f"{path.name} is not JSON ({error}).") from error


def _artifacts(interface: JobInterface, stdout: str) -> tuple[ManifestOutput, ...]:
    """Return the outputs that lines of standard output name; a repeat makes a list."""
    lists = {output.name for output in interface.outputs if output.type is OutputType.FILES}
    paths: dict[str, list[str]] = {}
    for match in _ARTIFACT.finditer(stdout):
        paths.setdefault(match["name"], []).append(match["path"])
    return tuple(
        ManifestOutput(
            name=name,
            files=tuple(OutputFile(path) for path in found),
            is_list=name in lists or len(found) > 1,
        )
        for name, found in paths.items()
    )


def _files(
    output: JobOutput, given: ManifestOutput, outputs: Path, seen_as: Path
) -> tuple[CollectedFile, ...]:
    if given.is_list is not (output.type is OutputType.FILES):
        declared, found = ("one file", "a list") if given.is_list else ("files", "one file")
        raise _invalid(
            f"The output {output.name!r} is declared as {declared}, but {found} was given."
            " Give what is declared, or change the interface."
        )
    return tuple(_collected(output.name, each, outputs, seen_as) for each in given.files)


def _collected(name: str, given: OutputFile, outputs: Path, seen_as: Path) -> CollectedFile:
    found = _found(f"output {name!r}", given.path, outputs, seen_as)
    return CollectedFile(found, _relative_text(name, found.relative_to(outputs.resolve())), given)


def _found(what: str, given: str, outputs: Path, seen_as: Path) -> Path:
    """Return where a file is that the job names by its own path of it."""
    path = Path(given)
    if path.is_absolute() and path.is_relative_to(seen_as):
        path = path.relative_to(seen_as)
    try:
        found = (outputs / path).resolve(strict=True)
        is_inside = found.is_relative_to(outputs.resolve()) and found.is_file()
    except (FileNotFoundError, NotADirectoryError, RuntimeError, ValueError) as error:
        raise _invalid(  # resolve raises RuntimeError where links lead in a circle
            f"The {what} names {given!r}, which is not there."
            " Write the file before the manifest names it."
        ) from error
    except OSError as error:
        raise _unreadable(outputs / path, error) from error
    if not is_inside:
        raise _invalid(
            f"The {what} names {given!r}, which is not a file in the output"
            " directory. Only files written there can become products."
        )
    return found


def _relative_text(name: str, path: Path) -> str:
    text = path.as_posix()
    if _UNSAFE.search(text):
        raise _invalid(
            f"The output {name!r} has the file name {text!r}, which holds control characters or"
            " bytes that are not UTF-8. Give the file another name."
        )
    return text


def _refuse_shared(files: Mapping[str, tuple[CollectedFile, ...]]) -> None:
    owner: dict[str, str] = {}
    for name, collected in files.items():
        for each in collected:
            if each.relative_path in owner:
                raise _invalid(
                    f"The file {each.relative_path!r} is given twice, for outputs"
                    f" {owner[each.relative_path]!r} and {name!r}. Write one file for each."
                )
            owner[each.relative_path] = name


def _unreadable(path: Path, error: OSError) -> JobFailure:
    return JobFailure(
        "filesystem-io",
        f"What the job left at {str(path)!r} cannot be read ({error}). Look at its permissions: a"
        " container that writes as another user must leave its files readable.",
    )


def _invalid(sentence: str) -> JobFailure:
    return JobFailure("invalid-results", sentence)
