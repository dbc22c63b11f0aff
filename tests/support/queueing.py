"""Job types and jobs put into a running system over its REST API."""

from typing import Any

from airscale.demo.client import ScaleClient


def configure(
    client: ScaleClient, name: str, command: str, start: str = "worker", **settings: Any
) -> int:
    """Import a job type; return its id."""
    interface = {
        "version": "1.0",
        "start": start,
        "command": command,
        "command_arguments": settings.pop("arguments", "${seconds}"),
        "input_data": [{"name": "seconds", "type": "property", "required": False}],
    }
    job_type = {
        "name": name,
        "version": "1.0",
        "interface": interface,
        "max_tries": 1,
        "cpus_required": 0.25,
        **settings,
    }
    client.post("/configuration/", {"import": {"version": "1.0", "job_types": [job_type]}})
    (found,) = [each for each in client.list("/job-types/") if each["name"] == name]
    return int(found["id"])


def queue(client: ScaleClient, job_type: int, **values: str) -> int:
    """Queue a job; return its id."""
    data = {
        "version": "1.0",
        "input_data": [{"name": name, "value": value} for name, value in values.items()],
        "output_data": [],
    }
    made = client.post("/queue/new-job/", {"job_type_id": job_type, "job_data": data})
    return int(made["id"])
