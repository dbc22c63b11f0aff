"""A client that costs next to nothing, since it shares the processors with the server."""

import http.client
import json
import time
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Self
from urllib.parse import urlsplit

import httpx

from airscale.login import Login

TIMEOUT_SECONDS = 600.0
_ACCEPTED = frozenset({HTTPStatus.OK, HTTPStatus.CREATED, HTTPStatus.ACCEPTED})


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, and after how many milliseconds."""

    milliseconds: float
    body: bytes
    status: int = HTTPStatus.OK

    def document(self) -> dict[str, Any]:
        """Return the JSON object; an empty one if it is something else."""
        read: Any = json.loads(self.body)
        return read if isinstance(read, dict) else {}


class Client:
    """One kept connection, with a token.

    Parameters
    ----------
    address
        Of the server, as ``http://127.0.0.1:8080``.
    """

    def __init__(self, address: str, token: str) -> None:
        parts = urlsplit(address)
        self._address = address
        self._token = token
        self._connection = http.client.HTTPConnection(
            parts.hostname or "", parts.port, timeout=TIMEOUT_SECONDS
        )

    @classmethod
    def signed_in(cls, login: Login) -> Self:
        """Return a client with a new token of a user."""
        credentials = {"username": login.user, "password": login.password}
        answer = httpx.post(
            f"{login.address}/auth/token", json=credentials, trust_env=False, timeout=60
        )
        answer.raise_for_status()
        return cls(login.address, str(answer.json()["access_token"]))

    def another(self) -> Self:
        """Return a client of the same user with a connection of its own."""
        return type(self)(self._address, self._token)

    def get(self, target: str) -> Answer:
        """Get a target, whole.

        Raises
        ------
        RuntimeError
            Raised if the answer is no success.
        """
        return self.send("GET", target)

    def send(self, method: str, target: str, body: object = None) -> Answer:
        """Send a request, with a JSON body if one is given; raise `RuntimeError` as `get`."""
        answer = self.ask(method, target, body)
        if answer.status not in _ACCEPTED:
            raise RuntimeError(f"{target} was answered with {answer.status}: {answer.body[:500]!r}")
        return answer

    def ask(self, method: str, target: str, body: object = None) -> Answer:
        """Send a request and return the answer, whatever it is."""
        headers = {"Authorization": f"Bearer {self._token}"}
        content = None
        if body is not None:
            headers["Content-Type"] = "application/json"
            content = json.dumps(body)
        started = time.perf_counter()
        self._connection.request(method, target, body=content, headers=headers)
        response = self._connection.getresponse()
        text = response.read()
        taken = (time.perf_counter() - started) * 1000
        return Answer(taken, text, response.status)
