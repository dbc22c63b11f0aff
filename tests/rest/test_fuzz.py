"""Whatever is sent to the Scale dialect, it answers as its OpenAPI description says.

Schemathesis makes good and bad requests from the description; no answer is a fault of ours, and
each has a status, content type and body that the description names.
"""

import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any, Final

import pytest
import requests
import schemathesis
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from catalog.catalogue import Catalogue
from tests.rest.conftest import copied
from tests.rest.operations import operations_of_the_table
from tests.support.postgres import PostgresServer

pytestmark = [pytest.mark.airflow, pytest.mark.slow]
REQUESTS: Final = 5
STREAM: Final = "GET /job-executions/{id}/logs/stream/"  # goes on while the execution runs
MOST_ID: Final = 12  # ids of the catalogue's rows are small; a random one would never be met
CHECKS: Final = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


@pytest.fixture(scope="module")
def fuzzed_catalogue(postgres: PostgresServer, world_template: str) -> Iterator[Catalogue]:
    """Return a catalogue with one of everything, which the requests change as they like."""
    with copied(postgres, world_template) as catalogue:
        yield catalogue


@pytest.fixture
def fuzzed(
    server: TestClient,
    scale: FastAPI,
    fuzzed_catalogue: Catalogue,
    user_tokens: Mapping[str, str],
) -> TestClient:
    """Return an administrator's client of the catalogue."""
    scale.state.catalogue = fuzzed_catalogue
    server.cookies.clear()
    server.headers["Authorization"] = f"Bearer {user_tokens['admin']}"
    return server


@pytest.fixture(scope="module")
def operations(scale: FastAPI) -> Mapping[str, Any]:
    """Return what makes requests of each operation, by its name in the table."""
    schema = schemathesis.openapi.from_dict(with_small_ids(scale.openapi()))
    return {
        f"{each.method.upper()} {re.sub('{[a-z_]+_id}', '{id}', each.path)}": each
        for each in (
            result.ok() for result in schema.get_all_operations() if isinstance(result, Ok)
        )
    }


def with_small_ids(description: dict[str, Any]) -> dict[str, Any]:
    """Return a description in which ids in paths are those that rows may have."""
    narrowed = deepcopy(description)
    for methods in narrowed["paths"].values():
        for operation in methods.values():
            for parameter in operation.get("parameters", ()):
                if parameter["in"] == "path" and parameter["schema"]["type"] == "integer":
                    parameter["schema"]["maximum"] = MOST_ID
    return narrowed


@pytest.mark.parametrize("mode", GenerationMode)
@pytest.mark.parametrize(
    "operation", [each for each in operations_of_the_table() if each != STREAM]
)
def test_every_answer_is_one_that_the_description_names(
    fuzzed: TestClient, operations: Mapping[str, Any], operation: str, mode: GenerationMode
) -> None:
    @settings(
        max_examples=REQUESTS,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        derandomize=True,
        database=None,
    )
    @given(case=operations[operation].as_strategy(generation_mode=mode))
    def sent(case: Any) -> None:
        case.validate_response(send(fuzzed, case), checks=CHECKS)

    try:
        sent()
    except Unsatisfiable:
        assert mode is GenerationMode.NEGATIVE, "a good request can always be made"
        assert not can_be_wrong(operations[operation].definition.raw)


def can_be_wrong(described: Mapping[str, Any]) -> bool:
    """Say whether an operation takes anything but texts in its path, which may be any."""
    parameters = described.get("parameters", ())
    return "requestBody" in described or any(
        each["in"] != "path" or each["schema"]["type"] != "string" for each in parameters
    )


def send(client: TestClient, case: Any) -> Any:
    """Send a request as the program that made it would put it on the wire."""
    made = case.as_transport_kwargs(base_url="http://airscale.test/scale/api")
    ready = requests.Request(**{k: v for k, v in made.items() if k in REQUEST_PARTS}).prepare()
    headers = {k: v for k, v in ready.headers.items() if k not in NOT_SENT}
    return client.request(str(ready.method), str(ready.url), headers=headers, content=ready.body)


REQUEST_PARTS: Final = {"method", "url", "headers", "files", "data", "params", "cookies", "json"}
NOT_SENT: Final = {"Authorization", "Cookie", "Connection", "Transfer-Encoding"}
