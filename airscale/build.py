"""What identifies the code that a process runs."""

import hashlib
from pathlib import Path
from typing import Final

from airscale.home import PROJECT_ROOT
from plugins.rest.version import VERSION

_ROOMS: Final = ("airscale", "catalog", "dag_factory", "dags", "plugins", "schemas", "strike")
_PARTS: Final = 12


def build(project: Path = PROJECT_ROOT) -> str:
    """Return the version with a digest of all code, such as ``0.1.0+3f2a9c81d04e``."""
    seen = hashlib.sha256()
    for file in sorted(found for room in _ROOMS for found in (project / room).rglob("*.py")):
        content = hashlib.sha256(file.read_bytes()).hexdigest()
        seen.update(f"{file.relative_to(project)} {content}\n".encode())
    return f"{VERSION}+{seen.hexdigest()[:_PARTS]}"
