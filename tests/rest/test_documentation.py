"""The documentation of the Scale dialect."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import schemathesis
from fastapi.testclient import TestClient

from tests.support.contract import expected

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


def test_the_description_is_openapi(client: TestClient) -> None:
    description = client.get("/scale/api/openapi.json").json()

    assert description["openapi"].startswith("3.1")
    schemathesis.openapi.from_dict(description).validate()


def test_the_description_has_the_fields_of_the_contract(client: TestClient) -> None:
    description = client.get("/scale/api/openapi.json").json()

    for operation, agreed in expected().items():
        if agreed.schema is not None:
            answer = described(description, operation)["responses"][str(agreed.status)]
            shown = answer["content"]["application/json"]["schema"]
            assert set(fields(shown, description)) == set(fields(agreed.schema, agreed.schema)), (
                operation
            )


def test_the_description_names_the_errors_of_every_operation(client: TestClient) -> None:
    description = client.get("/scale/api/openapi.json").json()

    for operation in expected():
        answers = described(description, operation)["responses"]
        errors = {"400", "401", "403", "404", "503"}
        if not operation.startswith("GET"):
            errors |= {"409", "413"}
        assert {each for each in answers if each >= "400"} == errors, operation
        assert all(list(answers[each]["content"]) == ["application/json"] for each in errors)


def described(description: Mapping[str, Any], operation: str) -> dict[str, Any]:
    """Return what a description says of an operation."""
    method, path = operation.split(" ")
    (found,) = (
        methods[method.lower()]
        for each, methods in description["paths"].items()
        if re.sub(r"{[a-z_]+_id}", "{id}", each) == path and method.lower() in methods
    )
    operation_of_it: dict[str, Any] = found
    return operation_of_it


def fields(
    schema: Mapping[str, Any], whole: Mapping[str, Any], place: str = ""
) -> Iterator[tuple[str, bool]]:
    """Yield the place of every field within a schema, and whether it is always there."""
    if "$ref" in schema:
        below: Any = whole
        for name in schema["$ref"].removeprefix("#/").split("/"):
            below = below[name]
        yield from fields(below, whole, place)
    for each in schema.get("anyOf", ()):
        yield from fields(each, whole, place)
    if "items" in schema:
        yield from fields(schema["items"], whole, f"{place}[]")
    for name, each in schema.get("properties", {}).items():
        yield f"{place}.{name}", name in schema.get("required", ())
        yield from fields(each, whole, f"{place}.{name}")
