"""The page about settings says what the code does."""

import re
from pathlib import Path

from airscale.settings_document import VARIABLES, document

PROJECT = Path(__file__).parents[2]
ROOMS = ("airscale", "catalog", "dag_factory", "plugins", "strike")


def test_the_page_is_what_the_settings_say() -> None:
    assert (PROJECT / "docs" / "settings.md").read_text(encoding="utf-8") == document()


def test_every_variable_that_the_code_reads_is_on_the_page_and_no_other() -> None:
    read = {
        name
        for room in ROOMS
        for path in (PROJECT / room).rglob("*.py")
        if path.name != "settings_document.py"
        for name in re.findall(r'"((?:AIRSCALE|DOCKER)_[A-Z_]+)"', path.read_text())
    }
    assert read == set(VARIABLES)
