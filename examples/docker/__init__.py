"""The example's algorithms as one container image."""

from typing import Final

IMAGE: Final = "airscale-examples:1.0.0"
BUILD: Final = (
    "Build it in the repository's root: tar -c constraints.txt examples |"
    f" docker build -f examples/docker/Dockerfile -t {IMAGE} -"
)
"""A sentence that says how to have the image; the Dockerfile says more."""
