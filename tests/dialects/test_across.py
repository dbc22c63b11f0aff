"""One catalogue behind five dialects: what is done in one is seen in all the others at once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import pytest
from fastapi.testclient import TestClient

from tests.dialects import pai, test_mozart, test_ocps, test_unity_processes
from tests.dialects.conftest import Bench
from tests.support.catalogues import job_type

pytestmark = pytest.mark.airflow
ES: Final = "/es/jobs/_doc"
PAI_NAME: Final = "train"
WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "queued": {
        "Scale": "QUEUED",
        "Mozart": "job-queued",
        "Unity": "submitted",
        "WPS-T": "accepted",
        "OCPS": "queued",
        "OpenPAI": "WAITING",
    },
    "completed": {
        "Scale": "COMPLETED",
        "Mozart": "job-completed",
        "Unity": "succeeded",
        "WPS-T": "succeeded",
        "OCPS": "completed",
        "OpenPAI": "SUCCEEDED",
    },
    "cancelled": {
        "Scale": "CANCELED",
        "Mozart": "job-revoked",
        "Unity": "failed",
        "WPS-T": "dismissed",
        "OCPS": "aborted",
        "OpenPAI": "STOPPED",
    },
}


@dataclass(frozen=True, slots=True)
class Submitted:
    """A job, by all that dialects know it by."""

    id: int
    uid: str
    pai_name: str


def in_scale(client: TestClient, bench: Bench) -> None:
    bench.world.configure([job_type("scale")])
    (found,) = client.get("/scale/api/job-types/?name=scale").json()["results"]
    body = {"job_type_id": found["id"], "job_data": {"version": "1.0", "input_data": []}}
    answer = client.post("/scale/api/queue/new-job/", json=body)
    assert answer.status_code == 201, answer.text


def in_mozart(client: TestClient, _bench: Bench) -> None:
    test_mozart.register(client, command="true", params=[])
    test_mozart.submit(client, {})


def in_unity(client: TestClient, _bench: Bench) -> None:
    test_unity_processes.deploy(client, "l1b-cwl", "develop", test_unity_processes.TOOL)
    test_unity_processes.execute(
        client, test_unity_processes.L1B, test_unity_processes.SEED_REQUEST
    )


def in_ocps(client: TestClient, _bench: Bench) -> None:
    test_ocps.create(client, "true")


def in_pai(client: TestClient, _bench: Bench) -> None:
    pai.submit(client, PAI_NAME)


SUBMIT: Final[Mapping[str, Callable[[TestClient, Bench], None]]] = {
    "Scale": in_scale,
    "Mozart": in_mozart,
    "Unity": in_unity,
    "OCPS": in_ocps,
    "OpenPAI": in_pai,
}


@pytest.fixture(autouse=True)
def processes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Run tasks of OpenPAI as processes of this host."""
    monkeypatch.setenv("AIRSCALE_PAI_RUNTIME", "process")


def submitted(client: TestClient, bench: Bench, dialect: str) -> Submitted:
    """Submit a job in a dialect."""
    SUBMIT[dialect](client, bench)
    (job,) = bench.world.all_jobs()
    return Submitted(job.id, str(job.uid), PAI_NAME if dialect == "OpenPAI" else job.uid.hex)


def process_address(client: TestClient, job: Submitted) -> str:
    process = document(client.get(f"{ES}/{job.uid}"))["_source"]["process-id"]
    return f"/ades/processes/{process}/jobs/{job.uid}"


def document(answer: Any) -> Any:
    assert answer.status_code == 200, answer.text
    return answer.json()


def words(client: TestClient, job: Submitted) -> dict[str, str]:
    """Return how a job stands, as each dialect says."""
    return {
        "Scale": document(client.get(f"/scale/api/jobs/{job.id}/"))["status"],
        "Mozart": test_mozart.status(client, job.uid),
        "Unity": document(client.get(f"{ES}/{job.uid}"))["_source"]["status"],
        "WPS-T": document(client.get(process_address(client, job)))["status"],
        "OCPS": document(client.get(f"{test_ocps.API}/job/{job.uid}/phase")),
        "OpenPAI": pai.detail(client, job.pai_name)["state"],
    }


def lists(client: TestClient, job: Submitted) -> dict[str, int]:
    """Return how often each dialect lists a job."""
    uid = job.uid.replace("-", "")
    process = process_address(client, job).rpartition("/")[0]
    found: dict[str, list[str]] = {
        "Scale": [str(each["id"]) for each in document(client.get("/scale/api/jobs/"))["results"]],
        "Mozart": document(client.get(f"{test_mozart.API}/job/list"))["result"],
        "Unity": [each["_id"] for each in document(client.get("/es/jobs/_search"))["hits"]["hits"]],
        "WPS-T": [each["jobID"] for each in document(client.get(process))["jobs"]],
        "OCPS": [each["jobId"] for each in document(client.get(f"{test_ocps.API}/job"))],
        "OpenPAI": [each["name"] for each in document(client.get(f"{pai.API}/jobs"))],
    }
    names = {uid, str(job.id), job.pai_name}
    return {
        dialect: sum(each.replace("-", "") in names for each in every)
        for dialect, every in found.items()
    }


def cancel_in_scale(client: TestClient, job: Submitted) -> Any:
    return client.patch(f"/scale/api/jobs/{job.id}/", json={"status": "CANCELED"})


def cancel_in_mozart(client: TestClient, job: Submitted) -> Any:
    return client.get(f"{test_mozart.API}/job/stop", params={"job_id": job.uid})


def cancel_in_unity(client: TestClient, job: Submitted) -> Any:
    return client.delete(process_address(client, job))


def cancel_in_pai(client: TestClient, job: Submitted) -> Any:
    return pai.execute(client, job.pai_name, "STOP")


CANCEL: Final[Mapping[str, Callable[[TestClient, Submitted], Any]]] = {
    "Scale": cancel_in_scale,
    "Mozart": cancel_in_mozart,
    "Unity": cancel_in_unity,
    "OpenPAI": cancel_in_pai,
}


@pytest.mark.parametrize("dialect", SUBMIT)
def test_a_job_of_one_dialect_is_seen_in_all_others_at_once(
    client: TestClient, bench: Bench, dialect: str
) -> None:
    job = submitted(client, bench, dialect)

    assert words(client, job) == WORDS["queued"]
    assert set(lists(client, job).values()) == {1}, lists(client, job)
    bench.run()
    assert words(client, job) == WORDS["completed"]


@pytest.mark.parametrize("canceller", CANCEL)
@pytest.mark.parametrize("submitter", SUBMIT)
def test_a_job_that_is_cancelled_in_one_dialect_is_cancelled_in_all(
    client: TestClient, bench: Bench, submitter: str, canceller: str
) -> None:
    job = submitted(client, bench, submitter)

    answer = CANCEL[canceller](client, job)

    assert answer.is_success, answer.text
    assert words(client, job) == WORDS["cancelled"]


@pytest.mark.parametrize("submitter", SUBMIT)
def test_a_job_that_ocps_deletes_is_gone_in_the_other_dialects(
    client: TestClient, bench: Bench, submitter: str
) -> None:
    job = submitted(client, bench, submitter)
    process = process_address(client, job)

    assert client.delete(f"{test_ocps.API}/job/{job.uid}").is_success

    gone = (f"{test_ocps.API}/job/{job.uid}", f"{ES}/{job.uid}", process)
    assert [client.get(each).status_code for each in gone] == [404] * 3
    answer = client.get(f"{test_mozart.API}/job/status", params={"id": job.uid})
    assert answer.status_code == 404
    assert document(client.get(f"/scale/api/jobs/{job.id}/"))["status"] == "CANCELED"
