"""Files of dags/recipes: each is imported when its content changes, and its outcome kept.

A file is one transaction of its own, so a broken one leaves everything else as it was.
"""

import hashlib
import json
from pathlib import Path

from catalog.database import Database
from catalog.errors import CatalogueError
from catalog.services.configuration import import_configuration


class ConfigurationFileService:
    """Keeps the catalogue in step with a folder of configuration documents."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def synchronise(self, folder: Path) -> None:
        """Import every ``*.json`` file of a folder whose content changed since it was last seen.

        A file that cannot be imported is remembered with its problem, and shown in Airflow as an
        import error until it changes. A file that is gone is forgotten; what it configured stays,
        because jobs and products refer to it.
        """
        with self._database.transaction() as tx:
            known = tx.configuration_files.digests()
        present: dict[str, str] = {}
        for path in sorted(folder.glob("*.json")):
            try:
                content = path.read_bytes()
            except OSError:
                continue  # gone or not readable yet; the next pass looks again
            digest = hashlib.sha256(content).hexdigest()
            present[path.name] = digest
            if known.get(path.name) != digest:
                self._import(path.name, content, digest)
        for name in known.keys() - present.keys():
            self._forget(name)

    def _import(self, name: str, content: bytes, digest: str) -> None:
        try:
            with self._database.transaction() as tx:
                import_configuration(tx, _document(content))
                tx.configuration_files.record(name, digest, None)
                tx.definitions.changed()
        except CatalogueError as error:
            self._record_problem(name, digest, str(error))
        except ValueError as error:
            self._record_problem(name, digest, f"$: the file is not JSON ({error}).")

    def _record_problem(self, name: str, digest: str, problem: str) -> None:
        with self._database.transaction() as tx:
            tx.configuration_files.record(name, digest, problem)
            tx.definitions.changed()

    def _forget(self, name: str) -> None:
        with self._database.transaction() as tx:
            tx.configuration_files.forget(name)
            tx.definitions.changed()


def _document(content: bytes) -> object:
    document: object = json.loads(content)
    return document
