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
        self.feed(html)
        self.text = re.sub(r"\s+", " ", " ".join(self.words))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note links and identifiers."""
        found = dict(attrs)
        if tag == "a":
            self.links.append(found)
        if found.get("id"):
            self.ids.append(str(found["id"]))

    def handle_data(self, data: str) -> None:
        """Note text."""
        self.words.append(data)


def read(client: TestClient, url: str) -> Page:
    """Return a page that is answered with 200."""
    answer = client.get(url)
    assert answer.status_code == 200, answer.text
    return Page(answer.text)
