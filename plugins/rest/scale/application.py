"""The app of the Scale dialect."""

from typing import Final

from airflow.api_fastapi.core_api.security import oauth2_scheme
from fastapi import Depends, FastAPI

from plugins.rest import permissions
from plugins.rest.descriptions import PROBLEMS, describe_exactly
from plugins.rest.documentation import init_documentation
from plugins.rest.errors import init_detail_errors
from plugins.rest.gate import Gate
from plugins.rest.limits import BodyLimit, body_limit
from plugins.rest.methods import init_methods
from plugins.rest.runtime import Runtime, lifespan_of
from plugins.rest.scale import (
    configuration,
    errors,
    files,
    job_types,
    logs,
    metrics,
    moves,
    nodes,
    queue,
    recipe_types,
    scans,
    strikes,
    triggers,
    types,
    version,
    work,
    workspaces,
)
from plugins.rest.scale.body_schemas import describe_bodies
from plugins.rest.version import VERSION

_MODULES: Final = (
    workspaces, strikes, files, configuration, errors, job_types, recipe_types, types, work, logs,
    queue, nodes, metrics, triggers, scans, moves, version,
)  # fmt: skip


def create_scale_app(runtime: Runtime) -> FastAPI:
    """Return the app, to be mounted under ``/scale/api``.

    Parameters
    ----------
    runtime
        Shared with the other apps of the process.
    """
    app = FastAPI(
        title="Airscale: the Scale API",
        version=VERSION,
        lifespan=lifespan_of(runtime),
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        responses=PROBLEMS,
        dependencies=[Depends(oauth2_scheme)],  # tells the documentation how to sign in
    )
    app.add_middleware(BodyLimit, limit=body_limit())
    app.add_middleware(Gate, resource=permissions.SCALE)
    init_detail_errors(app)
    init_methods(app)
    init_documentation(app)
    for module in _MODULES:
        app.include_router(module.router)
    describe_exactly(app)
    describe_bodies(app)
    return app
