"""A page as its reader finds it."""

import re
from html.parser import HTMLParser

from fastapi.testclient import TestClient


class Page(HTMLParser):
    """What a reader of the page finds: its text, links, and identifiers."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: list[dict[str, str | None]] = []
        self.ids: list[str] = []
        self.words: list[str] = []
        self.tags: list[str] = []
        self.currents: list[str] = []
        self.fields: dict[str, str] = {}
        self._open: str | None = None
        self.feed(html)
        self.text = re.sub(r"\s+", " ", " ".join(self.words))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note links, identifiers, and fields of forms."""
        found = dict(attrs)
        self.tags.append(tag)
        if tag == "a" and found.get("aria-current") == "page":
            self.currents.append("page")
        if tag in ("input", "textarea") and found.get("name"):
            self.fields[str(found["name"])] = found.get("value") or ""
            self._open = str(found["name"]) if tag == "textarea" else None
        if tag == "a":
            self.links.append(found)
        if found.get("id"):
            self.ids.append(str(found["id"]))

    def handle_data(self, data: str) -> None:
        """Note text."""
        self.words.append(data)
        if self._open is not None:
            self.fields[self._open] += data

    def handle_endtag(self, tag: str) -> None:
        """Note the end of a field."""
        if tag == "textarea":
            self._open = None


def read(client: TestClient, url: str) -> Page:
    """Return a page that is answered with 200."""
    answer = client.get(url)
    assert answer.status_code == 200, answer.text
    return Page(answer.text)
