"""The pages of files and products, with their map and provenance."""

from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from PIL import Image

from catalog.catalogue import Catalogue
from tests.support.processing import processed_scene, scene_arrives
from tests.views.reader import Page, read

pytestmark = pytest.mark.airflow
URL = "/airscale/files/"


def listed(page: Page) -> list[int]:
    """Return the ids of the files in a list, in its order, each once."""
    hrefs = [str(each["href"]) for each in page.links if str(each["href"]).startswith(URL)]
    ids = [part for href in hrefs if (part := href.removeprefix(URL).rstrip("/")).isdecimal()]
    return [int(each) for each in dict.fromkeys(ids)]


@pytest.fixture
def scene(catalogue: Catalogue, tmp_path: Path) -> Catalogue:
    """Return a catalogue with two sources, 1 and 2, and the products 3 and 4 made of them."""
    processed_scene(catalogue, tmp_path)
    return catalogue


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", {3, 4}),
        ("kind=source", {1, 2}),
        ("kind=any", {1, 2, 3, 4}),
        ("media_type=image/tiff", {3}),
        ("job_type=3", {4}),
        ("recipe=1", {3, 4}),
        ("recipe=2", set()),
        ("recipe_type=1", {3, 4}),
        ("recipe_type=7", set()),
        ("workspace=2", {3, 4}),
        ("workspace=1", set()),
        ("published=true", {3, 4}),
        ("published=false", set()),
        ("since=PT1H", {3, 4}),
        ("since=2099-01-01T00:00:00Z", set()),
        ("data_from=2016-05-15&data_to=2016-05-15", {3, 4}),
        ("data_from=2016-05-16", set()),
        ("data_to=2016-05-14", set()),
        ("area=23,-13,24,-12", {3, 4}),
        ("area=23,-12,24,-11", set()),
        ("area=170,-20,30,20", {3, 4}),
        ("name=geotiff", {3}),
        ("name=*.dat", {3, 4}),
        ("name=*_x", set()),
        ("media_type=&job_type=&recipe=&data_from=&area=", {3, 4}),
    ],
)
def test_files_are_filtered_by_the_address(
    operator: TestClient, scene: Catalogue, query: str, expected: set[int]
) -> None:
    del scene
    assert set(listed(read(operator, f"{URL}?{query}"))) == expected


def test_what_is_no_area_is_said_at_its_field(operator: TestClient, scene: Catalogue) -> None:
    del scene
    for area in ("1,2,3", "1,2,1,3", "0,95,1,99", "x,0,1,1"):
        page = operator.get(f"{URL}?area={area}").text
        (_, _, after) = page.partition('id="problem-area-1">')
        assert "This is no area" in after.partition("</p>")[0]


def test_a_map_shows_the_footprints_of_the_page_each_leading_to_its_file(
    operator: TestClient, scene: Catalogue
) -> None:
    del scene
    page = operator.get(URL).text
    (_, _, svg) = page.partition("<svg class=")
    svg = svg.partition("</svg>")[0]

    assert svg.count('<path class="marker" d="M23.5 12.25h0"') == 2
    assert f'href="{URL}4/"' in svg
    zoomed = operator.get(f"{URL}?view=-180,-90,180,90").text
    assert 'viewBox="-180.0 -90.0 360.0 180.0"' in zoomed


def test_a_long_list_of_files_goes_on_by_key(
    operator: TestClient, scene: Catalogue, tmp_path: Path
) -> None:
    for number in range(26):
        scene_arrives(scene, tmp_path, f"more-{number}")

    first = read(operator, f"{URL}?kind=source")
    (older,) = [str(each["href"]) for each in first.links if each.get("rel") == "next"]

    assert len(listed(first)) == 50
    assert listed(read(operator, older)) == [6, 5, 2, 1]


def test_a_product_page_tells_what_made_it_and_what_was_made_of_its_sources(
    operator: TestClient, scene: Catalogue
) -> None:
    del scene
    found = read(operator, f"{URL}3/")
    links = [str(each["href"]) for each in found.links]

    assert "/scale/api/files/3/" in links
    assert "/airscale/recipes/1/" in links
    assert any(link.startswith("/airscale/jobs/1/?exe=") for link in links)
    for file in (1, 2, 3, 4):  # its sources, itself and what was made of it
        assert f"{URL}{file}/" in links
    assert "cloud" in found.text
    assert "12.250° S, 23.500° E" in found.text


def test_a_source_page_shows_what_was_made_of_it_and_how_its_text_begins(
    operator: TestClient, scene: Catalogue
) -> None:
    del scene
    found = read(operator, f"{URL}2/")

    links = [str(each["href"]) for each in found.links]
    assert {f"{URL}3/", f"{URL}4/"} <= set(links)
    assert "scene csv" in found.text


def test_bytes_that_are_gone_are_said_to_be_with_what_to_do(
    operator: TestClient, scene: Catalogue, tmp_path: Path
) -> None:
    del scene
    for path in (*tmp_path.rglob("in/*.csv"), *tmp_path.rglob("scene.csv")):
        path.unlink(missing_ok=True)

    text = read(operator, f"{URL}2/").text

    assert "out of reach" in text
    assert "Check that the workspace is mounted" in text


def test_features_of_geojson_are_drawn(
    operator: TestClient, scene: Catalogue, tmp_path: Path
) -> None:
    features = ",".join(
        f'{{"type":"Feature","geometry":{{"type":"Point","coordinates":[{n},5]}},'
        f'"properties":{{"n":{n}}}}}'
        for n in range(3)
    )
    path = next(tmp_path.rglob("in/scene.csv"))
    path.write_text(f'{{"type":"FeatureCollection","features":[{features}]}}')
    with scene.database.transaction() as tx:
        size = path.stat().st_size
        tx.files.update(2, {"media_type": "application/vnd.geo+json", "file_size": size})

    page = operator.get(f"{URL}2/").text

    assert page.count('class="marker"') == 3
    assert "<title>n 2</title>" in page


def test_a_page_shows_the_preview_or_why_there_is_none(
    operator: TestClient, scene: Catalogue, tmp_path: Path
) -> None:
    del scene
    Image.new("L", (40, 20)).save(next(tmp_path.rglob("in/scene.png")), "PNG")

    assert f'src="{URL}1/preview.png" alt=' in operator.get(f"{URL}1/").text
    picture = operator.get(f"{URL}1/preview.png")
    assert picture.headers["Content-Type"] == "image/png"
    known = {"If-None-Match": picture.headers["ETag"]}
    assert operator.get(f"{URL}1/preview.png", headers=known).status_code == 304
    assert f'src="{URL}1/preview.png" width="40" height="20"' in operator.get(f"{URL}1/").text

    for path in ("preview.png", ""):
        answer = operator.get(f"{URL}3/{path}")
        assert answer.status_code == (404 if path else 200)
        assert "There is no preview. It cannot be drawn" in answer.text
    assert operator.get(f"{URL}2/preview.png").status_code == 404


def test_a_replaced_product_leads_to_the_newer_one(operator: TestClient, scene: Catalogue) -> None:
    with scene.database.transaction() as tx:
        uuid = tx.files.get(4).uuid
        tx.files.update(3, {"is_published": False, "uuid": uuid})

    assert "A newer product replaced this one" in read(operator, f"{URL}3/").text
