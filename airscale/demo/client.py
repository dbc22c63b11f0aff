"""A client of the Scale REST API, as a user's program would be."""

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from types import TracebackType
from typing import Any, Final, Self

import httpx

from airscale.errors import StackError
from airscale.login import Login

_TIMEOUT_SECONDS: Final = 30.0
_PAGE_SIZE: Final = 1000


class ScaleClient:
    """Speaks to the REST API of one system, logged in.

    Parameters
    ----------
    login
        Address, user and password.
    """

    def __init__(self, login: Login) -> None:
        self._http = httpx.Client(base_url=login.address, timeout=_TIMEOUT_SECONDS)
        answer = self._http.post(
            "/auth/token", json={"username": login.user, "password": login.password}
        )
        token = _checked(answer).json()["access_token"]
        self._http.headers["Authorization"] = f"Bearer {token}"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._http.close()

    def get(self, path: str, **parameters: str | int | list[str]) -> dict[str, Any]:
        """Return the document at a path below ``/scale/api``."""
        answer = self._http.get(f"/scale/api{path}", params=parameters)
        document: dict[str, Any] = _checked(answer).json()
        return document

    def post(self, path: str, document: Mapping[str, Any]) -> dict[str, Any]:
        """Send a document to a path below ``/scale/api``; return the answer."""
        answered: dict[str, Any] = _checked(
            self._http.post(f"/scale/api{path}", json=dict(document))
        ).json()
        return answered

    def patch(self, path: str, document: Mapping[str, Any]) -> dict[str, Any]:
        """Change what is at a path below ``/scale/api``; return the answer."""
        answered: dict[str, Any] = _checked(
            self._http.patch(f"/scale/api{path}", json=dict(document))
        ).json()
        return answered

    def download(self, url: str) -> bytes:
        """Return the content of a file at the absolute URL the system gave for it."""
        return _checked(self._http.get(url)).content

    def list(self, path: str, **parameters: str | int | list[str]) -> Iterator[dict[str, Any]]:
        """Yield every result of a list, page after page."""
        page = 1
        while True:
            found = self.get(path, page=page, page_size=_PAGE_SIZE, **parameters)
            yield from found["results"]
            if found["next"] is None:
                return
            page += 1


def _checked(answer: httpx.Response) -> httpx.Response:
    """Return a successful answer.

    Raises
    ------
    StackError
        Raised with the sentence of the system otherwise.
    """
    if answer.status_code < HTTPStatus.BAD_REQUEST:
        return answer
    raise StackError(
        f"{answer.request.method} {answer.request.url.path} was refused"
        f" ({answer.status_code}): {answer.text[:1000]}"
    )
