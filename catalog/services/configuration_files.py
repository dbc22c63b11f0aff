"""Files of dags/recipes: each is imported when its content changes, and its outcome kept.

A file is one transaction of its own, so a broken one leaves everything else as it was.
"""

import hashlib
import json
import logging
import os
from pathlib import Path
from typing import Final

from catalog.database import UNAVAILABLE, Database
from catalog.errors import CatalogueError
from catalog.services.configuration import import_configuration

_UNREAD: Final = ""
_log = logging.getLogger(__name__)


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
        present: set[str] = set()
        for path in sorted(folder.glob("*.json")):
            name = os.fsencode(path.name).decode("utf-8", "backslashreplace")
            try:
                content = path.read_bytes()
            except FileNotFoundError:
                continue  # gone since the folder was listed
            except OSError as error:
                self._record(name, _UNREAD, f"the file cannot be read ({error}).")
            else:
                digest = hashlib.sha256(content).hexdigest()
                if known.get(name) != digest:
                    self._import(name, content, digest)
            present.add(name)
        for name in known.keys() - present:
            self._forget(name)

    def _import(self, name: str, content: bytes, digest: str) -> None:
        try:
            with self._database.transaction() as tx:
                import_configuration(tx, _document(content))
                if tx.configuration_files.record(name, digest, None):
                    tx.definitions.changed()
        except CatalogueError as error:
            self._record(name, digest, str(error))
        except (RecursionError, ValueError) as error:
            self._record(name, digest, f"$: the file is not JSON ({error}).")
        except UNAVAILABLE:
            raise
        except Exception as error:  # noqa: BLE001  # one file must not keep the others out
            _log.exception("The import of %s met a fault of Airscale.", name)
            problem = f"$: Airscale met a fault of its own ({error}). Please report it."
            self._record(name, digest, problem)

    def _record(self, name: str, digest: str, problem: str) -> None:
        with self._database.transaction() as tx:
            if tx.configuration_files.record(name, digest, problem):
                tx.definitions.changed()

    def _forget(self, name: str) -> None:
        with self._database.transaction() as tx:
            if tx.configuration_files.forget(name):
                tx.definitions.changed()


def _document(content: bytes) -> object:
    document: object = json.loads(content)
    return document
