"""Fixtures of the catalogue's tests."""

from pathlib import Path

import pytest

from catalog.catalogue import Catalogue
from tests.support.catalogues import World


@pytest.fixture
def world(catalogue: Catalogue, tmp_path: Path) -> World:
    """Return a catalogue with workspaces, of the test's own."""
    return World.over(catalogue, tmp_path)
