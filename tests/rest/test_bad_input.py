"""What cannot be accepted is answered with 4xx and a sentence, never with a fault of ours."""

import json
from collections.abc import Iterator
from typing import Any, Final

import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from plugins.rest.bodies import MOST_LEVELS
from plugins.rest.limits import DEFAULT_LIMIT, LIMIT_VARIABLE, body_limit
from tests.support.contract import expected

pytestmark = pytest.mark.airflow
SCALE: Final = "/scale/api"
JSON: Final = {"Content-Type": "application/json"}
UPLOAD: Final = f"{SCALE}/configuration/upload/"
TAKES_JSON: Final = [
    each for each in expected() if not each.startswith("GET") and "upload" not in each
]
NUMBERED: Final = [each for each in expected() if "{id}" in each]
NO_IDS: Final = (0, -1, 999_999, 2**63 - 1, 2**63, 10**30, "x", "1.5", "%00", "1" * 5000)
VALID: Final[dict[str, dict[str, Any]]] = {  # bodies that would be accepted for a row there is
    "PATCH /errors/{id}/": {"title": "x"},
    "PATCH /job-types/{id}/": {"title": "x"},
    "PATCH /jobs/{id}/": {"status": "CANCELED"},
    "PATCH /nodes/{id}/": {"is_paused": True},
    "PUT /nodes/{id}/": {"hostname": "other.example", "port": 5051},
    "PATCH /recipe-types/{id}/": {"title": "x"},
    "POST /scans/{id}/process/": {"ingest": True},
    "PATCH /strikes/{id}/": {"title": "x"},
    "PATCH /workspaces/{id}/": {"title": "x"},
}
REFUSED: Final = {
    "not JSON": b"{",
    "nothing": b"",
    "not UTF-8": b'{"name": "\xff\xfe"}',
    "half of UTF-16": b"\xff\xfe{\x00",
    "a list": b"[]",
    "a text": b'"x"',
    "a number": b"3",
    "null": b"null",
    "no number": b'{"name": NaN}',
    "infinity": b'{"name": -Infinity}',
    "too large a number": b'{"name": 1e999}',
    "a number of 5000 digits": b'{"name": ' + b"9" * 5000 + b"}",
    "NUL": b'{"name": "a\\u0000"}',
    "NUL in a key": b'{"a\\u0000": 1}',
    "NUL far within": b'{"a": [{"b": ["x", "\\u0000"]}]}',
    "half a surrogate pair": b'{"name": "\\ud800"}',
    "deep lists": b'{"a": ' + b"[" * 200 + b"]" * 200 + b"}",
    "deep objects": b'{"a":' * 900 + b"1" + b"}" * 900,
    "very deep lists": b"[" * 100_000,
}


def address_of(operation: str, row_id: object = 1) -> tuple[str, str]:
    """Return method and address of an operation."""
    method, path = operation.split(" ")
    return method, f"{SCALE}{path.replace('{id}', str(row_id))}"


@pytest.mark.parametrize("operation", TAKES_JSON)
def test_a_body_that_cannot_be_kept_is_400_with_a_sentence(
    world: TestClient, operation: str
) -> None:
    method, address = address_of(operation)
    for what, content in REFUSED.items():
        answer = world.request(method, address, content=content, headers=JSON)

        assert answer.status_code == 400, what
        sentence = answer.json()
        assert sentence if isinstance(sentence, str) else sentence["detail"], what


def test_every_change_of_a_row_has_a_valid_body_here() -> None:
    assert set(VALID) == {each for each in NUMBERED if not each.startswith("GET")}


@pytest.mark.parametrize("operation", NUMBERED)
def test_an_id_that_no_row_has_is_404(world: TestClient, operation: str) -> None:
    for row_id in NO_IDS:
        method, address = address_of(operation, row_id)
        answer = world.request(method, address, json=VALID.get(operation))

        assert answer.status_code == 404, row_id
        assert answer.json()


def test_bytes_in_a_query_that_are_no_text_find_nothing(readonly_world: TestClient) -> None:
    assert readonly_world.get(f"{SCALE}/workspaces/?name=%ff%fe").json()["count"] == 0
    assert readonly_world.get(f"{SCALE}/workspaces/?name=%00").status_code == 400
    assert readonly_world.get(f"{SCALE}/metrics/%00/").status_code == 404
    assert readonly_world.get(f"{SCALE}/metrics/%ff/").status_code == 404


@pytest.mark.parametrize("nesting", [2, MOST_LEVELS - 1])
def test_json_of_as_many_levels_as_are_allowed_is_read(world: TestClient, nesting: int) -> None:
    deep = "[" * nesting + "]" * nesting

    answer = world.post(f"{SCALE}/errors/", content=f'{{"name": {deep}}}', headers=JSON)

    assert answer.status_code == 400
    assert "$.name" in answer.json()["detail"]
    assert "levels" not in answer.json()["detail"]


@pytest.mark.parametrize("operation", [*TAKES_JSON, "POST /configuration/upload/"])
def test_a_body_that_says_it_is_too_large_is_413(world: TestClient, operation: str) -> None:
    method, address = address_of(operation)
    headers = {**JSON, "Content-Length": str(DEFAULT_LIMIT + 1)}

    answer = world.request(method, address, content=b"{}", headers=headers)

    assert answer.status_code == 413
    assert str(DEFAULT_LIMIT) in answer.json()["detail"]
    assert LIMIT_VARIABLE in answer.json()["detail"]


@pytest.mark.parametrize(
    ("operation", "headers"),
    [
        ("POST /errors/", JSON),
        ("PATCH /scheduler/", JSON),
        ("POST /configuration/upload/", {"X-FILE-NAME": "a.json"}),
        (
            "POST /configuration/upload/",
            {"Content-Type": "multipart/form-data; boundary=airscale"},
        ),
    ],
)
def test_a_body_that_turns_out_to_be_too_large_is_413(
    world: TestClient, operation: str, headers: dict[str, str]
) -> None:
    method, address = address_of(operation)
    part = b'--airscale\r\nContent-Disposition: form-data; name="f"; filename="a.json"\r\n\r\n'

    def content() -> Iterator[bytes]:
        yield part
        for _ in range(DEFAULT_LIMIT // 2**20 + 1):
            yield b"x" * 2**20

    answer = world.request(method, address, content=content(), headers=headers)

    assert answer.status_code == 413
    assert str(DEFAULT_LIMIT) in answer.json()["detail"]


def test_a_body_of_the_largest_size_is_read(world: TestClient) -> None:
    content = b'{"name": "' + b"x" * (DEFAULT_LIMIT - 12) + b'"}'

    answer = world.post(f"{SCALE}/errors/", content=content, headers=JSON)

    assert len(content) == DEFAULT_LIMIT
    assert answer.status_code == 400


def test_a_stranger_is_refused_before_the_size_is_looked_at(anonymous: TestClient) -> None:
    answer = anonymous.post(f"{SCALE}/errors/", headers={"Content-Length": str(10**12)})

    assert answer.status_code == 401


def test_the_size_is_a_setting() -> None:
    assert body_limit({}) == DEFAULT_LIMIT
    assert body_limit({LIMIT_VARIABLE: "1024"}) == 1024
    for text in ("0", "-1", "much", "1.5"):
        with pytest.raises(ValueError, match=LIMIT_VARIABLE):
            body_limit({LIMIT_VARIABLE: text})


ANY_JSON: Final = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda below: st.lists(below, max_size=4) | st.dictionaries(st.text(), below, max_size=4),
    max_leaves=8,
)
FIELDS: Final = (
    "name", "title", "description", "category", "version", "configuration", "json_config",
    "interface", "definition", "trigger_rule", "error_mapping", "import", "status", "is_paused",
    "hostname", "port", "job_type_id", "job_data", "recipe_type_id", "recipe_data", "priority",
    "job_ids", "is_active", "timeout", "max_scheduled", "max_tries", "cpus_required",
    "ingest", "ingest_ids", "strike_ids", "workspace_name", "file_path", "data_types",
    "is_move_enabled",
)  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("operation", TAKES_JSON)
def test_fields_of_any_type_are_no_fault(world: TestClient, operation: str) -> None:
    method, address = address_of(operation)
    good = VALID.get(operation, {})

    @settings(
        max_examples=15,
        phases=[Phase.generate],
        derandomize=True,
        suppress_health_check=list(HealthCheck),
        deadline=None,
        database=None,
    )
    @given(body=st.dictionaries(st.sampled_from(FIELDS), ANY_JSON, max_size=6))
    def sent(body: dict[str, Any]) -> None:
        answer = world.request(method, address, content=json.dumps(good | body), headers=JSON)
        assert answer.status_code < 500, good | body

    sent()
