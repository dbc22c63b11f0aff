"""The OCPS job manager, against the seed's own words (seed 003)."""

import base64
import subprocess
from pathlib import Path
from typing import Any, Final

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import event

from tests.dialects.conftest import Bench

pytestmark = pytest.mark.airflow
API: Final = "/uws/api/v1"
SEED_JOB: Final[dict[str, Any]] = {
    "jobId": "e13ed9f2803842409763b185d4f490e2",
    "runId": "my-special-job",
    "ownerId": "",
    "phase": "executing",
    "creationTime": "2021-03-17 20:58:54+00:00",
    "startTime": "2021-03-17 20:58:54+00:00",
    "endTime": None,
    "executionDuration": None,
    "destruction": None,
    "parameters": {"command": ["/bin/bash", "-c", "..."], "environment": []},
    "results": [],
    "errorSummary": {"message": ""},
    "jobInfo": {},
}


def create(client: TestClient, command: str, **parameters: Any) -> dict[str, Any]:
    """Create a job and return it."""
    answer = client.put(f"{API}/job", json={"command": command, **parameters})
    assert answer.status_code == 200, answer.text
    job: dict[str, Any] = answer.json()
    return job


def show(client: TestClient, job: dict[str, Any]) -> dict[str, Any]:
    """Return a job as it is now."""
    found: dict[str, Any] = client.get(f"{API}/job/{job['jobId']}").json()
    return found


def variables(job: dict[str, Any]) -> dict[str, str]:
    return {each["name"]: each["value"] for each in job["parameters"]["environment"]}


def test_a_created_job_has_the_fields_of_the_seed_in_their_order(client: TestClient) -> None:
    job = create(
        client,
        "ls -l",
        run_id="my-special-job",
        environment=[{"name": "DATA_DIR_COMCAM", "value": "/data/repo"}],
    )

    assert list(job) == list(SEED_JOB)
    assert len(job["jobId"]) == 32
    assert job["parameters"]["command"] == ["/bin/bash", "-c", "ls -l"]
    assert job["parameters"]["environment"][0] == {"name": "DATA_DIR_COMCAM", "value": "/data/repo"}
    assert (job["runId"], job["ownerId"], job["phase"]) == ("my-special-job", "", "queued")
    empty = ("startTime", "endTime", "executionDuration", "destruction")
    assert [job[name] for name in empty] == [None] * 4
    assert (job["results"], job["errorSummary"], job["jobInfo"]) == ([], {"message": ""}, {})
    assert show(client, job) == job


def test_a_job_without_a_run_id_has_its_own_id_for_one(client: TestClient) -> None:
    job = create(client, "true")

    assert job["runId"] == job["jobId"]


def test_a_job_runs_its_command_and_its_results_can_be_downloaded(
    client: TestClient, bench: Bench
) -> None:
    job = create(
        client,
        'mkdir "$JOB_OUTPUT_DIR/deep"; echo "$GREETING" > "$JOB_OUTPUT_DIR/deep/hello.txt";'
        ' echo "$JOB_ID" > id.txt',
        environment=[{"name": "GREETING", "value": "hello $HOME"}],
    )

    bench.run()

    done = show(client, job)
    assert done["phase"] == "completed", done
    assert done["executionDuration"] >= 0
    assert done["endTime"].endswith("+00:00")
    results = {each["uri"].rpartition("/")[2]: each for each in done["results"]}
    assert set(results) == {"hello.txt", "id.txt"}
    for each in results.values():
        assert base64.b64decode(each["id"]).decode() == each["uri"]
    hello = results["hello.txt"]["id"]
    for path in (hello, hello.rstrip("="), f"{job['jobId']}/{hello}"):
        answer = client.get(f"{API}/job/result/{path}")
        assert (answer.status_code, answer.text) == (200, "hello $HOME\n"), path
        assert answer.headers["Content-Type"].startswith("text/plain")
    by_index = {client.get(f"{API}/job/result/{job['jobId']}/{index}").text for index in (0, 1)}
    assert by_index == {"hello $HOME\n", f"{job['jobId']}\n"}
    for name in ("results", "parameters", "phase"):
        answer = client.get(f"{API}/job/{job['jobId']}/{name}")
        assert (answer.status_code, answer.json()) == (200, done[name])


def test_a_job_has_the_directories_that_the_deployment_gives_and_shows_them(
    client: TestClient, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRSCALE_JOB_ENVIRONMENT", '{"DATA_DIR_COMCAM": "/data/repo"}')
    job = create(client, 'echo "$DATA_DIR_COMCAM" > "$JOB_OUTPUT_DIR/where.txt"')

    bench.run()

    done = show(client, job)
    (result,) = done["results"]
    assert client.get(f"{API}/job/result/{result['id']}").text == "/data/repo\n"
    assert list(variables(done)) == ["DATA_DIR_COMCAM", "JOB_OUTPUT_DIR"]


def test_a_failed_command_is_an_error_with_its_last_words(client: TestClient, bench: Bench) -> None:
    job = create(client, "echo no such star >&2; exit 3")

    bench.run()

    done = show(client, job)
    assert done["phase"] == "error"
    assert "no such star" in done["errorSummary"]["message"]
    assert done["results"] == []


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the address of a bare repository with a branch, which may be fetched from."""
    monkeypatch.setenv("AIRSCALE_FETCH_SCHEMES", "https,file")
    work, bare = tmp_path / "work", tmp_path / "bare.git"

    def git(*arguments: str) -> None:
        identity = ("-c", "user.name=Tester", "-c", "user.email=tester@localhost")
        subprocess.run(["git", *identity, *arguments], check=True, cwd=tmp_path)

    git("init", "--quiet", "--initial-branch", "main", str(work))
    for branch in ("main", "other"):
        git("-C", str(work), "checkout", "--quiet", "-B", branch)
        (work / "branch.txt").write_text(branch)
        git("-C", str(work), "add", ".")
        git("-C", str(work), "commit", "--quiet", "--message", branch)
    git("-C", str(work), "checkout", "--quiet", "main")
    git("clone", "--quiet", "--bare", str(work), str(bare))
    return bare.as_uri()


def test_a_repository_is_cloned_for_the_command(
    client: TestClient, bench: Bench, repository: str
) -> None:
    copy = 'cp "$JOB_SOURCE_DIR/branch.txt" out.txt; echo " $GIT_COMMIT_REF" >> out.txt'
    jobs = {
        ref: create(client, copy, url=repository, **({"commit_ref": ref} if ref else {}))
        for ref in ("other", None)
    }
    assert variables(jobs["other"])["GIT_COMMIT_REF"] == "other"
    assert variables(jobs[None])["GIT_COMMIT_REF"] is None

    bench.run()

    for ref, content in (("other", "other other\n"), (None, "main \n")):
        done = show(client, jobs[ref])
        assert done["phase"] == "completed", done
        assert [each["uri"].rpartition("/")[2] for each in done["results"]] == ["out.txt"]
        answer = client.get(f"{API}/job/result/{done['results'][0]['id']}")
        assert answer.text == content
        assert variables(done)["SRC_GIT_URL"] == repository
        assert variables(done)["JOB_SOURCE_DIR"].startswith(variables(done)["JOB_OUTPUT_DIR"])


def test_a_commit_that_is_not_there_is_an_error_that_says_so(
    client: TestClient, bench: Bench, repository: str
) -> None:
    job = create(client, "true", url=repository, commit_ref="nowhere")

    bench.run()

    assert show(client, job)["phase"] == "error"
    assert "no branch, tag or commit 'nowhere'" in show(client, job)["errorSummary"]["message"]


def test_files_of_this_host_are_not_cloned_unless_an_administrator_allows_it(
    client: TestClient,
) -> None:
    answer = client.put(f"{API}/job", json={"command": "true", "url": "file:///etc"})

    assert answer.status_code == 400
    assert "the schemes allowed here are https, http, s3" in answer.text


def test_jobs_are_listed_by_phase_the_newest_first(client: TestClient, bench: Bench) -> None:
    done = create(client, "true")
    bench.run()
    queued = [create(client, "true")["jobId"] for _ in range(2)]

    def listed(query: str = "") -> list[str]:
        return [each["jobId"] for each in client.get(f"{API}/job{query}").json()]

    assert listed() == [*reversed(queued), done["jobId"]]
    assert listed("?phase=queued") == [*reversed(queued)]
    assert listed("?phase=completed") == [done["jobId"]]
    assert listed("?phase=held") == []
    assert listed("?limit=1&offset=1") == [queued[0]]


def test_an_unknown_phase_is_refused_with_those_that_exist(client: TestClient) -> None:
    answer = client.get(f"{API}/job?phase=sleeping")

    assert answer.status_code == 400
    assert answer.text.startswith("Valid job categories are: ['pending', 'queued', 'executing'")


def test_a_deleted_job_is_gone_with_its_files(client: TestClient, bench: Bench) -> None:
    job = create(client, "echo 1 > one.txt")
    bench.run()
    (result,) = show(client, job)["results"]
    assert Path(result["uri"]).exists()

    answer = client.delete(f"{API}/job/{job['jobId']}")

    assert answer.status_code == 200
    assert list(answer.json()) == ["status", "message", "code"]
    assert not Path(result["uri"]).exists()
    for path in ("", "/phase", "/results"):
        assert client.get(f"{API}/job/{job['jobId']}{path}").status_code == 404
    assert client.get(f"{API}/job/result/{result['id']}").status_code == 404
    assert client.get(f"{API}/job/result/{job['jobId']}/0").status_code == 404
    assert client.get(f"{API}/job").json() == []
    assert client.delete(f"{API}/job/{job['jobId']}").status_code == 404


def test_a_queued_job_that_is_deleted_never_runs(client: TestClient, bench: Bench) -> None:
    job = create(client, "true")

    client.delete(f"{API}/job/{job['jobId']}")

    (kept,) = bench.world.all_jobs()
    assert (kept.uid.hex, kept.status) == (job["jobId"], "CANCELED")


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ({}, "'command' is required"),
        ({"command": ["ls"]}, "not a text"),
        ({"command": "ls", "run_id": "-x"}, "run_id '-x' is not valid"),
        ({"command": "ls", "run_id": "x" * 64}, "at most 63"),
        ({"command": "ls", "environment": [{"name": "A"}]}, "name and value"),
        ({"command": "ls", "environment": [{"name": "A=B", "value": "1"}]}, "'A=B' cannot be set"),
        ({"command": "ls", "commit_ref": "main"}, "without 'url'"),
        ({"command": "ls", "replicas": 2}, "'replicas'"),
    ],
)
def test_what_cannot_be_run_is_refused_in_plain_text(
    client: TestClient, body: dict[str, Any], sentence: str
) -> None:
    answer = client.put(f"{API}/job", json=body)

    assert answer.status_code == 400
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert sentence in answer.text


def test_parameters_may_stand_in_query_and_form_too(client: TestClient) -> None:
    by_query = client.put(f"{API}/job", params={"command": "ls", "run_id": "a"})
    by_form = client.put(f"{API}/job", data={"command": "ls"}, params={"run_id": "b"})

    assert [each.json()["runId"] for each in (by_query, by_form)] == ["a", "b"]


def test_a_job_that_does_not_exist_is_a_json_string(client: TestClient) -> None:
    for job_id in ("0" * 32, "nonsense"):
        answer = client.get(f"{API}/job/{job_id}")
        assert answer.status_code == 404
        assert isinstance(answer.json(), str)
    assert client.delete(f"{API}/job/{'0' * 32}").status_code == 404
    assert client.get(f"{API}/job/result/bm9uZQ==").text == "Result file not found."


def test_an_unknown_property_is_refused(client: TestClient) -> None:
    job = create(client, "true")

    answer = client.get(f"{API}/job/{job['jobId']}/owner")

    assert answer.status_code == 400
    assert "phase, results, parameters" in answer.text


def test_all_commands_share_one_dag(client: TestClient, bench: Bench) -> None:
    for command in ("true", "false"):
        create(client, command)

    version = bench.world.catalogue.definitions.current_version()
    files = bench.world.catalogue.definitions.files_of(version)
    dags = [dag["dag_id"] for each in files.values() for dag in each.content.get("dags", ())]
    assert dags == ["job.shell-command.1.0"]
    assert len(bench.world.runs()) == 2


def test_a_status_is_read_in_one_statement(client: TestClient, bench: Bench) -> None:
    job = create(client, "true")
    statements: list[str] = []
    event.listen(
        bench.world.database.engine,
        "before_cursor_execute",
        lambda *arguments: statements.append(arguments[2]),
    )

    assert client.get(f"{API}/job/{job['jobId']}/phase").json() == "queued"

    assert len([each for each in statements if each.startswith("SELECT")]) == 1
