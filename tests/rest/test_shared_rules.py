"""What every list and every error has in common (contract section 3)."""

from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from catalog.catalogue import Catalogue
from tests.rest.operations import operations_of_the_table
from tests.support.airflow import serving

pytestmark = pytest.mark.airflow
URL = "/scale/api/workspaces/"


@pytest.fixture
def three(client: TestClient, catalogue: Catalogue, tmp_path: Path) -> TestClient:
    """Return a client of a catalogue with three workspaces: a, b and c."""
    for name in ("a", "b", "c"):
        configuration = {"broker": {"type": "host", "host_path": str(tmp_path)}}
        catalogue.workspaces.create(name, configuration, title=f"Title {name}")
    return client


def names(client: TestClient, **parameters: object) -> list[str]:
    """Return the names a list gives."""
    answer = client.get(URL, params=parameters)
    assert answer.status_code == 200, answer.text
    return [each["name"] for each in answer.json()["results"]]


def test_a_page_links_to_its_neighbours_with_the_other_parameters_kept(three: TestClient) -> None:
    page = three.get(f"{URL}?order=-name&page_size=1&page=2&name=a&name=b&name=c").json()

    assert page["count"] == 3
    assert [each["name"] for each in page["results"]] == ["b"]
    following = urlsplit(page["next"])
    assert (following.scheme, following.netloc, following.path) == ("http", "airscale.test", URL)
    assert sorted(parse_qsl(following.query)) == [
        ("name", "a"), ("name", "b"), ("name", "c"), ("order", "-name"),
        ("page", "3"), ("page_size", "1"),
    ]  # fmt: skip
    assert three.get(page["next"]).json()["next"] is None
    assert three.get(page["previous"]).json()["previous"] is None


@pytest.mark.parametrize("page", [0, 2, -1, 10**30])
def test_a_page_that_does_not_exist_is_404(three: TestClient, page: int) -> None:
    answer = three.get(URL, params={"page": page})

    assert answer.status_code == 404
    assert "There is no page" in answer.json()["detail"]


def test_an_empty_list_has_a_first_page(client: TestClient) -> None:
    assert client.get(URL).json() == {"count": 0, "next": None, "previous": None, "results": []}


@pytest.mark.parametrize(("given", "shown"), [(0, 1), (-5, 1), (5000, 3)])
def test_page_size_is_clamped(three: TestClient, given: int, shown: int) -> None:
    assert len(names(three, page_size=given)) == shown


def test_order_may_be_reversed_and_repeated(three: TestClient) -> None:
    assert names(three, order="-title") == ["c", "b", "a"]
    assert names(three, order=["is_active", "-name"]) == ["c", "b", "a"]


def test_a_time_range_includes_its_bounds(three: TestClient, catalogue: Catalogue) -> None:
    with catalogue.database.transaction() as tx:
        middle = tx.workspaces.named("b").last_modified.isoformat()

    assert names(three, started=middle) == ["b", "c"]
    assert names(three, ended=middle) == ["a", "b"]
    assert names(three, started="PT1H") == ["a", "b", "c"]
    assert names(three, ended="PT1H") == []
    assert names(three, started="P1W") == ["a", "b", "c"]
    assert names(three, started="P2W", ended="P1W") == []


@pytest.mark.parametrize(
    ("parameters", "says"),
    [
        ({"started": "2015-01-01T00:00:00"}, "no time zone"),
        ({"started": "yesterday"}, "not an ISO-8601"),
        ({"ended": "P1Y"}, "not an ISO-8601 duration"),
        ({"started": "PT1H", "ended": "PT2H"}, "before the end"),
        ({"page": "x"}, "Parameter page"),
        ({"page_size": "x"}, "Parameter page_size"),
        ({"order": "nonsense"}, "no field 'nonsense'"),
        ({"name": "a\x00"}, "NUL"),
    ],
)
def test_a_parameter_that_cannot_be_read_is_400_with_a_sentence(
    client: TestClient, parameters: dict[str, str], says: str
) -> None:
    answer = client.get(URL, params=parameters)

    assert answer.status_code == 400
    assert says in answer.json()["detail"]


def test_parameters_that_are_not_known_are_ignored(three: TestClient) -> None:
    assert names(three, colour="blue") == ["a", "b", "c"]


def test_a_path_works_without_its_last_slash(client: TestClient, tmp_path: Path) -> None:
    configuration = {"broker": {"type": "host", "host_path": str(tmp_path)}}

    made = client.post(
        URL.removesuffix("/"),
        json={"name": "rs", "json_config": configuration},
        follow_redirects=False,
    )

    assert made.status_code == 201
    assert client.get(URL.removesuffix("/"), follow_redirects=False).status_code == 200


@pytest.mark.parametrize("row_id", ["x", "0", "-1", "1" * 30, "1" * 5000, "%00"])
def test_an_id_that_is_none_is_404(client: TestClient, row_id: str) -> None:
    answer = client.get(f"{URL}{row_id}/")

    assert answer.status_code == 404
    assert answer.json()["detail"]


def test_an_address_that_does_not_exist_is_404(client: TestClient) -> None:
    answer = client.get("/scale/api/nowhere/")

    assert answer.status_code == 404
    assert "'/scale/api/nowhere/'" in answer.json()["detail"]


def test_a_method_that_an_address_does_not_have_is_405(client: TestClient) -> None:
    answer = client.put("/scale/api/version/")

    assert answer.status_code == 405
    assert "PUT is not possible" in answer.json()["detail"]
    assert answer.headers["Allow"] == "GET, HEAD, OPTIONS"


@pytest.mark.parametrize("method", ["DELETE", "TRACE", "PURGE"])
@pytest.mark.parametrize("path", ["jobs/", "jobs/1/", "queue/new-job/"])
def test_a_method_that_no_address_has_is_405_and_not_a_lack_of_permission(
    readonly_world: TestClient, method: str, path: str
) -> None:
    answer = readonly_world.request(method, f"/scale/api/{path}")

    assert answer.status_code == 405
    assert f"{method} is not possible" in answer.json()["detail"]


@pytest.mark.parametrize("path", sorted({each.split()[1] for each in operations_of_the_table()}))
def test_options_answers_the_methods_of_every_address(
    readonly_world: TestClient, path: str
) -> None:
    address = path.format(id=1, name="job-types")
    methods = {each.split()[0] for each in operations_of_the_table() if each.split()[1] == path}
    methods |= {"OPTIONS"} | ({"HEAD"} if "GET" in methods else set())

    for slash in ("/", ""):
        answer = readonly_world.options(f"/scale/api{address.rstrip('/')}{slash}")

        assert answer.status_code == 200
        assert answer.headers["Allow"] == ", ".join(sorted(methods))
        assert answer.json()["renders"] == ["application/json"]
        assert answer.json()["name"]


def test_options_of_nothing_is_404(readonly_world: TestClient) -> None:
    assert readonly_world.options("/scale/api/nowhere/").status_code == 404


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("{", "not JSON"),
        ("[1]", "not a JSON object"),
        ("", "not a JSON object"),
        ('{"name": 3, "json_config": {}}', "$.name: "),
        ('{"name": "a\\u0000", "json_config": {}}', "NUL"),
        ('{"name": "\\ud800", "json_config": {}}', "$.name: "),
        ('{"name": "x"}', "$.json_config: this field is required"),
    ],
)
def test_a_body_that_cannot_be_read_is_400_with_a_sentence(
    client: TestClient, content: str, says: str
) -> None:
    answer = client.post(URL, content=content, headers={"Content-Type": "application/json"})

    assert answer.status_code == 400
    assert says in answer.json()["detail"]


def test_a_form_posted_by_another_site_is_not_read_as_json(client: TestClient) -> None:
    answer = client.post(URL, content='{"name": "rs"}', headers={"Content-Type": "text/plain"})

    assert answer.status_code == 400


def test_links_keep_the_path_of_the_base_url(
    three: TestClient, scale: FastAPI, catalogue: Catalogue
) -> None:
    with serving({"/scale/api": scale}, root_path="/airflow") as below:
        scale.state.catalogue = catalogue
        below.headers["Authorization"] = three.headers["Authorization"]

        page = below.get(f"/airflow{URL}?page_size=1").json()

        assert page["next"].startswith(f"http://airscale.test/airflow{URL}?")
        assert below.get(page["next"]).json()["results"][0]["name"] == "b"
