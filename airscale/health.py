"""Wait until the API server says that every component is healthy."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import psutil

from airscale import records
from airscale.components import API_SERVER, COMPONENTS, Component
from airscale.errors import ComponentEndedError, StackError
from airscale.files import tail
from airscale.home import Home
from airscale.ports import Ports

HEALTHY = "healthy"
UP_SECONDS = 180.0
POLL_SECONDS = 0.2
METADATABASE = "metadatabase"


def wait_until_healthy(
    home: Home,
    ports: Ports,
    report: Callable[[str], None] = lambda _: None,
    patience: float = UP_SECONDS,
) -> None:
    """
    Return when the database and all four components are healthy.

    A heartbeat counts only when it is later than the component's start: for half a minute after
    a crash Airflow still calls the dead one healthy.

    Parameters
    ----------
    report
        Called with a sentence each time that something else is being waited for.
    patience
        Seconds until giving up.

    Raises
    ------
    ComponentEndedError
        A component ended; the sentence holds the end of its log.
    StackError
        The time is over.
    """
    deadline = time.monotonic() + patience
    said = ""
    with httpx.Client(base_url=ports.base_url, timeout=5, trust_env=False) as client:
        while waiting := _missing(home, _report(home, ports, client)):
            _raise_if_one_ended(home)
            if time.monotonic() >= deadline:
                raise _too_late(home, waiting, patience)
            if (sentence := f"Waiting for {', '.join(waiting)}.") != said:
                said = sentence
                report(sentence)
            time.sleep(POLL_SECONDS)


def _report(home: Home, ports: Ports, client: httpx.Client) -> dict[str, Any] | None:
    """Return what our own API server says; another home's may have been first at the port."""
    if not _listens(home, ports.api):
        return None
    try:
        answer = client.get("/api/v2/monitor/health")
        content = answer.json() if answer.is_success else None
    except (httpx.HTTPError, ValueError):
        return None
    return content if isinstance(content, dict) else None


def _listens(home: Home, port: int) -> bool:
    record = records.read(home, API_SERVER.name)
    try:
        process = record.process() if record else None
        connections = process.net_connections("tcp") if process else []
    except psutil.Error:
        return False
    return any(
        connection.status == psutil.CONN_LISTEN and connection.laddr.port == port
        for connection in connections
    )


def _missing(home: Home, report: dict[str, Any] | None) -> list[str]:
    """Return what is not healthy yet; without an answer, the API server."""
    if report is None:
        return [component.name for component in COMPONENTS if component.health is None]
    missing = [
        component.name
        for component in COMPONENTS
        if component.health and not _is_healthy(home, component, report.get(component.health))
    ]
    database = report.get(METADATABASE) or {}
    return missing if database.get("status") == HEALTHY else [METADATABASE, *missing]


def _is_healthy(home: Home, component: Component, state: dict[str, Any] | None) -> bool:
    record = records.read(home, component.name)
    heartbeat = (state or {}).get(f"latest_{component.health}_heartbeat")
    if record is None or not state or not heartbeat or state.get("status") != HEALTHY:
        return False
    started = datetime.fromtimestamp(record.create_time, tz=UTC)
    return datetime.fromisoformat(heartbeat) > started


def _raise_if_one_ended(home: Home) -> None:
    for component in COMPONENTS:
        record = records.read(home, component.name)
        if record is None or record.process() is None:
            log = home.log(component.name)
            raise ComponentEndedError(
                component.name,
                f"The {component.name} ended while it was starting. Mend what its log says, then "
                f"run `up` again. The end of {log}:\n{tail(log)}",
            )


def _too_late(home: Home, waiting: list[str], patience: float) -> StackError:
    logs = [home.log(name) for name in waiting if home.log(name).exists()]
    ends = "\n".join(f"The end of {log}:\n{tail(log)}" for log in logs)
    return StackError(
        f"After {patience:.0f} s this is not healthy: {', '.join(waiting)}. What started keeps "
        f"running; `up` waits again, `down` stops it.\n{ends}"
    )
