"""The documentation of the Scale dialect."""

import re

import pytest
from fastapi.testclient import TestClient

pytestmark = pytest.mark.airflow


def test_the_documentation_needs_nothing_from_another_host(client: TestClient) -> None:
    page = client.get("/scale/api/docs/").text

    addresses = re.findall(r"""(?:href|src)=["']([^"']+)""", page)
    assert len(addresses) == 3
    for address in addresses:
        if not address.startswith("data:"):
            assert address.startswith("/scale/api/docs/")
            assert len(client.get(address).content) > 100_000


def test_the_description_lists_every_path_once_with_its_slash(client: TestClient) -> None:
    description = client.get("/scale/api/openapi.json").json()

    assert description["servers"] == [{"url": "/scale/api"}]
    assert "/workspaces/" in description["paths"]
    assert all(path.endswith("/") for path in description["paths"])
