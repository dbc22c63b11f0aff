"""The documentation of the Scale dialect."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import schemathesis
from fastapi.testclient import TestClient
from jsonschema import Draft202012Validator

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


def test_every_body_has_a_schema_and_an_example_that_meets_it(client: TestClient) -> None:
    description = client.get("/scale/api/openapi.json").json()
    bodies = dict(bodies_of(description))

    assert len(bodies) > 20
    for operation, content in bodies.items():
        whole = {**content["schema"], "components": description["components"]}
        assert set(fields(content["schema"], description)), operation
        faults = Draft202012Validator(whole).iter_errors(content["example"])
        assert [each.message for each in faults] == [], operation


def test_the_examples_of_new_things_can_be_sent_as_they_stand(world: TestClient) -> None:
    description = world.get("/scale/api/openapi.json").json()
    sent = 0
    for operation, content in bodies_of(description, "application/json"):
        method, path = operation.split(" ")
        if method == "POST" and "{" not in path:
            body = content["example"]
            if "job_type_id" in body:
                types = world.get("/scale/api/job-types/", params={"name": "point-detector"})
                body["job_type_id"] = types.json()["results"][0]["id"]
            answer = world.post(f"/scale/api{path}", json=body)
            assert answer.status_code == expected()[operation].status, (operation, answer.text)
            sent += 1
    assert sent > 10


def bodies_of(
    description: Mapping[str, Any], *media_types: str
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the operations that take a body, and what is said of it."""
    for path, operations in description["paths"].items():
        for method, operation in operations.items():
            for media_type, content in operation.get("requestBody", {}).get("content", {}).items():
                if not media_types or media_type in media_types:
                    yield f"{method.upper()} {path}", content


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
