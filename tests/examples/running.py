"""Starts the algorithms as the runtime does: by name, found on PATH."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ALGORITHMS = Path(__file__).parents[2] / "examples" / "algorithms"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the system sees of an algorithm that ended."""

    exit_code: int
    stdout: str
    stderr: str
    output_directory: Path

    @property
    def manifest_path(self) -> Path:
        """Where the manifest is, or would be."""
        return self.output_directory / "results_manifest.json"

    @property
    def manifest(self) -> Any:
        """The parsed results manifest."""
        return json.loads(self.manifest_path.read_bytes())

    @property
    def product(self) -> Path:
        """The one file of the one output the manifest names."""
        (output,) = self.manifest["output_data"]
        return Path(output["file"]["path"])


def run_algorithm(command: str, *inputs: Path, output_directory: Path) -> Outcome:
    """Run an algorithm to its end in a directory of its own."""
    output_directory.mkdir()
    search = [str(ALGORITHMS), str(Path(sys.executable).parent), os.environ["PATH"]]
    ended = subprocess.run(
        [command, *map(str, inputs), str(output_directory)],
        cwd=output_directory.parent,
        env={"PATH": os.pathsep.join(search)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return Outcome(ended.returncode, ended.stdout, ended.stderr, output_directory)
