"""What every dialect besides Scale's is: a small object that registers its routes with an app."""

from collections.abc import Callable
from dataclasses import dataclass

from airflow.api_fastapi.core_api.security import oauth2_scheme
from fastapi import Depends, FastAPI, Request

from plugins.rest.documentation import init_documentation
from plugins.rest.gate import Admits, AskedFor, Gate, Refusal, admits_nobody, asked_by_method
from plugins.rest.lenient import Lenient
from plugins.rest.options import Options
from plugins.rest.runtime import Runtime, lifespan_of
from plugins.rest.version import VERSION


@dataclass(frozen=True, slots=True)
class Dialect:
    """One dialect of REST over the catalogue.

    Parameters
    ----------
    name
        What Airflow lists the app as.
    title
        The title of its documentation.
    prefixes
        Where it is mounted; the first is the one of its documentation, the others are aliases.
    resource
        The resource of its permissions.
    register
        Adds routes and error handlers to an app.
    refusal
        Makes the answer to somebody who may not come in.
    asked_for
        Says which permission a request asks for, by the name of a method.
    admits
        Says which requests come in without a user: their operations check them.
    documentation
        The path of the documentation page.
    """

    name: str
    title: str
    prefixes: tuple[str, ...]
    resource: str
    register: Callable[[FastAPI], None]
    refusal: Refusal
    asked_for: AskedFor = asked_by_method
    admits: Admits = admits_nobody
    documentation: str = "/docs/"

    def app(self, runtime: Runtime) -> FastAPI:
        """Return an app of the dialect, to be mounted under one of its prefixes.

        Parameters
        ----------
        runtime
            Shared with the other apps of the process.
        """
        app = FastAPI(
            title=self.title,
            version=VERSION,
            lifespan=lifespan_of(runtime),
            openapi_url=None,
            docs_url=None,
            redoc_url=None,
            redirect_slashes=False,
            dependencies=[Depends(oauth2_scheme)],  # tells the documentation how to sign in
        )
        app.add_middleware(Options)  # within the gate: nobody else learns what there is
        app.add_middleware(
            Gate,
            resource=self.resource,
            refusal=self.refusal,
            asked_for=self.asked_for,
            admits=self.admits,
            takes_passwords=True,
        )
        app.add_middleware(Lenient)
        init_documentation(app, self.documentation)
        self.register(app)
        return app


def last_part(request: Request) -> str:
    """Return the last part of the path of a request."""
    path: str = request.scope["path"]
    return path.rstrip("/").rpartition("/")[2]
