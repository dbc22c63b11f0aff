"""The app of the pages."""

from fastapi import FastAPI

from plugins.rest.runtime import Runtime, lifespan_of


def create_pages_app(runtime: Runtime) -> FastAPI:
    """Return the app, to be mounted under ``/airscale``."""
    return FastAPI(lifespan=lifespan_of(runtime))
