"""The DAG bundle ``airscale``: every recipe and job type of the catalogue, in versions."""

import logging
import os
from functools import cache
from pathlib import Path
from typing import Any, Final

from airflow.dag_processing.bundles.base import BaseDagBundle, BundleVersion

from catalog.catalogue import Catalogue
from catalog.database import UNAVAILABLE
from dag_factory.bundle_files import write_version

RECIPES_VARIABLE: Final = "AIRSCALE_RECIPES"
_log = logging.getLogger(__name__)


class CatalogueDagBundle(BaseDagBundle):
    """Gives Airflow the definitions of the catalogue as files, at any version there ever was.

    A refresh also imports the files of ``dags/recipes`` that changed. While the catalogue does not
    answer, the version that is there stays in use.
    """

    supports_versioning = True

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._current = self.version

    def initialize(self) -> None:
        """Write the files of the bundle's version, or of the newest one."""
        with self.lock():
            self._materialise(self.version or self._newest())
        super().initialize()

    def refresh(self) -> None:
        """Import changed files of dags/recipes, and move to the newest version."""
        try:
            version = self._newest()
            with self.lock():
                self._materialise(version)
        except UNAVAILABLE as error:
            _log.warning("The catalogue does not answer; the DAGs stay as they are: %s", error)

    @property
    def path(self) -> Path:
        """The directory of the current version."""
        return Path(self.versions_dir, self._current or "none")

    def get_current_version(self) -> BundleVersion | None:
        """Return the current version, as the catalogue names it."""
        return None if self._current is None else BundleVersion(version=self._current)

    @staticmethod
    def _newest() -> str:
        catalogue = _shared_catalogue()
        folder = os.environ.get(RECIPES_VARIABLE)
        if folder:
            catalogue.configuration_files.synchronise(Path(folder))
        return catalogue.definitions.current_version()

    def _materialise(self, version: str) -> None:
        directory = self.versions_dir / version
        is_newer = self.version is None and version != self._current
        if is_newer or not directory.exists():
            write_version(directory, _shared_catalogue().definitions.files_of(version))
        self._current = version


@cache
def _shared_catalogue() -> Catalogue:
    return Catalogue.from_environment()
