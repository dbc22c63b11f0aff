"""Makes the screenshots of docs/ anew: `make screenshots`.

A system is started with the example in it, and every picture is of what it really shows.
"""

import sys
from pathlib import Path
from typing import Final

from tests.browser.chromium import chromium, executable, new_tab
from tests.browser.world import World, running_world
from tests.support.environment import PROJECT_ROOT

FOLDER: Final = PROJECT_ROOT / "docs"
_FRAMED_SECONDS: Final = 60_000


def main() -> int:
    """Make them; return the exit code."""
    path = executable()
    if path is None:
        print("There is no Chromium: apt-get install chromium.", file=sys.stderr)  # noqa: T201
        return 1
    with running_world() as world:
        take(world, path)
    return 0


def take(world: World, path: str, folder: Path = FOLDER) -> None:
    """Take the screenshots of a running system."""
    pages = {
        "overview": ("/overview/", False),
        "job": (f"/jobs/{world.running_job - 1}/", False),
        "jobs": ("/jobs/", True),
        "recipe": ("/recipes/1/", False),
        "errors": ("/errors/", False),
        "ingest": ("/ingest/files/", False),
        "products": ("/files/", False),
        "product": (f"/files/{_geotiff(world)}/", True),
        "workspace": ("/workspaces/2/", False),
    }
    with chromium(path) as browser:
        for name, (page, is_dark) in pages.items():
            tab = new_tab(browser, world.system.login, is_dark=is_dark)
            theme = "dark" if is_dark else "light"
            tab.page.add_init_script(f"localStorage.setItem('theme', '{theme}')")
            tab.open(f"/plugin/airscale#{page}")
            tab.page.frame_locator("iframe").locator("h1").wait_for(timeout=_FRAMED_SECONDS)
            tab.page.wait_for_load_state("networkidle")
            tab.page.screenshot(path=folder / f"{name}.png")
            tab.page.context.close()


def _geotiff(world: World) -> int:
    """Return the id of a GeoTIFF."""
    with world.system.client() as client:
        products = list(client.list("/products/"))
    return next(int(each["id"]) for each in products if each["media_type"] == "image/tiff")


if __name__ == "__main__":
    sys.exit(main())
