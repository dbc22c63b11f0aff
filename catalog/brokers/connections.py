"""How an S3 storage is reached: by a connection of Airflow, or by the environment.

A workspace names a connection and never holds a secret. It is the one of ``AIRFLOW_CONN_<ID>``, as
JSON or as a URI, where that is set. A process of Airflow asks Airflow for any other, which finds it
in its database or secrets backend. Without a name, or for what the connection leaves open, the
client looks where every client of AWS does: ``AWS_ACCESS_KEY_ID``, ``AWS_SECRET_ACCESS_KEY``,
``AWS_ENDPOINT_URL``, profiles, and the role of the machine.
"""

import importlib
import json
import os
import sys
import time
from functools import lru_cache
from typing import Any, Final
from urllib.parse import parse_qsl, unquote, urlsplit

_KEPT_SECONDS: Final = 60
_Parts = tuple[str | None, str | None, dict[str, Any]]


def s3_options(connection: str | None) -> dict[str, Any]:
    """Return the options of the client for a connection, or for none.

    Raises
    ------
    OSError
        Raised if the connection is nowhere, or cannot be read.
    """
    if connection is None:
        return {}
    login, password, extra = _parts_of(connection)
    region = extra.get("region_name")
    options = {
        "key": login or extra.get("aws_access_key_id"),
        "secret": password or extra.get("aws_secret_access_key"),
        "token": extra.get("aws_session_token"),
        "endpoint_url": extra.get("endpoint_url"),
        "client_kwargs": {"region_name": region} if region else None,
    }
    return {name: value for name, value in options.items() if value}


def _parts_of(connection: str) -> _Parts:
    """Return login, password and the rest of a connection."""
    variable = f"AIRFLOW_CONN_{connection.upper()}"
    text = os.environ.get(variable)
    if text:
        return _read(connection, variable, text)
    if "airflow" in sys.modules:
        return _of_airflow(connection, int(time.monotonic() // _KEPT_SECONDS))
    raise OSError(
        f"The connection {connection!r} is not there: {variable} is not set for this process, which"
        " is none of Airflow's and cannot ask for it. Set it, as JSON or as"
        " aws://KEY:SECRET@/?endpoint_url=..."
    )


@lru_cache(maxsize=64)
def _of_airflow(connection: str, _minute: int) -> _Parts:
    """Ask Airflow, which this process has loaded, once in a minute: each time is a request."""
    sdk = importlib.import_module("airflow.sdk")
    try:
        found = sdk.Connection.get(connection)
        return found.login, found.password, dict(found.extra_dejson)
    except Exception as error:
        raise OSError(
            f"The connection {connection!r} cannot be had from Airflow: {error}. Add it in Airflow"
            f" (Admin, Connections), or set AIRFLOW_CONN_{connection.upper()} for every process of"
            " Airflow."
        ) from error


def _read(connection: str, variable: str, text: str) -> _Parts:
    try:
        return _of_json(text) if text.startswith("{") else _of_uri(text)
    except (AttributeError, TypeError, ValueError) as error:
        raise OSError(
            f"The connection {connection!r} in {variable} cannot be read. Write it as JSON with"
            " login, password and extra, or as aws://KEY:SECRET@/?endpoint_url=..."
        ) from error


def _of_json(text: str) -> _Parts:
    document = json.loads(text)
    extra = document.get("extra") or {}
    if isinstance(extra, str):
        extra = json.loads(extra)
    return document.get("login"), document.get("password"), dict(extra)


def _of_uri(text: str) -> _Parts:
    parts = urlsplit(text)
    extra: dict[str, Any] = dict(parse_qsl(parts.query))
    if "__extra__" in extra:
        extra |= json.loads(extra["__extra__"])
    login = None if parts.username is None else unquote(parts.username)
    return login, None if parts.password is None else unquote(parts.password), extra
