"""Every page in a browser: its data, its looks, and that it keeps to itself."""

import pytest

from tests.browser.chromium import Tab
from tests.browser.world import World

pytestmark = pytest.mark.browser
MOST_BYTES = 300_000
PAGES = {
    "/overview/": "process-scene-001.tif",
    "/jobs/": "detect_points",
    "/jobs/?status=COMPLETED&category=&since=PT24H": "make_geotiff",
    "/jobs/2/": "process-scene",
    "/recipes/": "Points of a Scene",
    "/recipes/1/": "make_geotiff",
    "/recipe-types/": "Points of a Scene",
    "/recipe-types/1/": "remark",
    "/recipe-types/1/queue/": "georeference_data",
    "/job-types/": "GeoTIFF Maker",
    "/job-types/2/": "Bad Georeference",
    "/job-types/2/edit/": "Error mapping",
    "/errors/": "Bad Image",
    "/nodes/": "Airflow's scheduler is well",
    "/nodes/1/": "promised to jobs",
}
EVERY_PAGE = pytest.mark.parametrize("path", PAGES)


@EVERY_PAGE
def test_a_page_shows_its_data_without_a_complaint_and_in_few_bytes(tab: Tab, path: str) -> None:
    tab.open(f"/airscale{path}")

    text = tab.page.inner_text("main")
    values = tab.page.eval_on_selector_all("textarea", "all => all.map((each) => each.value)")
    assert (
        PAGES[path] in text or PAGES[path] in "".join(values) or PAGES[path] in tab.page.content()
    )
    assert tab.faults() == []
    assert tab.transferred() < MOST_BYTES


@EVERY_PAGE
def test_a_page_is_usable_by_everybody_in_light_and_in_dark(
    tab: Tab, dark_tab: Tab, path: str
) -> None:
    background = []
    for each in (tab, dark_tab):
        each.open(f"/airscale{path}")
        assert each.inaccessible() == []
        background.append(each.page.evaluate("getComputedStyle(document.body).backgroundColor"))
    assert background[0] != background[1]


@EVERY_PAGE
def test_a_page_fits_a_telephone(narrow_tab: Tab, path: str) -> None:
    narrow_tab.open(f"/airscale{path}")

    assert not narrow_tab.is_too_wide()
    assert narrow_tab.page.locator("nav a[aria-current=page]").count() == 1


def test_times_are_of_the_viewers_zone_with_utc_as_a_hint(tab: Tab, world: World) -> None:
    tab.open(f"/airscale/jobs/{world.failed_job}/")
    time = tab.page.locator("time").first

    shown, hint = time.inner_text(), time.get_attribute("title") or ""

    assert hint.endswith(" UTC")
    assert shown not in hint  # Auckland is never at UTC


def test_airflow_shows_the_page_that_its_address_names_in_its_own_theme(tab: Tab) -> None:
    tab.page.add_init_script("localStorage.setItem('theme', 'dark')")
    tab.open("/plugin/airscale#/recipes/1/")
    frame = tab.page.frame_locator("iframe")

    frame.locator("h1", has_text="Recipe 1").wait_for()
    assert "dark" in (frame.locator("html").get_attribute("class") or "")
    frame.locator("nav a", has_text="Nodes").click()
    frame.locator("h1", has_text="Nodes and scheduler").wait_for()
    assert tab.page.url.endswith("/plugin/airscale#/nodes/")


def test_a_link_to_airflow_moves_the_whole_window(tab: Tab) -> None:
    tab.open("/plugin/airscale#/recipes/1/")

    tab.page.frame_locator("iframe").locator("a", has_text="Run in Airflow").click()

    tab.page.wait_for_url("**/dags/recipe.geotiff-points.1.0.0/runs/recipe-1**")
