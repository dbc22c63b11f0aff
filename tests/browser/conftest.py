"""One system and one browser for the tests of this folder."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.chromium import PATIENCE, Tab, chromium, new_tab, require_chromium
from tests.browser.world import World, running_world

expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """Return the path of Chromium, before a system is started for nothing."""
    return require_chromium()


@pytest.fixture(scope="session")
def world(chromium_path: str) -> Iterator[World]:  # noqa: ARG001 - has to be there first
    """Run a system with something of everything in it."""
    with running_world() as world:
        yield world


@pytest.fixture(scope="session")
def browser(chromium_path: str) -> Iterator[Browser]:
    """Run the browser."""
    with chromium(chromium_path) as browser:
        yield browser


@pytest.fixture
def tab(browser: Browser, world: World) -> Iterator[Tab]:
    """Return a tab of 1280 pixels in light colours."""
    tab = new_tab(browser, world.system.login)
    yield tab
    tab.page.context.close()
