"""JSON that people read."""

import json
from typing import Any

from starlette.responses import JSONResponse


class PrettyJsonResponse(JSONResponse):
    """JSON with an indentation, as some dialects answer."""

    def render(self, content: Any) -> bytes:
        """Return the bytes of the body."""
        return json.dumps(content, indent=2, ensure_ascii=False).encode()
