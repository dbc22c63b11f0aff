"""The port of the API server: chosen once, remembered in the home."""

import errno
import json
import os
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass

from airscale.errors import StackError
from airscale.files import write_atomically
from airscale.home import Home

HOST = "127.0.0.1"
DEFAULT_API_PORT = 8080
HIGHEST_PORT = 65535
PATIENCE = 5.0


@dataclass(frozen=True, slots=True)
class Ports:
    """
    Where this system listens, on the loopback interface.

    The API server is the only one: Airflow's log servers, which cannot be told to stay on the
    loopback interface, are not started, and PostgreSQL has a socket in the home.
    """

    api: int

    @property
    def base_url(self) -> str:
        """The address of the API server, without a slash at its end."""
        return f"http://{HOST}:{self.api}"


def is_free(port: int) -> bool:
    """Return whether a server could listen on this loopback port now."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, port))
        except OSError as error:
            if error.errno in (errno.EADDRINUSE, errno.EACCES):
                return False
            raise
    return True


def load(home: Home) -> Ports | None:
    """Return the remembered ports, or nothing where none were chosen or the file is damaged."""
    try:
        return Ports(api=int(json.loads(home.ports.read_text(encoding="utf-8"))["api"]))
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None


def choose(
    home: Home, environ: Mapping[str, str] | None = None, patience: float = PATIENCE
) -> Ports:
    """
    Return ports that are free now, and remember them.

    ``AIRSCALE_PORT`` decides; else the remembered port, else 8080, else any free one. Call it
    only while the API server is not running.

    Parameters
    ----------
    environ
        Where ``AIRSCALE_PORT`` is looked for; ``os.environ`` when not given.
    patience
        Seconds to wait for the forced or remembered port: a server that was just killed holds
        it until its last thread is gone.

    Raises
    ------
    StackError
        ``AIRSCALE_PORT`` is not a port, or somebody else listens there.
    """
    forced = (os.environ if environ is None else environ).get("AIRSCALE_PORT")
    port = _forced(forced, patience) if forced else _first_free(load(home), patience)
    chosen = Ports(port)
    write_atomically(home.ports, json.dumps({"api": chosen.api}))
    return chosen


def _forced(text: str, patience: float) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= HIGHEST_PORT:
        raise StackError(
            f"AIRSCALE_PORT is {text!r}, which is not a port. Give a number from 1 to "
            f"{HIGHEST_PORT}, or unset it."
        )
    if not _becomes_free(int(text), patience):
        raise StackError(
            f"Port {text}, which AIRSCALE_PORT names, is in use by another program. Stop that "
            "program, give another port, or unset AIRSCALE_PORT to have a free one chosen."
        )
    return int(text)


def _first_free(remembered: Ports | None, patience: float) -> int:
    if remembered is not None and _becomes_free(remembered.api, patience):
        return remembered.api
    if is_free(DEFAULT_API_PORT):
        return DEFAULT_API_PORT
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        return int(listener.getsockname()[1])


def _becomes_free(port: int, patience: float) -> bool:
    deadline = time.monotonic() + patience
    while not is_free(port):
        if time.monotonic() >= deadline:
            return False
        time.sleep(0.05)
    return True
