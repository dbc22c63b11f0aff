"""What Airflow's own REST API says."""

import json
from typing import Any

import httpx

from airscale.login import Login


def airflow_document(login: Login, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return a document of Airflow's REST API, or what it answers to one that is posted."""
    answer = airflow_request(login, "GET" if body is None else "POST", path, body)
    document: dict[str, Any] = answer.json()
    return document


def airflow_request(
    login: Login, method: str, path: str, body: dict[str, Any] | None = None
) -> httpx.Response:
    """Ask Airflow's REST API for something it does not refuse."""
    with httpx.Client(base_url=login.address, timeout=30) as http:
        credentials = {"username": login.user, "password": login.password}
        token = http.post("/auth/token", json=credentials).json()["access_token"]
        headers = {"Authorization": f"Bearer {token}"}
        return http.request(method, path, headers=headers, json=body).raise_for_status()


def task_log(login: Login, dag_id: str, run_id: str) -> list[str]:
    """Return the messages of the first try of a job's task so far."""
    path = f"/api/v2/dags/{dag_id}/dagRuns/{run_id}/taskInstances/job/logs/1?full_content=true"
    content = airflow_document(login, path).get("content", [])
    return [str(each.get("event", json.dumps(each))) for each in content]
