"""Requests to OpenPAI's REST server, in tests of it."""

import secrets
from collections.abc import Mapping
from typing import Any, Final

from fastapi.testclient import TestClient

API: Final = "/pai/api/v1"


def role(name: str, command: str, number: int = 1, **more: Any) -> dict[str, Any]:
    return {"name": name, "taskNumber": number, "command": command, **more}


def config(name: str, *roles: dict[str, Any], **more: Any) -> dict[str, Any]:
    image = "pai.run.tensorflow"
    given = roles or (role("main", "true"),)
    return {"jobName": name, "image": image, "taskRoles": list(given), **more}


def submit(client: TestClient, name: str, *roles: dict[str, Any], **more: Any) -> None:
    """Submit a job, as the seed has it."""
    answer = client.post(f"{API}/jobs", json=config(name, *roles, **more))
    assert answer.status_code == 201, answer.text
    assert answer.json() == {"message": f"update job {name} successfully"}


def detail(client: TestClient, name: str) -> dict[str, Any]:
    answer = client.get(f"{API}/jobs/{name}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def execute(client: TestClient, name: str, value: str) -> Any:
    return client.put(f"{API}/jobs/{name}/executionType", json={"value": value})


def as_user(client: TestClient, name: str) -> Mapping[str, str]:
    """Make a user who is no administrator, and return the header that signs in."""
    password = secrets.token_urlsafe(8)
    body = {"username": name, "password": password, "admin": False, "modify": False}
    client.put(f"{API}/user", json=body)
    answer = client.post(f"{API}/token", data={"username": name, "password": password})
    return {"Authorization": f"Bearer {answer.json()['token']}"}
