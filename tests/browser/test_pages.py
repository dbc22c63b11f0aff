"""Every page in a browser: its data, its looks, and that it keeps to itself."""

import pytest

from tests.browser.chromium import NARROW, Tab
from tests.browser.pages import PAGES
from tests.browser.world import World

pytestmark = pytest.mark.browser
MOST_BYTES = 300_000


@pytest.mark.parametrize("path", PAGES)
def test_a_page_shows_its_data_to_everybody_everywhere_and_keeps_to_itself(
    world: World, tab: Tab, path: str
) -> None:
    tab.open(f"/airscale{path.format(world=world)}")

    assert PAGES[path] in tab.text()
    assert tab.page.locator("nav a[aria-current=page]").count() == 1
    assert tab.transferred() < MOST_BYTES
    assert not tab.is_too_wide()
    assert tab.inaccessible() == []
    tab.darken()
    assert tab.inaccessible() == []
    tab.resize(NARROW)
    assert not tab.is_too_wide()
    assert tab.inaccessible() == []
    assert tab.faults() == []
