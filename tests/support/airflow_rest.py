"""What Airflow's own REST API says."""

import json
from typing import Any

import httpx

from airscale.login import Login


def airflow_document(login: Login, path: str) -> dict[str, Any]:
    """Return a document of Airflow's REST API."""
    with httpx.Client(base_url=login.address, timeout=30) as http:
        credentials = {"username": login.user, "password": login.password}
        token = http.post("/auth/token", json=credentials).json()["access_token"]
        answer = http.get(path, headers={"Authorization": f"Bearer {token}"})
        answer.raise_for_status()
        document: dict[str, Any] = answer.json()
        return document


def task_log(login: Login, dag_id: str, run_id: str) -> list[str]:
    """Return the messages of the first try of a job's task so far."""
    path = f"/api/v2/dags/{dag_id}/dagRuns/{run_id}/taskInstances/job/logs/1?full_content=true"
    content = airflow_document(login, path).get("content", [])
    return [str(each.get("event", json.dumps(each))) for each in content]
