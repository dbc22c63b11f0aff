"""Bodies of requests that a schema of our own checks, and not the framework."""

from typing import Annotated, Any

from fastapi import Body

JsonBody = Annotated[dict[str, Any], Body(description="A JSON object, as the seed describes it.")]
