"""The pages a person can go to from every page, in the order they are shown."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Entry:
    """A page of the navigation; ``path`` is below the pages, and its children belong to it."""

    name: str
    path: str


NAVIGATION: Final = (
    Entry("Overview", "/overview/"),
    Entry("Jobs", "/jobs/"),
    Entry("Recipes", "/recipes/"),
    Entry("Recipe types", "/recipe-types/"),
    Entry("Job types", "/job-types/"),
    Entry("Errors", "/errors/"),
    Entry("Ingest", "/ingest/"),
    Entry("Metrics", "/metrics/"),
    Entry("Files", "/files/"),
    Entry("Workspaces", "/workspaces/"),
    Entry("Nodes", "/nodes/"),
)


def current(path: str) -> Entry | None:
    """Return the entry that a page belongs to; ``path`` is below the pages."""
    return next((each for each in NAVIGATION if f"{path}/".startswith(each.path)), None)
