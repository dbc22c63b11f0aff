"""The jobs database of Unity, as clients of Elasticsearch ask it (seed 002)."""

import base64
import json
from collections.abc import Mapping
from typing import Any, Final

import pytest
from fastapi.testclient import TestClient

from catalog.catalogue import Catalogue
from tests.dialects.conftest import Bench
from tests.dialects.test_unity_processes import L1B, SEED_REQUEST, TOOL, deploy, execute

pytestmark = pytest.mark.airflow
JOBS: Final = "/es/jobs"
DATES: Final = ("submit-time", "start-time", "stop-time")


@pytest.fixture
def jobs(client: TestClient) -> list[str]:
    """Return the ids of three submitted jobs, labelled a, b and c, all of them d."""
    deploy(client, "l1b-cwl", "develop", TOOL)
    return [submit(client, label) for label in "abc"]


def submit(client: TestClient, label: str) -> str:
    """Submit a job with a label and return its id."""
    inputs = [*SEED_REQUEST["inputs"][1:], {"id": "input_collection_id", "data": label}]
    body = {**SEED_REQUEST, "inputs": inputs, "labels": [label, "d"]}
    return execute(client, L1B, body).rpartition("/")[2]


def search(client: TestClient, query: object, **more: Any) -> list[str]:
    """Return the ids of the jobs that a query finds."""
    answer = client.post(f"{JOBS}/_search", json={"query": query, **more})
    assert answer.status_code == 200, answer.text
    return [each["_id"] for each in answer.json()["hits"]["hits"]]


def test_a_new_job_is_a_document_with_the_fields_of_the_seed(
    client: TestClient, jobs: list[str]
) -> None:
    job_id = submit(client, "campaign-3")

    answer = client.get(f"{JOBS}/_doc/{job_id}")

    found = answer.json()
    assert answer.headers["X-Elastic-Product"] == "Elasticsearch"
    assert (found["_index"], found["_id"], found["found"]) == ("jobs", job_id, True)
    source = found["_source"]
    seed = {"id", "status", "inputs", "outputs", "labels", "user-id"}
    assert source.keys() == seed | {"process-id", "submit-time"}
    assert (source["id"], source["status"]) == (job_id, "submitted")
    assert source["labels"] == ["campaign-3", "d"]
    assert source["outputs"] == {}
    assert source["inputs"]["start_datetime"] == "2016-01-14T08:00:00Z"
    assert client.head(f"{JOBS}/_doc/{job_id}").status_code == 200
    assert client.get(f"{JOBS}/_source/{job_id}").json() == source
    assert job_id not in jobs


def test_a_document_that_is_not_there_is_not_found(client: TestClient) -> None:
    answer = client.get(f"{JOBS}/_doc/nothing")

    assert (answer.status_code, answer.json()["found"]) == (404, False)
    assert client.head(f"{JOBS}/_doc/nothing").status_code == 404
    assert client.get(f"{JOBS}/_source/nothing").status_code == 404
    other = client.get("/es/others/_doc/nothing")
    assert (other.status_code, other.json()["error"]["type"]) == (404, "index_not_found_exception")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        (None, "cba"),
        ({"match_all": {}}, "cba"),
        ({"match_none": {}}, ""),
        ({"term": {"labels": "a"}}, "a"),
        ({"term": {"labels.keyword": {"value": "a"}}}, "a"),
        ({"term": {"labels": {"value": "A", "case_insensitive": True}}}, "a"),
        ({"terms": {"labels": ["a", "c", "x"]}}, "ca"),
        ({"match": {"labels": "b"}}, "b"),
        ({"match": {"status": {"query": "submitted"}}}, "cba"),
        ({"match": {"status": "succeeded"}}, ""),
        ({"prefix": {"process-id": "l1b"}}, "cba"),
        ({"wildcard": {"status": "sub*d"}}, "cba"),
        ({"wildcard": {"labels": {"value": "?"}}}, "cba"),
        ({"term": {"inputs.input_collection_id": "b"}}, "b"),
        ({"exists": {"field": "inputs.input_collection_id"}}, "cba"),
        ({"exists": {"field": "start-time"}}, ""),
        ({"exists": {"field": "nothing"}}, ""),
        ({"term": {"nothing": "a"}}, ""),
        ({"term": {"user-id": "admin"}}, "cba"),
        ({"range": {"submit-time": {"gte": "now-1h", "lte": "now+1h"}}}, "cba"),
        ({"range": {"submit-time": {"lt": "2020-01-01"}}}, ""),
        ({"range": {"labels": {"gte": "b", "lt": "c"}}}, "b"),
        (
            {"bool": {"must": {"term": {"labels": "d"}}, "must_not": [{"term": {"labels": "b"}}]}},
            "ca",
        ),
        ({"bool": {"should": [{"term": {"labels": "a"}}, {"term": {"labels": "b"}}]}}, "ba"),
        (
            {"bool": {"filter": {"term": {"labels": "d"}}, "should": {"term": {"labels": "a"}}}},
            "cba",
        ),
        (
            {
                "bool": {
                    "should": [{"term": {"labels": "a"}}, {"term": {"status": "submitted"}}],
                    "minimum_should_match": 2,
                }
            },
            "a",
        ),
        ({"bool": {"must_not": [{"exists": {"field": "stop-time"}}]}}, "cba"),
        ({"constant_score": {"filter": {"term": {"labels": "a"}}}}, "a"),
        ({"query_string": {"query": "*"}}, "cba"),
        ({"query_string": {"query": "a"}}, "a"),
        ({"query_string": {"query": "labels:a OR labels:c"}}, "ca"),
        ({"query_string": {"query": "labels:(a c) AND status:submitted"}}, "ca"),
        ({"query_string": {"query": "labels:d -labels:b"}}, "ca"),
        ({"query_string": {"query": "NOT labels:b"}}, "ca"),
        ({"query_string": {"query": 'process-id:"l1b-cwl:develop" AND labels:b'}}, "b"),
        ({"query_string": {"query": "submit-time:[2020-01-01 TO *] AND labels:[b TO c}"}}, "b"),
        ({"query_string": {"query": "status:sub*", "default_operator": "AND"}}, "cba"),
        ({"query_string": {"query": "a d", "default_operator": "AND"}}, "a"),
    ],
)  # fmt: skip
def test_a_query_finds_what_it_asks_for(
    client: TestClient, jobs: list[str], query: object, found: str
) -> None:
    by_label = dict(zip("abc", jobs, strict=True))

    assert search(client, query) == [by_label[each] for each in found]


def test_ids_are_found_by_id(client: TestClient, jobs: list[str]) -> None:
    assert search(client, {"ids": {"values": [jobs[1], "nothing"]}}) == [jobs[1]]
    assert search(client, {"term": {"_id": jobs[0]}}) == [jobs[0]]
    assert search(client, {"prefix": {"id": jobs[2][:13]}}) == [jobs[2]]


@pytest.mark.parametrize(
    ("body", "kind", "named"),
    [
        ({"query": {"fuzzy": {"labels": "a"}}}, "parsing_exception", "[fuzzy]"),
        ({"query": {"script_score": {}}}, "parsing_exception", "[script_score]"),
        ({"query": {"term": {"labels": {"value": "a", "odd": 1}}}}, "parsing_exception", "[odd]"),
        ({"query": {}}, "parsing_exception", "malformed"),
        ({"query": {"range": {"submit-time": {"gte": "soon"}}}}, "parsing_exception", "[soon]"),
        ({"query": {"query_string": {"query": "(a"}}}, "parsing_exception", "parenthesis"),
        ({"highlight": {}}, "parsing_exception", "[highlight]"),
        ({"aggs": {"x": {"percentiles": {"field": "a"}}}}, "parsing_exception", "[percentiles]"),
        ({"sort": "labels"}, "illegal_argument_exception", "[labels]"),
        ({"size": 10_001}, "illegal_argument_exception", "10000"),
        ({"from": -1}, "illegal_argument_exception", "[from]"),
    ],
)
def test_what_is_not_supported_is_refused_by_its_name(
    client: TestClient, body: dict[str, Any], kind: str, named: str
) -> None:
    answer = client.post(f"{JOBS}/_search", json=body)

    assert answer.status_code == 400, answer.text
    error = answer.json()["error"]
    assert (answer.json()["status"], error["type"]) == (400, kind)
    assert named in error["reason"]
    assert error["root_cause"][0]["reason"] == error["reason"]


def test_jobs_are_sorted_paged_and_continued(client: TestClient, jobs: list[str]) -> None:
    everything = {"match_all": {}}
    for sort in ([{"submit-time": "asc"}], [{"start-time": "asc"}, {"_doc": "asc"}]):
        found = []
        after = None
        while True:
            more = {} if after is None else {"search_after": after}
            body = {"query": everything, "sort": sort, "size": 1, **more}
            hits = client.post(f"{JOBS}/_search", json=body).json()["hits"]["hits"]
            if not hits:
                break
            found.append(hits[0]["_id"])
            after = hits[0]["sort"]
        assert found == jobs
    assert search(client, everything, sort="id") == sorted(jobs)
    assert search(client, everything, **{"from": 1, "size": 1}) == [jobs[1]]


def test_totals_are_counted_as_far_as_is_asked(client: TestClient, jobs: list[str]) -> None:
    def total(**body: Any) -> object:
        hits = client.post(f"{JOBS}/_search", json={"size": 0, **body}).json()["hits"]
        return hits.get("total")

    assert len(jobs) == 3
    assert total() == {"value": 3, "relation": "eq"}
    assert total(track_total_hits=True) == {"value": 3, "relation": "eq"}
    assert total(track_total_hits=2) == {"value": 2, "relation": "gte"}
    assert total(track_total_hits=False) is None
    as_number = client.get(f"{JOBS}/_search", params={"rest_total_hits_as_int": "true"})
    assert as_number.json()["hits"]["total"] == 3
    answer = client.get(f"{JOBS}/_count", params={"q": "labels:a"})
    assert answer.json()["count"] == 1


def test_a_document_is_cut_down_to_what_is_asked_for(client: TestClient, jobs: list[str]) -> None:
    def source(asked: object) -> dict[str, Any] | None:
        body = {"query": {"ids": {"values": jobs[:1]}}, "_source": asked}
        (hit,) = client.post(f"{JOBS}/_search", json=body).json()["hits"]["hits"]
        found: dict[str, Any] | None = hit.get("_source")
        return found

    assert source({"includes": ["none"]}) == {}
    assert source(["status", "inputs.input*"]) == {
        "status": "submitted",
        "inputs": {"input_collection_id": "a"},
    }
    assert source({"excludes": ["inputs", *DATES]}).keys() == {  # type: ignore[union-attr]  # not None
        "id", "status", "outputs", "labels", "user-id", "process-id",
    }  # fmt: skip
    answer = client.get(f"{JOBS}/_doc/{jobs[0]}", params={"_source_includes": "status"})
    assert answer.json()["_source"] == {"status": "submitted"}


def test_many_documents_are_got_at_once(client: TestClient, jobs: list[str]) -> None:
    docs = client.post(f"{JOBS}/_mget", json={"ids": [jobs[0], "nothing"]}).json()["docs"]

    assert [(each["_id"], each["found"]) for each in docs] == [(jobs[0], True), ("nothing", False)]


def test_many_searches_have_an_answer_each(client: TestClient, jobs: list[str]) -> None:
    lines = [{}, {"query": {"term": {"labels": "a"}}}, {"index": "jobs"}, {"query": {"odd": {}}}]
    body = "".join(f"{json.dumps(each)}\n" for each in lines)

    headers = {"Content-Type": "application/x-ndjson"}
    answer = client.post(f"{JOBS}/_msearch", content=body, headers=headers).json()

    first, second = answer["responses"]
    assert [each["_id"] for each in first["hits"]["hits"]] == [jobs[0]]
    assert (first["status"], second["status"]) == (200, 400)


def test_a_scroll_goes_through_all_jobs(client: TestClient, jobs: list[str]) -> None:
    for sort in ([], [{"submit-time": "asc"}]):
        body = {"size": 2, "sort": sort}
        page = client.post(f"{JOBS}/_search", params={"scroll": "1m"}, json=body).json()
        found: list[str] = []
        while page["hits"]["hits"]:
            found += [each["_id"] for each in page["hits"]["hits"]]
            on = {"scroll": "1m", "scroll_id": page["_scroll_id"]}
            page = client.post("/es/_search/scroll", json=on).json()
        assert sorted(found) == sorted(jobs)
        assert client.request("DELETE", "/es/_search/scroll", json={}).json()["succeeded"]


def test_jobs_are_aggregated(client: TestClient, jobs: list[str]) -> None:
    aggs = {
        "labels": {"terms": {"field": "labels", "size": 1}},
        "statuses": {"terms": {"field": "status"}},
        "processes": {"terms": {"field": "process-id"}},
        "years": {"date_histogram": {"field": "submit-time", "calendar_interval": "year"}},
        "days": {"date_histogram": {"field": "submit-time", "fixed_interval": "1d"}},
    }

    found = client.post(f"{JOBS}/_search", json={"size": 0, "aggs": aggs}).json()["aggregations"]

    assert found["labels"]["buckets"] == [{"key": "d", "doc_count": len(jobs)}]
    assert found["labels"]["sum_other_doc_count"] == 3
    assert found["statuses"]["buckets"] == [{"key": "submitted", "doc_count": 3}]
    assert found["processes"]["buckets"] == [{"key": L1B, "doc_count": 3}]
    for name in ("years", "days"):
        assert sum(each["doc_count"] for each in found[name]["buckets"]) == 3


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", "/jobs/_doc/1"), ("POST", "/jobs/_doc"), ("DELETE", "/jobs/_doc/1"),
        ("POST", "/_bulk"), ("PUT", "/jobs"), ("DELETE", "/jobs"),
        ("POST", "/jobs/_delete_by_query"), ("PUT", "/others"),
    ],
)  # fmt: skip
def test_writes_are_refused(client: TestClient, method: str, path: str) -> None:
    answer = client.request(method, f"/es{path}", json={})

    assert answer.status_code == 403
    assert answer.json()["error"]["type"] == "security_exception"


def token_of(catalogue: Catalogue, job_id: str) -> str:
    """Return the credentials that the environment of a job holds."""
    from uuid import UUID  # noqa: PLC0415

    environment = catalogue.queries.work.one(UUID(job_id)).environment
    pair = f"{job_id}:{environment['UNITY_JOB_TOKEN']}"
    return f"ApiKey {base64.b64encode(pair.encode()).decode()}"


def test_a_step_of_a_job_updates_its_status_until_it_has_ended(
    anonymous: TestClient, user_tokens: Mapping[str, str], bench: Bench
) -> None:
    bearer = {"Authorization": f"Bearer {user_tokens['admin']}"}
    anonymous.headers.update(bearer)
    deploy(anonymous, "l1b-cwl", "develop", TOOL)
    mine, other = submit(anonymous, "mine"), submit(anonymous, "other")
    key = token_of(bench.world.catalogue, mine)
    word = {"doc": {"status": "calibrating"}}

    def update(job_id: str, body: object, authorization: str) -> int:
        headers = {"Authorization": authorization}
        answer = anonymous.post(f"{JOBS}/_update/{job_id}", json=body, headers=headers)
        return answer.status_code

    assert update(mine, word, key) == 200
    assert update(other, word, key) == 403
    assert update(mine, word, "ApiKey bm90aGluZw==") == 403
    assert update(mine, word, bearer["Authorization"]) == 403
    assert update(mine, {"doc": {"labels": ["x"]}}, key) == 403
    assert anonymous.get(f"{JOBS}/_source/{mine}").json()["status"] == "calibrating"
    for query in ({"term": {"status": "calibrating"}}, {"prefix": {"status": "cal"}}):
        assert search(anonymous, query) == [mine]
    assert search(anonymous, {"term": {"status": "submitted"}}) == [other]

    bench.run()

    assert anonymous.get(f"{JOBS}/_source/{mine}").json()["status"] == "succeeded"
    assert update(mine, word, key) == 409
    assert sorted(search(anonymous, {"term": {"status": "succeeded"}})) == sorted([mine, other])


@pytest.mark.parametrize(
    "path",
    [
        "/", "/jobs", "/jobs/_mapping", "/_mapping", "/jobs/_settings", "/jobs/_stats", "/_alias",
        "/_cluster/health", "/_cluster/stats", "/_nodes", "/_cat/indices?format=json",
        "/_cat/health?format=json", "/_cat/nodes?format=json", "/_cat/shards?format=json",
        "/_template", "/_index_template", "/jobs/_refresh",
    ],
)  # fmt: skip
def test_clients_learn_of_the_cluster(client: TestClient, path: str) -> None:
    for version in (8, 9):
        media_type = f"application/vnd.elasticsearch+json; compatible-with={version}"
        answer = client.get(f"/es{path}", headers={"Accept": media_type})

        assert answer.status_code == 200, answer.text
        assert answer.headers["X-Elastic-Product"] == "Elasticsearch"
        assert answer.headers["Content-Type"].startswith("application/vnd.elasticsearch+json")
        assert answer.json() is not None


def test_the_index_is_there_and_no_other(client: TestClient) -> None:
    assert client.head("/es/jobs").status_code == 200
    assert client.head("/es/others").status_code == 404
    assert client.get("/es/").json()["version"]["number"] == "7.17.9"
    assert client.get("/es/_cat/indices").text.split()[2] == "jobs"


def test_jobs_of_every_dialect_are_documents(client: TestClient) -> None:
    job = client.put("/uws/api/v1/job", json={"command": "true"}).json()

    document = client.get(f"{JOBS}/_source/{job['jobId']}").json()

    assert (document["status"], document["process-id"]) == ("submitted", "shell-command:1.0")
    assert search(client, {"term": {"inputs.command": "true"}}) == [document["id"]]
