"""
Whether the service of this container lives: ``python -m airscale.cluster.healthy NAME``.

Asked every few seconds in every container, so it imports neither Airflow nor the command line.
"""

import os
import socket
import sys
import urllib.request
from typing import Final, assert_never

from airscale.cluster import secrets
from airscale.cluster.deployment import API_PORT, broker_url, database_url
from airscale.cluster.services import SERVICES, Service, ServiceName, Sign
from airscale.errors import StackError
from airscale.postgres import AIRFLOW_DATABASE

_PATIENCE: Final = 5
_LATEST_HEARTBEAT: Final = 30
"""Seconds, as Airflow's own health report has it."""
_QUERY: Final = """
    SELECT max(latest_heartbeat) FROM job
    WHERE job_type = %s AND hostname = %s AND state = 'running'
    HAVING max(latest_heartbeat) > now() - make_interval(secs => %s)
"""


def problem(name: ServiceName) -> str | None:
    """Return why the service of this container does not live, None if it does."""
    service = SERVICES[name]
    match service.sign:
        case Sign.HTTP:
            return _http()
        case Sign.HEARTBEAT:
            return _heartbeat(service)
        case Sign.QUEUE:
            return _queue()
        case _:
            assert_never(service.sign)


def _http() -> str | None:
    url = f"http://127.0.0.1:{API_PORT}/api/v2/version"
    try:
        with urllib.request.urlopen(url, timeout=_PATIENCE):  # a fixed address
            return None
    except OSError as error:
        return f"{url} does not answer ({error})."


def _heartbeat(service: Service) -> str | None:
    import psycopg  # noqa: PLC0415  # only this sign needs it

    url = database_url(os.environ, secrets.read(), AIRFLOW_DATABASE).replace("+psycopg", "")
    try:
        with psycopg.connect(url, connect_timeout=_PATIENCE) as connection:
            values = (service.job_type, socket.gethostname(), _LATEST_HEARTBEAT)
            found = connection.execute(_QUERY, values).fetchone()
    except psycopg.Error as error:
        return f"The database does not answer ({error})."
    return None if found else f"No {service.job_type} of this host had a heartbeat lately."


def _queue() -> str | None:
    from celery import Celery  # noqa: PLC0415  # only this sign needs it

    name = f"celery@{socket.gethostname()}"
    app = Celery(broker=broker_url(os.environ, secrets.read()))
    try:
        answers = app.control.ping(destination=[name], timeout=_PATIENCE, limit=1)
    except OSError as error:
        return f"The queue does not answer ({error})."
    return None if answers else f"The worker {name} does not answer over its queue."


def main(arguments: list[str]) -> int:
    """Print what is wrong; return 0 if nothing is."""
    try:
        found = problem(ServiceName(arguments[0]))
    except StackError as error:
        found = str(error)
    if found is None:
        return 0
    sys.stdout.write(f"{found}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
