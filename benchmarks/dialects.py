"""What is measured of the dialects beside Scale's: lists, states, and submissions."""

import json
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from benchmarks.client import Client
from benchmarks.requests import FIRST_PAGE_MS, ListRequest

STATUS_MS: Final = 10.0
DETAIL_MS: Final = 500.0
TASKS: Final = 2000
_MOZART: Final = "/mozart/api/v0.1"
_UWS: Final = "/uws/api/v1"
_PAI: Final = "/pai/api/v1"
_ES: Final = "/es/jobs"
_PROCESS: Final = "type-0:1.0"
_LISTS: Final = (
    ("Mozart", f"{_MOZART}/job/list?page_size=100"),
    ("Mozart", f"{_MOZART}/job/user/admin?page_size=100"),
    ("Unity", f"{_ES}/_search?size=100"),
    ("Unity", f"{_ES}/_search?size=100&q=status:succeeded"),
    ("Unity", f"{_ES}/_search?size=100&q=status:failed"),
    ("Unity", f"{_ES}/_search?size=100&q=status:running"),
    ("Unity", f"{_ES}/_search?size=100&q=status:submitted"),
    ("Unity", f"/ades/processes/{_PROCESS}/jobs?limit=100"),
    ("OCPS", f"{_UWS}/job?limit=100"),
    ("OCPS", f"{_UWS}/job?limit=100&phase=executing"),
    ("OCPS", f"{_UWS}/job?limit=100&phase=error"),
    ("OpenPAI", f"{_PAI}/jobs?limit=100"),
)
_BIG: Final = f"benchmark-{TASKS}"
_SPEC: Final = {
    "id": "job-benchmark:v1",
    "command": "true",
    "disk_usage": "1MB",
    "soft_time_limit": 60,
    "time_limit": 60,
    "recommended-queues": ["benchmark"],
    "params": [],
}
_IO: Final = {"id": "hysds-io-benchmark:v1", "label": "Benchmark", "params": []}
_TOOL: Final = {
    "cwlVersion": "v1.2",
    "class": "CommandLineTool",
    "baseCommand": ["true"],
    "inputs": {},
    "outputs": {},
}


def list_requests() -> Iterator[ListRequest]:
    """Yield a page of a hundred jobs in each dialect, also of rare states."""
    for group, target in _LISTS:
        yield ListRequest.parse(group, target, FIRST_PAGE_MS)


def state_requests(client: Client) -> Iterator[ListRequest]:
    """Yield the state of one job as each dialect is asked for it, and a job of many tasks."""
    uid = json.loads(client.get(f"{_MOZART}/job/list?page_size=1").body)["result"][0]
    source = client.get(f"{_ES}/_doc/{uid}").document()["_source"]
    for group, target in (
        ("Mozart", f"{_MOZART}/job/status?id={uid}"),
        ("Unity", f"{_ES}/_doc/{uid}"),
        ("Unity", f"/ades/processes/{source['process-id']}/jobs/{uid}"),
        ("OCPS", f"{_UWS}/job/{uid}/phase"),
        ("OpenPAI", f"{_PAI}/jobs/{uid.replace('-', '')}"),
    ):
        yield ListRequest.parse(group, target, STATUS_MS)
    yield ListRequest.parse("OpenPAI", f"{_PAI}/jobs/{_BIG}", DETAIL_MS)


@dataclass(frozen=True, slots=True)
class Submission:
    """How a dialect is given a job.

    Parameters
    ----------
    body
        Makes a body that was never sent before.
    """

    dialect: str
    method: str
    target: str
    body: Callable[[], Any]

    def send(self, client: Client) -> None:
        """Submit a job, or raise `RuntimeError` if it is not accepted."""
        client.send(self.method, self.target, self.body())


def submissions(client: Client) -> list[Submission]:
    """Return a submission of each dialect, whose types are there."""
    _register(client)
    types = client.get("/scale/api/job-types/?name=type-0").document()["results"]
    scale = {
        "job_type_id": types[0]["id"],
        "job_data": {"version": "1.0", "input_data": []},
    }
    mozart = {"type": _SPEC["id"], "queue": "benchmark", "params": "{}", "enable_dedup": "false"}
    process = {"mode": "async", "response": "document", "inputs": [], "outputs": []}
    return [
        Submission("Scale", "POST", "/scale/api/queue/new-job/", lambda: scale),
        Submission("Mozart", "POST", f"{_MOZART}/job/submit", lambda: mozart),
        Submission("Unity", "POST", "/ades/processes/benchmark:v1/jobs", lambda: process),
        Submission("OCPS", "PUT", f"{_UWS}/job", lambda: {"command": "true"}),
        Submission("OpenPAI", "POST", f"{_PAI}/jobs", lambda: _pai_job(f"b-{uuid.uuid4().hex}", 1)),
    ]


def _register(client: Client) -> None:
    """Make the types of the submissions, and the job of many tasks; they may be there already."""
    client.send("POST", f"{_MOZART}/jobspec/add", {"spec": json.dumps(_SPEC)})
    client.send("POST", f"{_MOZART}/hysdsio/add", {"spec": json.dumps(_IO)})
    if client.ask("GET", "/ades/processes/benchmark:v1").status != HTTPStatus.OK:
        client.send("POST", "/ades/processes", _deployment())
    if client.ask("GET", f"{_PAI}/jobs/{_BIG}").status != HTTPStatus.OK:
        client.send("POST", f"{_PAI}/jobs", _pai_job(_BIG, TASKS))


def _pai_job(name: str, tasks: int) -> dict[str, Any]:
    role = {"name": "main", "taskNumber": tasks, "command": "true"}
    return {"jobName": name, "image": "benchmark", "taskRoles": [role]}


def _deployment() -> dict[str, Any]:
    process = {"id": "benchmark", "title": "Benchmark", "inputs": [], "outputs": []}
    return {
        "processDescription": {"process": process, "processVersion": "v1"},
        "immediateDeployment": True,
        "executionUnit": [{"unit": _TOOL}],
    }
