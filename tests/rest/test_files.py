"""Sources, products, and their bytes (seed 001, Source File and Product Services)."""

import hashlib
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from catalog.brokers import broker_of
from catalog.catalogue import Catalogue
from catalog.records.files import FileRecord
from tests.support.processing import complete_next, processed_scene, scene_arrives
from tests.support.s3 import s3_configuration
from tests.support.scenes import arrive, load_example

pytestmark = pytest.mark.airflow
SCALE = "/scale/api"
CONTENT = b"0123456789" * 1000


@pytest.fixture
def source(client: TestClient, catalogue: Catalogue, tmp_path: Path) -> FileRecord:  # noqa: ARG001 - gives the client its catalogue
    """Return a source with a name that is not ASCII."""
    load_example(catalogue, tmp_path)
    path = tmp_path / 'Überflug "1" 二.txt'
    path.write_bytes(CONTENT)
    return arrive(catalogue, path)


def results(client: TestClient, path: str, **parameters: Any) -> list[dict[str, Any]]:
    """Return the results of a list."""
    answer = client.get(f"{SCALE}{path}", params=parameters)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["results"]
    return found


def test_the_url_of_a_source_gives_its_bytes_under_its_name(
    client: TestClient, source: FileRecord
) -> None:
    (listed,) = results(client, "/sources/")

    answer = client.get(listed["url"])

    assert answer.status_code == 200
    assert answer.content == CONTENT
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert answer.headers["Content-Disposition"] == (
        "attachment; filename*=utf-8''%C3%9Cberflug%20%221%22%20%E4%BA%8C.txt"
    )
    assert answer.headers["ETag"] == f'"{hashlib.sha256(CONTENT).hexdigest()}"'
    assert answer.headers["ETag"].strip('"') == source.sha256


def test_what_a_file_holds_cannot_run_as_a_page_of_this_server(
    client: TestClient, source: FileRecord
) -> None:
    headers = client.get(f"{SCALE}/files/{source.id}/").headers

    assert "sandbox" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Disposition"].startswith("attachment")


@pytest.mark.parametrize(
    ("asked", "given"),
    [("bytes=0-9", (0, 10)), ("bytes=-10", (9990, 10000)), ("bytes=9995-", (9995, 10000))],
)
def test_a_part_of_a_file_can_be_asked_for(
    client: TestClient, source: FileRecord, asked: str, given: tuple[int, int]
) -> None:
    answer = client.get(f"{SCALE}/files/{source.id}/", headers={"Range": asked})

    assert answer.status_code == 206
    assert answer.content == CONTENT[slice(*given)]
    assert answer.headers["Content-Range"] == f"bytes {given[0]}-{given[1] - 1}/10000"


def test_a_part_is_given_only_of_the_file_that_was_begun(
    client: TestClient, source: FileRecord
) -> None:
    changed = client.get(
        f"{SCALE}/files/{source.id}/", headers={"Range": "bytes=0-9", "If-Range": '"other"'}
    )

    assert (changed.status_code, len(changed.content)) == (200, 10000)


def test_a_part_that_is_not_there_is_416(client: TestClient, source: FileRecord) -> None:
    answer = client.get(f"{SCALE}/files/{source.id}/", headers={"Range": "bytes=20000-"})

    assert answer.status_code == 416


def test_a_file_that_the_client_has_already_is_not_sent_again(
    client: TestClient, source: FileRecord
) -> None:
    url = f"{SCALE}/files/{source.id}/"
    etag = client.get(url).headers["ETag"]

    answer = client.get(url, headers={"If-None-Match": etag})

    assert (answer.status_code, answer.content) == (304, b"")


def test_the_head_of_a_file_tells_its_size(client: TestClient, source: FileRecord) -> None:
    answer = client.head(f"{SCALE}/files/{source.id}/")

    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["Content-Length"] == "10000"


def test_a_file_whose_bytes_are_gone_is_404_with_a_sentence(
    client: TestClient, catalogue: Catalogue, source: FileRecord
) -> None:
    with catalogue.database.transaction() as tx:
        workspace = tx.workspaces.named("raw")
    broker_of(workspace.json_config).remove(source.file_path)

    answer = client.get(f"{SCALE}/files/{source.id}/")

    assert answer.status_code == 404
    assert "'raw'" in answer.json()["detail"]


def test_a_deleted_file_is_404_with_a_sentence(
    client: TestClient, catalogue: Catalogue, source: FileRecord
) -> None:
    with catalogue.database.transaction() as tx:
        tx.files.update(source.id, {"is_deleted": True})

    answer = client.get(f"{SCALE}/files/{source.id}/")

    assert answer.status_code == 404
    assert "deleted" in answer.json()["detail"]


def test_a_media_type_that_is_none_is_sent_as_bytes(
    client: TestClient, catalogue: Catalogue, source: FileRecord
) -> None:
    with catalogue.database.transaction() as tx:
        tx.files.update(source.id, {"media_type": "text/二\nX-Evil: 1"})

    answer = client.get(f"{SCALE}/files/{source.id}/")

    assert answer.headers["Content-Type"] == "application/octet-stream"


def test_sources_can_be_filtered(client: TestClient, catalogue: Catalogue, tmp_path: Path) -> None:
    load_example(catalogue, tmp_path)
    scene_arrives(catalogue, tmp_path)
    with catalogue.database.transaction() as tx:
        tx.files.update(2, {"is_parsed": True})

    assert [each["id"] for each in results(client, "/sources/", is_parsed="T")] == [2]
    assert [each["id"] for each in results(client, "/sources/", is_parsed="0")] == [1]
    assert [each["id"] for each in results(client, "/sources/", file_name="scene.png")] == [1]
    refused = client.get(f"{SCALE}/sources/", params={"is_parsed": "maybe"})
    assert (refused.status_code, "neither true nor false" in refused.text) == (400, True)


def test_sources_and_products_are_listed_apart(
    client: TestClient, catalogue: Catalogue, tmp_path: Path
) -> None:
    processed_scene(catalogue, tmp_path)
    (first, second) = results(client, "/products/")

    assert [each["id"] for each in results(client, "/sources/")] == [1, 2]
    assert client.get(f"{SCALE}/products/1/").status_code == 404
    assert client.get(f"{SCALE}/sources/{first['id']}/").status_code == 404
    assert first["job_type"]["name"] == "geotiff-maker"
    assert second["job_type"]["name"] == "point-detector"


def test_products_can_be_filtered_and_ordered_by_their_job_type(
    client: TestClient, catalogue: Catalogue, tmp_path: Path
) -> None:
    processed_scene(catalogue, tmp_path)

    def names(**parameters: Any) -> list[str]:
        return [each["job_type"]["name"] for each in results(client, "/products/", **parameters)]

    assert names(job_type_name="point-detector") == ["point-detector"]
    assert names(job_type_category=["example", "other"]) == ["geotiff-maker", "point-detector"]
    assert names(order="-job_type__name") == ["point-detector", "geotiff-maker"]
    assert names(is_operational="false") == []
    assert names(job_type_id=999) == []


def test_the_details_of_a_product_have_its_ancestry(
    client: TestClient, catalogue: Catalogue, tmp_path: Path
) -> None:
    processed_scene(catalogue, tmp_path)
    image, points = results(client, "/products/")

    detail = client.get(f"{SCALE}/products/{points['id']}/").json()

    assert [each["file_name"] for each in detail["sources"]] == ["scene.png", "scene.csv"]
    assert [(each["id"], each["is_direct"]) for each in detail["ancestors"]] == [
        (1, False), (2, False), (image["id"], True),
    ]  # fmt: skip
    assert (detail["descendants"], detail["descendants_count"]) == ([], 0)
    assert (detail["output_name"], len(detail["sha256"])) == ("geo_image", 64)
    assert detail["file_path"].endswith(f"job_exe_{detail['job_exe']['id']}/{detail['file_name']}")
    source = client.get(f"{SCALE}/sources/1/").json()
    assert [each["id"] for each in source["descendants"]] == [image["id"], points["id"]]
    assert source["descendants_count"] == 2


def test_a_product_that_a_newer_one_replaced_is_hidden_and_can_be_asked_for(
    client: TestClient, catalogue: Catalogue, tmp_path: Path
) -> None:
    load_example(catalogue, tmp_path)
    for name in ("a", "b"):
        scene_arrives(catalogue, tmp_path, name)
        complete_next(catalogue, tmp_path)
    older, newer = (each["id"] for each in results(client, "/products/"))
    with catalogue.database.transaction() as tx:
        tx.files.update(newer, {"uuid": tx.files.get(older).uuid})
        tx.files.update(older, {"is_published": False})

    assert [each["id"] for each in results(client, "/products/")] == [newer]
    assert [each["id"] for each in results(client, "/products/", is_superseded="true")] == [older]
    assert client.get(f"{SCALE}/products/{older}/").status_code == 200


def test_a_product_that_was_never_published_is_not_listed(
    client: TestClient, catalogue: Catalogue, tmp_path: Path
) -> None:
    processed_scene(catalogue, tmp_path)
    product = results(client, "/products/")[0]["id"]
    with catalogue.database.transaction() as tx:
        tx.files.update(product, {"is_published": False, "published": None})

    assert product not in [each["id"] for each in results(client, "/products/")]


@pytest.fixture
def remote(
    client: TestClient,  # noqa: ARG001 - gives the client its catalogue
    catalogue: Catalogue,
    s3_bucket: str,
    tmp_path: Path,
) -> FileRecord:
    """Return a source in a bucket."""
    load_example(catalogue, tmp_path)
    with catalogue.database.transaction() as tx:
        workspace = tx.workspaces.named("raw")
    catalogue.workspaces.edit(workspace.id, {"json_config": s3_configuration(s3_bucket)})
    path = tmp_path / "remote.txt"
    path.write_bytes(CONTENT)
    return arrive(catalogue, path)


@pytest.mark.parametrize(
    ("asked", "status", "content"),
    [
        ("", 200, CONTENT),
        ("bytes=10-19", 206, CONTENT[10:20]),
        ("bytes=9990-", 206, CONTENT[-10:]),
        ("bytes=-5", 206, CONTENT[-5:]),
        ("bytes=0-99999", 206, CONTENT),
        ("bytes=10000-", 416, b""),
        ("bytes=-0", 416, b""),
        ("bytes=9-3", 200, CONTENT),
        ("bytes=0-1,4-5", 200, CONTENT),
        ("lines=1-2", 200, CONTENT),
    ],
)
def test_a_file_of_a_bucket_is_streamed_in_the_part_that_was_asked_for(
    client: TestClient, remote: FileRecord, asked: str, status: int, content: bytes
) -> None:
    answer = client.get(f"{SCALE}/files/{remote.id}/", headers={"Range": asked} if asked else {})

    assert (answer.status_code, answer.content) == (status, content)
    if status != 416:
        assert answer.headers["Content-Length"] == str(len(content))
        assert answer.headers["ETag"] == f'"{remote.sha256}"'
    if status == 206:
        assert answer.headers["Content-Range"].endswith(f"/{len(CONTENT)}")


def test_a_file_of_a_bucket_that_is_gone_is_404(
    client: TestClient, catalogue: Catalogue, remote: FileRecord
) -> None:
    with catalogue.database.transaction() as tx:
        workspace = tx.workspaces.get(remote.workspace_id)
    broker_of(workspace.json_config).remove(remote.file_path)

    answer = client.get(f"{SCALE}/files/{remote.id}/")

    assert answer.status_code == 404
    assert "there is no such object" in answer.json()["detail"]
