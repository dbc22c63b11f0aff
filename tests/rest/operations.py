"""The operations of the Scale dialect, as docs/rest.md lists them."""

import re
from pathlib import Path
from typing import Final

PROJECT: Final = Path(__file__).parents[2]
ROW: Final = re.compile(
    r"^\| `(?P<operation>[A-Z]+ /[^`]*)` \| `(?P<path>[^:`]+)::(?P<test>\w+)` \|$"
)


def rows_of_the_table() -> list[re.Match[str]]:
    """Return the rows of the table, each with an operation and its test."""
    text = (PROJECT / "docs" / "rest.md").read_text(encoding="utf-8")
    return [found for line in text.splitlines() if (found := ROW.match(line))]


def operations_of_the_table() -> list[str]:
    """Return method and path of each operation; ids in paths are ``{id}``."""
    return [row["operation"] for row in rows_of_the_table()]
