"""Reads the jobs database with whichever official client of Elasticsearch is installed.

Run in an environment of its own, with the address, a bearer token, the id of a job labelled
``smoke``, and the token of that job's steps. It needs nothing but the client.
"""

import sys
import warnings
from typing import Any

import elasticsearch  # type: ignore[import-not-found]  # each version has its own environment
from elasticsearch import helpers

BY_LABEL = {"term": {"labels": "smoke"}}


def connect(url: str, token: str) -> Any:
    """Return a client that is signed in with a bearer token."""
    if elasticsearch.__version__[0] == 7:
        return elasticsearch.Elasticsearch([url], headers={"Authorization": f"Bearer {token}"})
    return elasticsearch.Elasticsearch(url, bearer_auth=token)


def read(client: Any, job_id: str) -> None:
    """Read documents, one by one and many at once."""
    assert client.ping()
    assert client.info()["tagline"] == "You Know, for Search"
    assert client.indices.exists(index="jobs")
    assert "labels" in client.indices.get_mapping(index="jobs")["jobs"]["mappings"]["properties"]
    assert client.cluster.health()["status"] == "green"
    assert client.cat.indices(format="json")[0]["index"] == "jobs"
    assert client.get(index="jobs", id=job_id)["_source"]["id"] == job_id
    assert client.get_source(index="jobs", id=job_id)["status"] == "submitted"
    assert client.exists(index="jobs", id=job_id)
    assert not client.exists(index="jobs", id="nothing")
    assert client.mget(index="jobs", body={"ids": [job_id]})["docs"][0]["found"]


def search(client: Any, job_id: str) -> None:
    """Search, count, scroll and aggregate."""
    aggs = {"labels": {"terms": {"field": "labels"}}}
    sort = [{"submit-time": "desc"}]
    found = client.search(index="jobs", query=BY_LABEL, sort=sort, aggs=aggs, track_total_hits=True)
    assert [each["_id"] for each in found["hits"]["hits"]] == [job_id]
    assert found["hits"]["total"] == {"value": 1, "relation": "eq"}
    assert {"key": "smoke", "doc_count": 1} in found["aggregations"]["labels"]["buckets"]
    after = found["hits"]["hits"][-1]["sort"]
    rest = client.search(index="jobs", query=BY_LABEL, sort=sort, search_after=after)
    assert rest["hits"]["hits"] == []
    assert client.count(index="jobs", q="labels:smoke")["count"] == 1
    many = client.msearch(body=[{"index": "jobs"}, {"query": BY_LABEL}])
    assert many["responses"][0]["hits"]["hits"][0]["_id"] == job_id
    scanned = [each["_id"] for each in helpers.scan(client, index="jobs", size=1)]
    assert job_id in scanned
    assert len(scanned) == len(set(scanned)) == client.count(index="jobs")["count"]


def write(client: Any, url: str, job_id: str, step_token: str) -> None:
    """Be refused as a person, and update the status as a step of the job."""
    try:
        client.index(index="jobs", id=job_id, body={"status": "mine"})
    except elasticsearch.AuthorizationException:
        pass
    else:
        raise AssertionError("a write was not refused")
    step = elasticsearch.Elasticsearch([url], api_key=(job_id, step_token))
    step.update(index="jobs", id=job_id, body={"doc": {"status": "calibrating"}})
    assert client.get_source(index="jobs", id=job_id)["status"] == "calibrating"


def main() -> None:
    """Run everything."""
    warnings.simplefilter("ignore")  # the clients' own, about security and old parameters
    url, token, job_id, step_token = sys.argv[1:]
    client = connect(url, token)
    read(client, job_id)
    search(client, job_id)
    write(client, url, job_id, step_token)
    sys.stdout.write(f"passed with {elasticsearch.__versionstr__}\n")


if __name__ == "__main__":
    main()
