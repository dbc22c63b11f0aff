"""Turn the example's configuration into its twin that runs in containers.

There is one source of truth, ``examples/configuration.json``; the twin differs only in where the
commands are found. Imports nothing of ours.
"""

import argparse
import copy
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

CONFIGURATION = Path(__file__).parent.parent / "configuration.json"


def docker_configuration(configuration: dict[str, Any], image: str) -> dict[str, Any]:
    """Let every job type run in the image; all else, and the argument itself, stays as it is.

    Parameters
    ----------
    configuration
        An exported configuration (seed 001, "Import/Export").
    image
        The Docker image's reference, such as ``airscale-examples:1.0.0``.
    """
    twin = copy.deepcopy(configuration)
    for job_type in twin.get("job_types", []):
        job_type["uses_docker"] = True
        job_type["docker_image"] = image
    return twin


def main(arguments: Sequence[str]) -> int:
    """Print the example's twin: ``python -m examples.docker.configuration IMAGE``."""
    parser = argparse.ArgumentParser(
        prog="python -m examples.docker.configuration",
        description="Print the example's configuration with its job types in a container image.",
    )
    parser.add_argument("image", help="the Docker image's reference")
    options = parser.parse_args(arguments)
    configuration = json.loads(CONFIGURATION.read_text(encoding="utf-8"))
    json.dump(docker_configuration(configuration, options.image), sys.stdout, indent=2)
    sys.stdout.write("\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
