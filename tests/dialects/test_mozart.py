"""Mozart, against the operations of the seed and what clients in the field rely on (seed 000)."""

import json
from collections.abc import Mapping
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, Final

import pytest
from fastapi.testclient import TestClient

from catalog.states import JobStatus
from tests.dialects.conftest import Bench
from tests.support.catalogues import interface, job_type

pytestmark = pytest.mark.airflow
API: Final = "/mozart/api/v0.1"
GRQ: Final = "/grq/api/v0.1"
SPEC_ID: Final = "job-hello_world:v1.0"
IO_ID: Final = "hysds-io-hello_world:v1.0"
PROGRAM: Final = 'cat data.txt _context.json; echo "$@" > said.txt'
SPEC: Final[dict[str, Any]] = {
    "id": SPEC_ID,
    "command": f"/bin/bash -c '{PROGRAM}' hello",
    "disk_usage": "10MB",
    "soft_time_limit": 3600,
    "time_limit": 4000,
    "recommended-queues": ["factotum-job_worker-small"],
    "params": [
        {"name": "who", "destination": "positional"},
        {"name": "how", "destination": "positional"},
        {"name": "data", "destination": "localize"},
        {"name": "level", "destination": "context"},
    ],
}
IO: Final[dict[str, Any]] = {
    "id": IO_ID,
    "label": "Hello World",
    "params": [
        {"name": "who", "from": "submitter", "lambda": "lambda ds: __import__('os').abort()"},
        {"name": "how", "from": "submitter", "default": "kindly; rm -rf $HOME", "optional": True},
        {"name": "data", "from": "dataset_jpath:_source", "optional": True},
        {"name": "level", "from": "value", "type": "number", "value": "3"},
    ],
}


def result(answer: Any) -> Any:
    """Return the result of an operation that succeeded."""
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert body["success"] is True, body
    return body["result"]


def register(client: TestClient, **changes: Any) -> None:
    """Register the hello world job."""
    assert result(client.post(f"{API}/jobspec/add", data={"spec": json.dumps({**SPEC, **changes})}))
    assert result(client.post(f"{API}/hysdsio/add", data={"spec": json.dumps(IO)})) == IO_ID


def submit(client: TestClient, params: Mapping[str, Any] | None = None, **more: Any) -> str:
    """Submit a job as clients do; return its id."""
    given = {
        "type": SPEC_ID,
        "queue": "factotum-job_worker-small",
        "params": json.dumps({"who": "world"} if params is None else params),
        **more,
    }
    job_id: str = result(client.post(f"{API}/job/submit", data=given))
    return job_id


def status(client: TestClient, job_id: str) -> str:
    answer = client.get(f"{API}/job/status", params={"id": job_id}).json()
    assert answer["status"] == answer["result"]
    word: str = answer["status"]
    return word


def info(client: TestClient, job_id: str) -> dict[str, Any]:
    document: dict[str, Any] = result(client.get(f"{API}/job/info", params={"id": job_id}))
    return document


@pytest.mark.parametrize("spelling", ["jobspec", "job_spec"])
def test_a_job_spec_is_added_listed_shown_and_removed(client: TestClient, spelling: str) -> None:
    added = client.post(f"{API}/{spelling}/add", data={"spec": json.dumps(SPEC)})

    assert added.json() == {"success": True, "message": "", "result": SPEC_ID}
    assert result(client.get(f"{API}/{spelling}/list")) == [SPEC_ID]
    shown = result(client.get(f"{API}/{spelling}/type", params={"id": SPEC_ID}))
    assert {name: shown[name] for name in SPEC} == SPEC
    result(client.get(f"{API}/{spelling}/remove", params={"id": SPEC_ID}))
    assert result(client.get(f"{API}/{spelling}/list")) == []
    assert client.get(f"{API}/{spelling}/type", params={"id": SPEC_ID}).status_code == 404
    assert client.get(f"{API}/{spelling}/remove", params={"id": SPEC_ID}).status_code == 404


@pytest.mark.parametrize("spelling", ["hysdsio", "hysds_io"])
def test_a_hysds_io_is_added_listed_shown_and_removed(client: TestClient, spelling: str) -> None:
    assert result(client.post(f"{API}/{spelling}/add", data={"spec": json.dumps(IO)})) == IO_ID
    assert result(client.get(f"{API}/{spelling}/list")) == [IO_ID]
    shown = result(client.get(f"{API}/{spelling}/type", params={"id": IO_ID}))
    assert shown["params"] == IO["params"]
    result(client.get(f"{API}/{spelling}/remove", params={"id": IO_ID}))
    assert result(client.get(f"{API}/{spelling}/list")) == []


@pytest.mark.parametrize("name", ["container_id", "id"])
def test_a_container_is_added_listed_shown_and_removed(client: TestClient, name: str) -> None:
    container = {"name": "container-hello:v1.0", "url": "hello:1.0", "version": "v1.0"}
    assert result(client.post(f"{API}/container/add", data=container)) == container["name"]
    assert result(client.get(f"{API}/container/list")) == [container["name"]]
    shown = result(client.get(f"{API}/container/info", params={name: container["name"]}))
    assert (shown["id"], shown["url"], shown["version"]) == (*container.values(),)

    result(
        client.post(f"{API}/jobspec/add", json={"spec": {**SPEC, "container": container["name"]}})
    )
    used = client.get(f"{API}/container/remove", params={name: container["name"]})
    assert (used.status_code, SPEC_ID in used.json()["message"]) == (400, True)
    result(client.get(f"{API}/jobspec/remove", params={"id": SPEC_ID}))
    result(client.get(f"{API}/container/remove", params={name: container["name"]}))
    assert client.get(f"{API}/container/info", params={name: container["name"]}).status_code == 404


def test_a_container_makes_a_job_type_of_its_image(client: TestClient, bench: Bench) -> None:
    for name, url in (("container-a:1", "docker://a:1"), ("container-b:1", "s3://store/b.tar.gz")):
        result(client.post(f"{API}/container/add", data={"name": name, "url": url, "version": "1"}))
        register(client, container=name)
        (made,) = bench.world.catalogue.registrations.job_types()
        assert made.uses_docker
        assert made.docker_image == ("a:1" if name == "container-a:1" else name)


def test_queues_are_listed_with_those_that_a_job_recommends(client: TestClient) -> None:
    register(client)

    found = result(client.get(f"{API}/queue/list", params={"id": SPEC_ID}))

    assert found == {
        "queues": ["default", "factotum-job_worker-small", "system-jobs-queue"],
        "recommended": ["factotum-job_worker-small"],
    }


def test_a_job_runs_with_positions_context_and_localised_files(
    client: TestClient, bench: Bench, web: str
) -> None:
    register(client)
    job_id = submit(
        client, {"who": "world $HOME", "data": f"{web}/data.txt"}, priority="7", name="greeting"
    )
    assert status(client, job_id) == "job-queued"

    bench.run()

    assert status(client, job_id) == "job-completed", info(client, job_id)
    (job,) = bench.world.all_jobs()
    (execution,) = bench.world.executions(job.id)
    assert execution.stdout is not None
    assert execution.stdout.startswith("some data\n")
    context = json.loads(execution.stdout.partition("\n")[2])
    assert context["level"] == 3
    assert context["localize_urls"] == [{"url": f"{web}/data.txt"}]
    products = client.get(f"{API}/job/products/{job_id}").json()
    assert products["message"] == "job-completed"
    (product,) = products["results"]
    assert Path(product["urls"][0]).read_text() == "world $HOME kindly; rm -rf $HOME\n"


@pytest.fixture
def web(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return the address of a web server with a file."""
    folder = tmp_path / "web"
    folder.mkdir()
    (folder / "data.txt").write_text("some data\n")
    monkeypatch.setenv("AIRSCALE_FETCH_SCHEMES", "http")

    class Quiet(SimpleHTTPRequestHandler):
        def __init__(self, *arguments: Any) -> None:
            super().__init__(*arguments, directory=str(folder))

        def log_message(self, *_: Any) -> None:
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Quiet)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_an_address_where_nothing_is_fails_the_job_and_says_so(
    client: TestClient, bench: Bench, web: str
) -> None:
    register(client)
    job_id = submit(client, {"who": "x", "data": f"{web}/nothing.txt"})

    bench.run()

    assert status(client, job_id) == "job-failed"
    assert "There is nothing at" in info(client, job_id)["error"]


def test_info_has_every_field_of_the_seed(client: TestClient, bench: Bench) -> None:
    register(client)
    job_id = submit(client, name="greeting", priority=5, tags='["a", "b"]', soft_time_limit=60)
    bench.run()

    found = info(client, job_id)

    job = found["job"]
    assert (job["name"], found["payload_id"], found["type"]) == ("greeting", job_id, SPEC_ID)
    assert found["context"]["level"] == 3
    assert (found["status"], found["tags"]) == ("job-completed", ["a", "b"])
    assert job["job_info"]["job_queue"] == "factotum-job_worker-small"
    assert found["timestamp"].endswith("Z")
    assert found["celery_hostname"] == job["job_info"]["execute_node"] is not None
    assert job["priority"] == 5
    assert "/scale/api/jobs/" in job["job_info"]["job_url"]
    assert job["job_info"]["status"] == 0
    assert (job["job_info"]["soft_time_limit"], job["job_info"]["time_limit"]) == (60, 4000)


def test_a_job_is_stopped_at_its_soft_time_limit(client: TestClient, bench: Bench) -> None:
    register(client, command="sleep 300", params=[])
    job_id = submit(client, {}, soft_time_limit=1)

    bench.run()

    assert status(client, job_id) == "job-offline"
    assert "longer than its timeout of 1 s" in info(client, job_id)["error"]


def test_jobs_are_listed_in_pages(client: TestClient) -> None:
    register(client)
    ids = sorted(submit(client, {"who": str(each)}) for each in range(3))

    def listed(**given: int) -> Any:
        return result(client.get(f"{API}/job/list", params=given))

    assert listed() == ids
    assert listed(page_size=2) == ids[:2]
    assert listed(page_size=2, offset=2) == ids[2:]
    assert listed(offset=3) == []


def test_the_same_work_is_not_done_twice_unless_it_is_asked_for(
    client: TestClient, bench: Bench
) -> None:
    register(client)
    first = submit(client)
    again = submit(client)
    forced = submit(client, enable_dedup="False")
    other = submit(client, {"who": "moon"})
    by_hash = [submit(client, {"who": each}, payload_hash="same") for each in ("a", "b")]

    words = [status(client, each) for each in (first, again, forced, other, *by_hash)]

    assert words == [
        "job-queued", "job-deduped", "job-queued", "job-queued", "job-queued", "job-deduped"
    ]  # fmt: skip
    assert info(client, again)["dedup_job"] == first
    assert len(bench.world.runs()) == 4


def test_a_job_that_failed_is_no_reason_not_to_run_again(client: TestClient, bench: Bench) -> None:
    register(client, command="false", params=[])
    first = submit(client, {})
    bench.run()

    assert status(client, first) == "job-failed"
    assert status(client, submit(client, {})) == "job-queued"


def test_a_queued_job_is_stopped_and_stays(client: TestClient) -> None:
    register(client)
    job_id = submit(client)

    result(client.get(f"{API}/job/stop", params={"job_id": job_id}))
    again = client.get(f"{API}/job/stop", params={"job_id": job_id}).json()

    assert status(client, job_id) == "job-revoked"
    assert (again["success"], again["message"]) == (True, "The job had ended: nothing was changed.")


def test_a_purged_job_is_gone(client: TestClient) -> None:
    register(client)
    job_id = submit(client)

    result(client.get(f"{API}/job/purge", params={"job_id": job_id}))

    for operation in ("status", "info", "stop", "purge"):
        assert client.get(f"{API}/job/{operation}", params={"id": job_id}).status_code == 404
    assert result(client.get(f"{API}/job/list")) == []


def test_user_tags_are_added_and_removed_and_change_nothing_else(client: TestClient) -> None:
    register(client)
    job_id = submit(client, tags='["machine"]')
    before = info(client, job_id)

    def tag(operation: str, name: str) -> Any:
        return result(
            client.post(f"{API}/job/{operation}", data={"job_id": job_id, "user_tag": name})
        )

    assert tag("user_tag_add", "good") == ["good"]
    assert tag("user_tag_add", "seen") == ["good", "seen"]
    assert tag("user_tag_add", "good") == ["good", "seen"]
    assert tag("user_tag_remove", "good") == ["seen"]
    assert info(client, job_id) == {**before, "user_tags": ["seen"]}


def test_jobs_of_a_user_can_be_filtered_the_newest_first(client: TestClient) -> None:
    register(client)
    mine = [submit(client, {"who": str(each)}, tags=f'["t{each}"]') for each in range(2)]
    theirs = submit(client, {"who": "other"}, username="somebody", priority=9)

    def listed(user: str, **given: Any) -> list[str]:
        rows = result(client.get(f"{API}/job/user/{user}", params=given))
        return [each["id"] for each in rows]

    assert listed("admin") == [*reversed(mine)]
    assert listed("somebody") == [theirs]
    assert listed("admin", tag="t0") == [mine[0]]
    assert listed("admin", status="job-queued", page_size=1) == [mine[1]]
    assert listed("admin", status="job-failed") == []
    assert listed("somebody", priority=9, job_type=SPEC_ID, start_time="2020-01-01T00:00:00")
    assert listed("somebody", end_time="1000") == []
    assert client.get(f"{API}/job/user/admin", params={"page_size": "x"}).status_code == 400


def test_control_jobs_revoke_purge_and_retry(client: TestClient, bench: Bench) -> None:
    register(client, command="false", params=[])
    job_id = submit(client, {})

    def control(kind: str, params: Mapping[str, Any]) -> None:
        control_id = submit(
            client, params, type=f"job-lw-mozart-{kind}:v1.0.5", queue="system-jobs-queue"
        )
        assert status(client, control_id) == "job-completed"

    query: dict[str, Any] = {"query": {"bool": {"must": [{"term": {"_id": job_id}}]}}}
    control("purge", {"query": json.dumps(query), "component": "mozart", "operation": "revoke"})
    assert status(client, job_id) == "job-revoked"
    control("retry", {"retry_job_id": job_id, "retry_count_max": 3, "job_priority_increment": 1})
    assert status(client, job_id) == "job-queued"
    assert info(client, job_id)["job"]["priority"] == 1
    bench.run()
    assert status(client, job_id) == "job-failed"
    control("revoke", {"query": query})
    assert status(client, job_id) == "job-failed"
    control("purge", {"query": query, "operation": "purge"})
    assert client.get(f"{API}/job/status", params={"id": job_id}).status_code == 404


def test_a_purge_of_a_query_that_is_not_understood_changes_nothing(client: TestClient) -> None:
    register(client)
    job_id = submit(client)
    queries: list[dict[str, Any]] = [{"match_all": {}}, {"term": {"status": "job-queued"}}, {}]
    for query in queries:
        answer = client.post(
            f"{API}/job/submit",
            data={
                "type": "job-lw-mozart-purge:develop",
                "queue": "system-jobs-queue",
                "params": json.dumps({"query": {"query": query}}),
            },
        )
        assert answer.status_code == 400, query
    assert status(client, job_id) == "job-queued"


def test_clients_may_put_everything_in_the_query_of_a_post(client: TestClient) -> None:
    register(client)
    given = {"type": SPEC_ID, "queue": "default", "params": '{"who": "x"}'}

    answer = client.post(
        f"{API}/job/submit", params=given, headers={"Content-Type": "application/json"}
    )

    job_id = result(answer)
    form = client.request("GET", f"{API}/job/status", data={"id": job_id})
    assert form.json()["status"] == "job-queued"
    assert client.get("/mozart/api/v0.2/job/status", params={"id": job_id}).status_code == 200


def test_a_job_type_from_elsewhere_can_be_submitted(client: TestClient, bench: Bench) -> None:
    takes = interface({"text": "property", "scene": "file"}, optional=["scene"], command="true")
    bench.world.configure([job_type("detect points", takes)])
    identity = "job-detect points:1.0"
    assert result(client.get(f"{API}/jobspec/list")) == [identity]
    shown = result(client.get(f"{API}/jobspec/type", params={"id": identity}))
    assert shown["params"][0] == {"name": "text", "destination": "positional"}
    source = bench.world.source("scene.tif")

    job_id = submit(client, {"text": "x", "scene": source.id}, type=identity, queue="default")
    bench.run()

    assert status(client, job_id) == "job-completed"
    wrong = client.post(
        f"{API}/job/submit", data={"type": identity, "queue": "default", "params": '{"no": 1}'}
    )
    assert (wrong.status_code, wrong.json()["success"]) == (400, False)


@pytest.mark.parametrize(
    ("given", "code", "words"),
    [
        ({"queue": "default"}, 400, "'type' is required"),
        ({"type": SPEC_ID}, 400, "'queue' is required"),
        ({"type": "job-nothing:1", "queue": "default"}, 404, "job-nothing:1"),
        ({"type": SPEC_ID, "queue": "no-such-queue"}, 404, "no-such-queue"),
        ({"type": SPEC_ID, "queue": "default", "params": "{}"}, 400, "must specify 'who'"),
        ({"type": SPEC_ID, "queue": "default", "params": "["}, 400, "not JSON"),
        ({"type": SPEC_ID, "queue": "default", "priority": "10"}, 400, "from 0 to 9"),
        ({"type": SPEC_ID, "queue": "default", "time_limit": "0"}, 400, "from 1"),
        (
            {
                "type": SPEC_ID,
                "queue": "default",
                "params": '{"who": "x", "data": "file:///etc/a"}',
            },
            400,
            "cannot be fetched",
        ),
    ],
)
def test_what_cannot_be_submitted_is_refused_in_the_envelope(
    client: TestClient, given: dict[str, str], code: int, words: str
) -> None:
    register(client)

    answer = client.post(f"{API}/job/submit", data={"params": '{"who": "x"}', **given})

    assert answer.status_code == code, answer.text
    assert answer.json() == {"success": False, "message": answer.json()["message"], "result": None}
    assert words in answer.json()["message"]


def test_errors_have_the_shapes_of_mozart(client: TestClient) -> None:
    unknown = client.get(f"{API}/job/status", params={"id": "nonsense"})
    assert unknown.status_code == 404
    assert unknown.json()["status"] is None
    nowhere = client.get(f"{API}/nowhere")
    assert (nowhere.status_code, list(nowhere.json())) == (404, ["status_code", "message"])


def test_a_viewer_may_not_change_things_with_get(
    anonymous: TestClient, client: TestClient, user_tokens: Mapping[str, str]
) -> None:
    register(client)
    anonymous.headers["Authorization"] = f"Bearer {user_tokens['viewer']}"

    assert anonymous.get(f"{API}/jobspec/list").status_code == 200
    for path in ("jobspec/remove", "jobspec/remove/", "job/stop", "job/purge", "job/submit"):
        answer = anonymous.get(f"{API}/{path}", params={"id": SPEC_ID})
        assert answer.status_code == 403, path
        assert answer.json()["success"] is False


def test_grq_shows_what_can_be_submitted_on_demand(client: TestClient) -> None:
    register(client)

    one = client.get(f"{GRQ}/grq/on-demand", params={"id": SPEC_ID}).json()
    everything = client.get(f"{GRQ}/grq/on-demand").json()

    assert one["success"] is True
    assert everything["result"] == [one["result"]]
    expected = {
        "hysds_io": IO_ID, "job_spec": SPEC_ID, "version": "v1.0", "label": "Hello World"
    }  # fmt: skip
    assert {name: one["result"][name] for name in expected} == expected
    assert client.get(f"{GRQ}/grq/on-demand", params={"id": "job-x:1"}).status_code == 404
    assert result(client.get(f"{GRQ}/hysds_io/type", params={"id": IO_ID}))["id"] == IO_ID


def test_the_documentation_page_needs_nothing_from_another_host(client: TestClient) -> None:
    page = client.get(f"{API}/doc/").text

    assert "http://" not in page.replace("http://airscale.test", "")
    assert client.get(f"{API}/doc/swagger-ui-bundle.js").status_code == 200
    paths = client.get(f"{API}/openapi.json").json()["paths"]
    seed = {
        "/jobspec/type", "/jobspec/list", "/jobspec/add", "/jobspec/remove", "/hysdsio/type",
        "/hysdsio/list", "/hysdsio/add", "/hysdsio/remove", "/container/list", "/container/add",
        "/container/remove", "/container/info", "/queue/list", "/job/submit", "/job/status",
        "/job/info", "/job/list", "/job/stop", "/job/purge", "/job/user_tag_add",
        "/job/user_tag_remove",
    }  # fmt: skip
    assert seed <= paths.keys()


def test_a_job_of_one_dialect_is_seen_in_all_others_at_once(
    client: TestClient, bench: Bench
) -> None:
    register(client, command="true", params=[])
    mozart = submit(client, {})
    ocps = client.put("/uws/api/v1/job", json={"command": "true"}).json()["jobId"]
    bench.world.configure([job_type("scale")])
    scale = bench.world.queue_job("scale")
    for word, phase, state in (
        ("job-queued", "queued", JobStatus.QUEUED),
        ("job-completed", "completed", JobStatus.COMPLETED),
    ):
        for uid in (mozart, ocps, str(scale.uid)):
            assert status(client, uid) == word
            assert client.get(f"/uws/api/v1/job/{uid}/phase").json() == phase
        rows = client.get("/scale/api/jobs/").json()["results"]
        assert [each["status"] for each in rows] == [state] * 3
        assert len(client.get("/uws/api/v1/job").json()) == 3
        assert len(result(client.get(f"{API}/job/list"))) == 3
        bench.run()
