"""Debian's Chromium, driven by Playwright; it says so loudly where there is none."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from airscale.login import Login

REQUIRE_VARIABLE: Final = "AIRSCALE_REQUIRE_BROWSER"
PATIENCE: Final = 120_000.0  # milliseconds; a page is there long before, unless it is broken
WIDE: Final = (1280, 900)
NARROW: Final = (390, 844)
AXE: Final = (Path(__file__).parent / "axe.min.js").read_text(encoding="utf-8")
_FLAGS: Final = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking",
)  # fmt: skip
_SERIOUS: Final = frozenset({"serious", "critical"})


def executable() -> str | None:
    """Return the path of Chromium; None where there is none."""
    return shutil.which("chromium")


def require_chromium() -> str:
    """Return the path of Chromium; skip the test without it, or fail it where it is required."""
    found = executable()
    if found is None:
        reason = "There is no Chromium: apt-get install chromium. The pages were NOT tested."
        if os.environ.get(REQUIRE_VARIABLE) == "1":
            pytest.fail(f"{REQUIRE_VARIABLE} is 1. {reason}")
        pytest.skip(reason)
    return found


@contextmanager
def chromium(path: str) -> Iterator[Browser]:
    """Run a browser without a window."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(_FLAGS))
        try:
            yield browser
        finally:
            browser.close()


@dataclass(slots=True)
class Tab:
    """A page in the browser, and what went wrong in it."""

    page: Page
    address: str
    messages: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def open(self, path: str) -> None:
        """Go to a path of the server and wait until the page is there."""
        self.page.goto(f"{self.address}{path}", wait_until="load")

    def text(self) -> str:
        """Return what a person reads on the page, and what its fields have."""
        fields = "all => all.map((each) => each.value)"
        values = self.page.eval_on_selector_all("main input, main textarea", fields)
        return "\n".join([self.page.inner_text("main"), *values])

    def darken(self) -> None:
        """Let the person prefer dark colours from now on."""
        self.page.emulate_media(color_scheme="dark")

    def resize(self, size: tuple[int, int]) -> None:
        """Give the window another size, in pixels."""
        self.page.set_viewport_size({"width": size[0], "height": size[1]})

    def faults(self) -> list[str]:
        """Return what the console complained of, and requests that left the machine."""
        ours = urlsplit(self.address).netloc
        strangers = [
            url for url in self.requests
            if urlsplit(url).scheme not in ("data", "blob") and urlsplit(url).netloc != ours
        ]  # fmt: skip
        return self.messages + strangers

    def is_too_wide(self) -> bool:
        """Say whether the page as a whole has to be scrolled sideways."""
        root = "document.documentElement"
        return bool(self.page.evaluate(f"{root}.scrollWidth > {root}.clientWidth"))

    def transferred(self) -> int:
        """Return how many bytes the page and its files took on the wire."""
        script = (
            "['navigation', 'resource'].flatMap((kind) => performance.getEntriesByType(kind))"
            ".reduce((sum, entry) => sum + entry.transferSize, 0)"
        )
        return int(self.page.evaluate(script))

    def inaccessible(self) -> list[str]:
        """Return the serious and critical faults that axe-core finds."""
        self.page.evaluate(AXE)
        found: dict[str, Any] = self.page.evaluate("axe.run({resultTypes: ['violations']})")
        return [
            f"{each['id']} ({each['impact']}): {node['target']} {node['html'][:200]}"
            for each in found["violations"]
            if each["impact"] in _SERIOUS
            for node in each["nodes"]
        ]


def new_tab(
    browser: Browser, login: Login, size: tuple[int, int] = WIDE, *, is_dark: bool = False
) -> Tab:
    """Return a tab of a person who is signed in."""
    context: BrowserContext = browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        color_scheme="dark" if is_dark else "light",
        timezone_id="Pacific/Auckland",
    )
    context.add_cookies([{"name": "_token", "value": token(login), "url": login.address}])
    context.set_default_timeout(PATIENCE)
    tab = Tab(context.new_page(), login.address)
    tab.page.on("console", lambda said: _note(tab, said.type, said.text))
    tab.page.on("pageerror", lambda error: tab.messages.append(str(error)))
    tab.page.on("request", lambda request: tab.requests.append(request.url))
    return tab


def token(login: Login) -> str:
    """Return a token of Airflow."""
    credentials = {"username": login.user, "password": login.password}
    answer = httpx.post(f"{login.address}/auth/token", json=credentials, timeout=30)
    answer.raise_for_status()
    return str(answer.json()["access_token"])


def _note(tab: Tab, kind: str, text: str) -> None:
    if kind in ("error", "warning"):
        tab.messages.append(f"{kind}: {text}")
