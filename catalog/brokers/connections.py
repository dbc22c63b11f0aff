"""How an S3 storage is reached: by a connection of Airflow, or by the environment.

A workspace names a connection and never holds a secret. The connection is the one that Airflow
reads from ``AIRFLOW_CONN_<ID>``, as JSON or as a URI. Without a name, or for what the connection
leaves open, the client looks where every client of AWS does: ``AWS_ACCESS_KEY_ID``,
``AWS_SECRET_ACCESS_KEY``, ``AWS_ENDPOINT_URL``, profiles, and the role of the machine.
"""

import json
import os
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit


def s3_options(connection: str | None) -> dict[str, Any]:
    """Return the options of the client for a connection, or for none.

    Raises
    ------
    OSError
        Raised if the connection is not in the environment, or cannot be read.
    """
    if connection is None:
        return {}
    variable = f"AIRFLOW_CONN_{connection.upper()}"
    text = os.environ.get(variable)
    if not text:
        raise OSError(
            f"The connection {connection!r} is not there: {variable} is not set for this process."
            " Set it for every process of Airflow, as JSON or as aws://KEY:SECRET@/?endpoint_url=..."
        )
    try:
        login, password, extra = _of_json(text) if text.startswith("{") else _of_uri(text)
    except (AttributeError, TypeError, ValueError) as error:
        raise OSError(
            f"The connection {connection!r} in {variable} cannot be read. Write it as JSON with"
            " login, password and extra, or as aws://KEY:SECRET@/?endpoint_url=..."
        ) from error
    region = extra.get("region_name")
    options = {
        "key": login or extra.get("aws_access_key_id"),
        "secret": password or extra.get("aws_secret_access_key"),
        "token": extra.get("aws_session_token"),
        "endpoint_url": extra.get("endpoint_url"),
        "client_kwargs": {"region_name": region} if region else None,
    }
    return {name: value for name, value in options.items() if value}


def _of_json(text: str) -> tuple[str | None, str | None, dict[str, Any]]:
    document = json.loads(text)
    extra = document.get("extra") or {}
    if isinstance(extra, str):
        extra = json.loads(extra)
    return document.get("login"), document.get("password"), dict(extra)


def _of_uri(text: str) -> tuple[str | None, str | None, dict[str, Any]]:
    parts = urlsplit(text)
    extra: dict[str, Any] = dict(parse_qsl(parts.query))
    if "__extra__" in extra:
        extra |= json.loads(extra["__extra__"])
    login = None if parts.username is None else unquote(parts.username)
    return login, None if parts.password is None else unquote(parts.password), extra
