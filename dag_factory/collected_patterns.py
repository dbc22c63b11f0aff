"""Outputs by pattern: the files of programs that name none of them."""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path

from dag_factory.work_directory import MANIFEST_NAME
from schemas.job_interface import JobInterface, OutputType
from schemas.results_manifest import ManifestOutput, OutputFile


@dataclass(frozen=True)
class Patterns:
    """Which files are outputs, besides those that the job names.

    Parameters
    ----------
    by_output
        Output name to glob patterns, relative to the output directory; ``**`` is any number of
        directories.
    staged
        What was in the directory before the job began, by the first part of its path.
    """

    by_output: Mapping[str, Sequence[str]] = field(default_factory=dict)
    staged: frozenset[str] = frozenset()

    @cached_property
    def _left_out(self) -> frozenset[str]:
        return self.staged | {MANIFEST_NAME}

    def found(
        self, interface: JobInterface, outputs: Path, named: frozenset[str]
    ) -> Iterator[ManifestOutput]:
        """Yield an entry, as of a manifest, for each output with files that match.

        Of a single file, the first that matches is taken.

        Parameters
        ----------
        named
            The outputs that the job named itself.
        """
        wanted = [
            each
            for each in interface.outputs
            if each.name in self.by_output and each.name not in named
        ]
        files = sorted(self._files(outputs)) if wanted else []
        for output in wanted:
            patterns = [tuple(each.split("/")) for each in self.by_output[output.name]]
            matching = [
                OutputFile("/".join(parts))
                for parts in files
                if any(matches(parts, pattern) for pattern in patterns)
            ]
            is_list = output.type is OutputType.FILES
            if matching:
                yield ManifestOutput(
                    output.name, tuple(matching[: None if is_list else 1]), is_list
                )

    def _files(self, outputs: Path) -> Iterator[tuple[str, ...]]:
        """Yield the plain files; what a link names is none of the job's own."""
        for directory, _, names in os.walk(outputs):
            relative = Path(directory).relative_to(outputs).parts
            for name in names:
                parts = (*relative, name)
                path = Path(directory, name)
                if parts[0] not in self._left_out and path.is_file() and not path.is_symlink():
                    yield parts


NO_PATTERNS = Patterns()


def matches(parts: Sequence[str], pattern: Sequence[str]) -> bool:
    """Say whether a path matches a pattern, both in parts; ``**`` is any number of parts."""
    if not pattern:
        return not parts
    if pattern[0] == "**":
        return any(matches(parts[skipped:], pattern[1:]) for skipped in range(len(parts) + 1))
    return bool(parts) and fnmatchcase(parts[0], pattern[0]) and matches(parts[1:], pattern[1:])
