"""docs/dialects.md has the table of states, and lists the dialects there are."""

from dataclasses import fields
from typing import Final

import pytest

from plugins.rest.dialects import DIALECTS
from plugins.rest.states import WORDS, Words
from tests.support.environment import PROJECT_ROOT

pytestmark = pytest.mark.airflow
PAGE: Final = PROJECT_ROOT / "docs" / "dialects.md"
TITLES: Final = {
    "mozart": "Mozart", "unity": "Unity", "wpst": "WPS-T", "ogc": "OGC API", "ocps": "OCPS",
    "uws": "UWS", "pai": "OpenPAI",
}  # fmt: skip


def table() -> str:
    """Return the table of states as it stands on the page."""
    names = [each.name for each in fields(Words)]
    rows = [
        ["state", *(TITLES[name] for name in names)],
        ["---"] * (len(names) + 1),
        *(
            [state.value, *(getattr(words, name) or "(404)" for name in names)]
            for state, words in WORDS.items()
        ),
    ]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows).replace(" --- ", "---")


def test_the_page_has_the_table_of_states() -> None:
    assert table() in PAGE.read_text(encoding="utf-8")


def test_the_page_lists_every_dialect() -> None:
    text = PAGE.read_text(encoding="utf-8")

    for dialect in DIALECTS:
        for prefix in dialect.prefixes:
            assert f"`{prefix}`" in text
        assert f"`{dialect.prefixes[0]}{dialect.documentation}`" in text
