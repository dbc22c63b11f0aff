"""The version of Airscale; a test keeps it equal to the project's."""

from typing import Final

VERSION: Final = "0.1.0"
