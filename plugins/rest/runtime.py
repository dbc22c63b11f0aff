"""What the apps of one API server process share: the catalogue, and the dispatcher beside it."""

import os
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, Final

from airflow.api_fastapi.app import get_auth_manager
from airflow.api_fastapi.auth.tokens import get_signing_key
from airflow.api_fastapi.common.dagbag import create_dag_bag
from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool

from catalog.catalogue import Catalogue
from plugins.rest.unity.delivery import Deliveries, started_deliveries

DISPATCHER_VARIABLE: Final = "AIRSCALE_DISPATCHER"
_OFF: Final = frozenset({"0", "false", "no", "off"})

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


class Runtime:
    """Opened by the first app that starts, closed by the last that stops.

    Parameters
    ----------
    open_catalogue
        Makes the catalogue when it is first needed.
    """

    def __init__(self, open_catalogue: Callable[[], Catalogue]) -> None:
        self._open_catalogue = open_catalogue
        self._lock = threading.Lock()
        self._users = 0
        self._catalogue: Catalogue | None = None
        self._dispatcher: Any = None
        self._deliveries: Deliveries | None = None

    def acquire(self) -> Catalogue:
        """Return the catalogue; the first caller opens it and starts the dispatcher."""
        with self._lock:
            if self._catalogue is None:
                catalogue = self._open_catalogue()
                self._dispatcher = _started_dispatcher(catalogue)
                self._deliveries = started_deliveries(catalogue)
                self._catalogue = catalogue
            self._users += 1
            return self._catalogue

    def release(self) -> None:
        """Give the catalogue back; the last caller stops the dispatcher and closes it."""
        with self._lock:
            self._users -= 1
            if self._users or self._catalogue is None:
                return
            if self._dispatcher is not None:
                self._dispatcher.stop()
            if self._deliveries is not None:
                self._deliveries.stop()
            self._catalogue.database.close()
            self._catalogue = self._dispatcher = self._deliveries = None


def lifespan_of(runtime: Runtime) -> Lifespan:
    """Return the lifespan of an app: Airflow's state that its dependencies read, and ours."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.auth_manager = get_auth_manager()
        app.state.dag_bag = create_dag_bag()
        app.state.secret_key = get_signing_key("api", "secret_key")
        app.state.catalogue = await run_in_threadpool(runtime.acquire)
        try:
            yield
        finally:
            await run_in_threadpool(runtime.release)

    return lifespan


def _started_dispatcher(catalogue: Catalogue) -> Any:
    """Start the dispatcher, unless ``AIRSCALE_DISPATCHER`` says that it runs elsewhere."""
    if os.environ.get(DISPATCHER_VARIABLE, "1").strip().lower() in _OFF:
        return None
    from dag_factory.dispatcher import Dispatcher  # noqa: PLC0415 - imports Airflow's models

    dispatcher = Dispatcher(catalogue)
    dispatcher.start()
    return dispatcher
