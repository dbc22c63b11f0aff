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
    "/jobs/{world.scene_job}/": "process-scene",
    "/recipes/": "Points of a Scene",
    "/recipes/1/": "make_geotiff",
    "/recipe-types/": "Points of a Scene",
    "/recipe-types/1/": "remark",
    "/recipe-types/1/queue/": "georeference_data",
    "/job-types/": "GeoTIFF Maker",
    "/job-types/2/": "Bad Georeference",
    "/job-types/2/edit/": "Error mapping",
    "/files/": "process-scene-001.tif",
    "/files/?kind=source&area=-180,-90,180,90": "Without filters",
    "/files/1/": "In the catalogue since",
    "/workspaces/": "Raw Source",
    "/workspaces/2/": "Used, over time",
    "/workspaces/2/edit/": "Parse results may move files",
    "/workspaces/2/files/": "recipes/",
    "/errors/": "Bad Image",
    "/nodes/": "Airflow's scheduler is well",
    "/nodes/1/": "promised to jobs",
}
EVERY_PAGE = pytest.mark.parametrize("path", PAGES)


@EVERY_PAGE
def test_a_page_shows_its_data_without_a_complaint_and_in_few_bytes(
    world: World, tab: Tab, path: str
) -> None:
    tab.open(f"/airscale{path.format(world=world)}")

    text = tab.page.inner_text("main")
    values = tab.page.eval_on_selector_all("textarea", "all => all.map((each) => each.value)")
    assert (
        PAGES[path] in text or PAGES[path] in "".join(values) or PAGES[path] in tab.page.content()
    )
    assert tab.faults() == []
    assert tab.transferred() < MOST_BYTES


@EVERY_PAGE
def test_a_page_fits_a_telephone(world: World, narrow_tab: Tab, path: str) -> None:
    narrow_tab.open(f"/airscale{path.format(world=world)}")

    assert not narrow_tab.is_too_wide()
    assert narrow_tab.page.locator("nav a[aria-current=page]").count() == 1
