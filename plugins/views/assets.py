"""Static files, each under an address that changes with its content."""

import hashlib
from functools import cache
from pathlib import Path
from typing import Final

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

FOLDER: Final = Path(__file__).parent / "static"
_DIGITS: Final = 12
_VERSIONED: Final = "private, max-age=31536000, immutable"
_UNVERSIONED: Final = "private, no-cache"


class Assets(StaticFiles):
    """Static files that a browser keeps for good when it asked for them with their version."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Return the answer for a file, saying how long it may be kept."""
        response = await super().get_response(path, scope)
        is_versioned = scope["query_string"] == f"v={version_of(path)}".encode()
        response.headers["Cache-Control"] = _VERSIONED if is_versioned else _UNVERSIONED
        return response


def asset_path(name: str) -> str:
    """Return the path of a static file below the pages, with its version."""
    return f"/static/{name}?v={version_of(name)}"


def version_of(name: str) -> str:
    """Return the version of a static file; that of nothing where there is no such file."""
    path = FOLDER / name
    try:
        return _digest(path, path.stat().st_mtime_ns)
    except OSError:
        return ""


@cache
def _digest(path: Path, _changed: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:_DIGITS]
