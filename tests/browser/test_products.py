"""Workspaces and products in a browser: previews, the map, provenance, and the form."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.chromium import Tab
from tests.browser.world import World
from tests.stack.system import eventually

pytestmark = pytest.mark.browser
URL = "/airscale/files/"


def product_of(world: World, suffix: str) -> int:
    """Return the id of a product whose name ends so."""
    with world.system.client() as client:
        products = list(client.list("/products/"))
    return next(int(each["id"]) for each in products if each["file_name"].endswith(suffix))


def test_a_product_has_a_preview_and_its_provenance_leads_on(tab: Tab, world: World) -> None:
    tab.open(f"{URL}{product_of(world, '.tif')}/")

    picture = tab.page.get_by_alt_text("Preview of")
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.naturalWidth") > 0
    tab.page.locator("svg.graph a", has_text="make_geotiff").click()
    expect(tab.page.locator("h1")).to_contain_text("Job ")
    tab.page.get_by_role("link", name=re.compile(r"\.tif$")).first.click()
    tab.page.locator("svg.graph a", has_text=".png").click()
    expect(tab.page.locator("h1")).to_contain_text("source")
    assert tab.faults() == []


def test_a_source_that_cannot_be_drawn_says_so_where_its_preview_would_be(
    tab: Tab, world: World
) -> None:
    name = "torn.png"
    written = world.system.home.ingest / f"{name}_tmp"
    written.write_text("This is no picture.", encoding="utf-8")
    written.rename(written.with_name(name))
    with world.system.client() as client:
        ids = eventually(
            lambda: [each["id"] for each in client.list("/sources/") if each["file_name"] == name],
            bool,
        )

    tab.open(f"{URL}{ids[0]}/")  # nobody has looked at it before, so that it is drawn only now

    preview = tab.page.locator(".panel", has=tab.page.get_by_role("heading", name="Preview"))
    expect(preview.locator(".notice")).to_contain_text("There is no preview.")
    expect(preview.locator("img")).to_have_count(0)
    assert all("404" in each for each in tab.faults())  # which is how the picture was refused


def test_points_are_on_the_map_and_their_text_beside_it(tab: Tab, world: World) -> None:
    tab.open(f"{URL}{product_of(world, '.geojson')}/")

    assert tab.page.locator("svg.map .marker").count() > 1
    expect(tab.page.get_by_label("Content")).to_contain_text("FeatureCollection")
    assert tab.faults() == []


def test_a_box_drawn_on_the_map_filters_by_area(tab: Tab) -> None:
    tab.open(URL)
    every = tab.page.locator("tbody tr").count()
    assert every > 1
    marked = tab.page.locator("svg.map a").first
    href = marked.get_attribute("href")
    place = marked.locator(".marker, .footprint").first.bounding_box()
    assert place is not None
    x, y = place["x"] + place["width"] / 2, place["y"] + place["height"] / 2

    tab.page.mouse.move(x - 12, y - 12)
    tab.page.mouse.down()
    tab.page.mouse.move(x + 12, y + 12, steps=4)
    expect(tab.page.locator(".drawn-area")).to_be_visible()
    tab.page.mouse.up()

    tab.page.wait_for_url(re.compile(r"area=-?[\d.]"))
    expect(tab.page.locator(".chosen-area")).to_have_count(1)
    assert 0 < tab.page.locator("tbody tr").count() <= every
    assert tab.page.locator(f'tbody a[href="{href}"]').count() == 1
    tab.page.get_by_label("Area").fill("-170,-80,-169,-79")
    tab.page.get_by_label("Area").press("Enter")
    expect(tab.page.get_by_text("No file is like this")).to_be_visible()
    assert tab.faults() == []


def test_products_are_filtered_and_the_address_says_how(tab: Tab) -> None:
    tab.open(URL)

    tab.page.get_by_label("Media type").select_option("image/tiff")
    tab.page.wait_for_url(re.compile(r"\?kind=product&media_type=image%2Ftiff$"))
    tab.page.get_by_label("Name").fill("*002*")
    tab.page.get_by_role("button", name="Filter").click()

    expect(tab.page.locator("tbody tr")).to_have_count(1)
    tab.page.get_by_role("link", name="Without filters").click()
    tab.page.wait_for_url(re.compile(r"/files/$"))


def test_a_workspace_is_created_with_what_is_wrong_at_its_field_and_browsed(
    tab: Tab, world: World
) -> None:
    tab.open("/airscale/workspaces/")
    tab.page.get_by_role("link", name="Create a workspace").click()
    tab.page.get_by_label("Name").fill("extra")
    expect(tab.page.get_by_label("Bucket")).to_be_hidden()
    tab.page.get_by_label("Directory").fill("relative")
    tab.page.get_by_role("button", name="Create").click()
    expect(tab.page.get_by_label("Directory")).to_have_attribute("aria-invalid", "true")
    tab.page.get_by_label("Directory").fill(str(world.system.home.root))
    tab.page.get_by_role("button", name="Create").click()
    expect(tab.page.get_by_role("status").filter(has_text="Saved.")).to_be_visible()
    expect(tab.page.get_by_text("free,")).to_be_visible()
    tab.page.get_by_role("button", name="Archive").click()
    expect(tab.page.locator("h1 .badge")).to_have_text("archived")

    tab.open("/airscale/workspaces/2/files/")
    while tab.page.get_by_text("directory", exact=True).count():
        with tab.page.expect_navigation():
            tab.page.locator("tbody a").first.click()
    tab.page.locator("tbody a").first.click()
    expect(tab.page.get_by_role("heading", name="Provenance")).to_be_visible()
