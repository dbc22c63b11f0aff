"""Creating and editing job types and recipe types over REST, in tests of both."""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from fastapi.testclient import TestClient


@dataclass(frozen=True, slots=True)
class TypeRequests:
    """Requests about one kind of types.

    Parameters
    ----------
    url
        The address of their list.
    document
        The body that creates the example of the seed.
    """

    url: str
    document: Mapping[str, Any]

    def example(self, **changes: Any) -> dict[str, Any]:
        """Return the example with changes."""
        return {**deepcopy(dict(self.document)), **changes}

    def created(self, client: TestClient, **changes: Any) -> str:
        """Create the example and return where it is."""
        answer = client.post(self.url, json=self.example(**changes))
        assert answer.status_code == 201, answer.text
        return str(answer.headers["Location"])


def patched(client: TestClient, location: str, **changes: Any) -> dict[str, Any]:
    """Edit a type and return its details."""
    answer = client.patch(location, json=changes)
    assert answer.status_code == 200, answer.text
    details: dict[str, Any] = answer.json()
    assert client.get(location).json() == details
    return details
