"""The documents of Mozart, field by field (seed 000; contract of the dialects, 1a and 1c)."""

from collections.abc import Mapping
from typing import Any, Final

import pytest
from fastapi.testclient import TestClient

from tests.dialects.conftest import Bench
from tests.dialects.test_mozart import API, GRQ, IO, IO_ID, SPEC_ID, info, register, result, submit

pytestmark = pytest.mark.airflow
TOP: Final = {
    "uuid": str, "job_id": str, "payload_id": str, "payload_hash": str, "status": str, "type": str,
    "tags": list, "user_tags": list, "dedup": bool, "dedup_job": None, "dedup_msg": None,
    "context": dict, "error": None, "short_error": None, "traceback": None, "msg": None,
    "msg_details": None, "signum": None, "celery_hostname": str, "celery_pid": None,
    "celery_runtime": float, "resource": str, "timestamp": str, "@timestamp": str, "job": dict,
}  # fmt: skip
JOB: Final = {
    "name": str, "job_id": str, "task_id": str, "type": str, "priority": int, "tag": list,
    "username": str, "job_hash": str, "params": dict, "command": str, "context": dict,
    "localize_urls": list, "container_image_name": None, "container_image_url": None,
    "delivery_info": dict, "job_info": dict,
}  # fmt: skip
DELIVERY: Final = {"exchange": str, "priority": int, "redelivered": bool, "routing_key": str}
INFO: Final = {
    "id": str, "job_queue": str, "time_queued": str, "time_start": str, "time_end": str,
    "cmd_start": str, "cmd_end": str, "cmd_duration": float, "duration": float,
    "execute_node": str, "host": str, "public_ip": None, "pid": None, "job_dir": str,
    "job_url": str, "status": int, "payload_hash": str, "dedup": bool, "dedup_job": None,
    "time_limit": int, "soft_time_limit": int, "completed_queue": None, "error_queue": None,
    "job_payload": dict, "facts": dict, "metrics": dict,
}  # fmt: skip
METRICS: Final = {
    "inputs_localized": list, "job_dir_size": None, "products_staged": list,
    "product_provenance": dict,
}  # fmt: skip
PRODUCT: Final = {
    "id": str, "urls": list, "browse_urls": list, "dataset": str, "dataset_type": str,
    "dataset_level": None, "disk_usage": int,
}  # fmt: skip


def check(found: dict[str, Any], shape: Mapping[str, type | None]) -> None:
    """Assert that an object has these fields and no others, each of its type."""
    types = {name: None if value is None else type(value) for name, value in found.items()}
    assert types == shape


def test_the_document_of_a_job_has_every_field(client: TestClient, bench: Bench) -> None:
    register(client, command="/bin/sh -c 'echo made > made.txt'", params=[])
    job_id = submit(client, {})
    bench.run()

    found = info(client, job_id)

    job, job_info = found["job"], found["job"]["job_info"]
    check(found, TOP)
    check(job, JOB)
    check(job["delivery_info"], DELIVERY)
    check(job_info, INFO)
    check(job_info["metrics"], METRICS)
    (product,) = job_info["metrics"]["products_staged"]
    check(product, PRODUCT)
    assert client.get(f"{API}/job/products/{job_id}").json()["results"] == [product]


def test_the_command_is_shown_once_before_and_after_it_has_begun(
    client: TestClient, bench: Bench
) -> None:
    register(client, command="/bin/echo -n", params=[{"name": "who", "destination": "positional"}])
    job_id = submit(client, {"who": "moon"})
    before = info(client, job_id)["job"]["command"]

    bench.run()

    assert before == "/bin/echo -n ${who}"
    assert info(client, job_id)["job"]["command"] == "/bin/echo -n moon"
    parameters = client.get(f"/uws/api/v1/job/{job_id}/parameters").json()
    assert parameters["command"] == ["/bin/echo", "-n", "moon"]


def test_the_time_limits_of_a_job_spec_hold_unless_a_submission_gives_others(
    client: TestClient,
) -> None:
    register(client, params=[])

    def limits(**given: int) -> tuple[int, int]:
        found = info(client, submit(client, {}, enable_dedup="false", **given))["job"]["job_info"]
        return found["soft_time_limit"], found["time_limit"]

    assert limits() == (3600, 4000)
    assert limits(soft_time_limit=60) == (60, 4000)
    assert limits(soft_time_limit=90, time_limit=100) == (90, 100)


def test_a_job_stops_at_the_soft_time_limit_of_its_spec(client: TestClient, bench: Bench) -> None:
    register(client, command="sleep 300", params=[], soft_time_limit=1)
    job_id = submit(client, {})

    bench.run()

    assert "longer than its timeout of 1 s" in info(client, job_id)["error"]


@pytest.mark.parametrize("api", [API, GRQ])
def test_a_wiring_is_found_by_the_id_of_its_job_type_too(client: TestClient, api: str) -> None:
    register(client)

    found = [client.get(f"{api}/hysds_io/type", params={"id": each}) for each in (IO_ID, SPEC_ID)]

    assert result(found[0]) == result(found[1])
    assert result(found[0])["params"] == IO["params"]


def test_what_can_be_submitted_on_demand_is_shown_with_its_parameters(client: TestClient) -> None:
    register(client)

    listed = client.get(f"{API}/on-demand").json()
    asked = client.get(f"{API}/on-demand/job-params", params={"job_type": SPEC_ID}).json()

    assert listed == client.get(f"{GRQ}/grq/on-demand").json()
    assert [each["name"] for each in asked["params"]] == ["who", "how"]
    assert (asked["hysds_io"], asked["time_limit"], asked["enable_dedup"]) == (IO_ID, 4000, True)
    unknown = client.get(f"{API}/on-demand/job-params", params={"job_type": "job-x:1"})
    assert (unknown.status_code, unknown.json()["success"]) == (404, False)


def test_tags_of_users_are_put_and_deleted_as_the_pages_of_hysds_do(client: TestClient) -> None:
    register(client)
    job_id = submit(client)
    given = {"id": job_id, "index": "job_status-current", "tag": "good"}

    assert result(client.put(f"{API}/user-tags", json=given)) == ["good"]
    assert info(client, job_id)["user_tags"] == ["good"]
    assert result(client.delete(f"{API}/user-tags", params=given)) == []
    assert info(client, job_id)["user_tags"] == []
    elsewhere = client.put(f"{API}/user-tags", json={**given, "index": "grq"})
    assert (elsewhere.status_code, elsewhere.json()["success"]) == (400, False)
