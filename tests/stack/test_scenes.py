"""Scenes through the whole system: what was put there is found, bad input loses nothing."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from airscale.demo.client import ScaleClient
from examples.scenes import Scene, generate_scene, write_scene
from tests.stack.system import System, eventually

pytestmark = pytest.mark.stack
HALF_A_PIXEL = 0.5


@pytest.fixture
def client(system: System) -> Iterator[ScaleClient]:
    """Return a client of the system."""
    with system.client() as opened:
        yield opened


def send(system: System, scene: Scene) -> list[tuple[float, float]]:
    """Copy a scene into the ingest directory; return its points (lon, lat)."""
    return list(write_scene(system.home.ingest, scene, transfer_suffix="_tmp"))


def test_what_is_detected_is_what_was_put_there(system: System, client: ScaleClient) -> None:
    truth = {
        f"truth-{seed}": send(system, generate_scene(seed, name=f"truth-{seed}"))
        for seed in range(3)
    }
    products = eventually(
        lambda: system.products(client, *truth), lambda found: len(found) == 2 * len(truth)
    )
    for name, points in truth.items():
        (geojson,) = [each for each in products if each["file_name"] == f"{name}.geojson"]
        content = client.download(geojson["url"])
        found = [
            feature["geometry"]["coordinates"][:2] for feature in json.loads(content)["features"]
        ]
        assert len(found) == len(points)
        for lon, lat in points:
            nearest = min(abs(lon - east) + abs(lat - north) for east, north in found)
            assert nearest < 1e-2


def test_a_product_knows_its_sources_its_recipe_and_its_place(
    system: System, client: ScaleClient
) -> None:
    send(system, generate_scene(20, name="known"))
    tif, geojson = _sorted_by_type(
        eventually(lambda: system.products(client, "known"), lambda found: len(found) == 2)
    )
    detail = client.get(f"/products/{geojson['id']}/")
    assert {each["file_name"] for each in detail["sources"]} == {"known.png", "known.csv"}
    assert tif["id"] in {each["id"] for each in detail["ancestors"]}
    assert geojson["geometry"].startswith("POLYGON")
    assert "/jobs/point-detector/4.5.6/" in detail["file_path"]


def test_an_unreadable_image_fails_with_the_error_of_its_name(
    system: System, client: ScaleClient
) -> None:
    scene = generate_scene(21, name="unreadable")
    send(system, scene)
    _overwrite_before_arrival(system, "broken-image", b"this is no PNG", scene.csv())
    (failed,) = eventually(lambda: _failed_jobs(client, "bad-image", "broken-image.png"), len)
    assert failed["error"]["category"] == "DATA"
    assert failed["num_exes"] == 1
    eventually(lambda: system.products(client, "unreadable"), lambda found: len(found) == 2)


def test_a_georeference_without_columns_fails_with_the_error_of_its_name(
    system: System, client: ScaleClient
) -> None:
    scene = generate_scene(22, name="no-columns")
    _overwrite_before_arrival(system, "no-columns", scene.png(), b"a,b\n1,2\n")
    (failed,) = eventually(lambda: _failed_jobs(client, "bad-georeference", "no-columns.png"), len)
    recipe = client.get(f"/jobs/{failed['id']}/")["recipes"][0]
    jobs = client.get(f"/recipes/{recipe['id']}/")["jobs"]
    assert {each["job_name"]: each["job"]["status"] for each in jobs} == {
        "make_geotiff": "FAILED",
        "detect_points": "BLOCKED",
    }


def test_the_same_name_with_other_content_is_another_generation(
    system: System, client: ScaleClient
) -> None:
    first, second = generate_scene(23, name="again"), generate_scene(24, name="again")
    send(system, first)
    eventually(lambda: system.products(client, "again"), lambda found: len(found) == 2)
    send(system, second)
    eventually(
        lambda: [each["status"] for each in system.ingests(client, "again.png")],
        lambda found: found == ["INGESTED", "INGESTED"],
    )
    contents = {
        client.download(each["url"]) for each in client.list("/sources/", file_name="again.png")
    }
    assert contents == {first.png(), second.png()}


def test_the_same_content_again_is_a_duplicate_and_makes_nothing(
    system: System, client: ScaleClient
) -> None:
    scene = generate_scene(25, name="twice")
    send(system, scene)
    before = eventually(lambda: system.products(client, "twice"), lambda found: len(found) == 2)
    send(system, scene)
    eventually(
        lambda: [each["status"] for each in system.ingests(client, "twice.csv")],
        lambda found: found == ["INGESTED", "DUPLICATE"],
    )
    after = system.products(client, "twice")
    assert [each["id"] for each in after] == [each["id"] for each in before]


def test_an_empty_file_is_refused_with_a_sentence_and_kept(
    system: System, client: ScaleClient
) -> None:
    (system.home.ingest / "empty.png").touch()
    (ingest,) = eventually(
        lambda: system.ingests(client, "empty.png"),
        lambda found: [each["status"] for each in found] == ["ERRORED"],
    )
    assert "empty" in client.get(f"/ingests/{ingest['id']}/")["detail"]
    assert any(path.name == "empty.png" for path in system.home.ingest.rglob("*"))


@pytest.mark.parametrize("name", ["two words", "Überflug-衛星", 'it\'s 50% "done" $HOME;&'])
def test_a_name_with_spaces_quotes_or_unicode_goes_all_the_way(
    system: System, client: ScaleClient, name: str
) -> None:
    send(system, generate_scene(26, name=name))
    products = eventually(lambda: system.products(client, name), lambda found: len(found) == 2)
    assert all(client.download(each["url"]) for each in products)


def test_a_name_with_a_newline_is_refused_with_a_sentence_and_kept(
    system: System, client: ScaleClient
) -> None:
    path = system.home.ingest / "two\nlines.png"
    path.write_bytes(generate_scene(27, name="x").png())
    eventually(
        lambda: [each for each in client.list("/ingests/") if "lines.png" in each["file_name"]],
        lambda found: [each["status"] for each in found] == ["ERRORED"],
    )
    assert any("lines.png" in kept.name for kept in system.home.ingest.rglob("*") if kept.is_file())


def _overwrite_before_arrival(system: System, name: str, png: bytes, csv: bytes) -> None:
    for suffix, content in ((".png", png), (".csv", csv)):
        arriving = Path(system.home.ingest, f"{name}{suffix}_tmp")
        arriving.write_bytes(content)
        arriving.rename(system.home.ingest / f"{name}{suffix}")


def _failed_jobs(client: ScaleClient, error_name: str, input_name: str) -> list[dict[str, Any]]:
    """Return the failed jobs with this error that were given this file."""
    failed = [
        client.get(f"/jobs/{each['id']}/")
        for each in client.list("/jobs/", status="FAILED")
        if each["error"] and each["error"]["name"] == error_name
    ]
    return [
        each for each in failed if input_name in {file["file_name"] for file in each["input_files"]}
    ]


def _sorted_by_type(products: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(products, key=lambda each: str(each["media_type"]) != "image/tiff")
