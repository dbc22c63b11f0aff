"""Files of the DAG bundle: snapshots of the catalogue's definitions, as Python for Airflow.

A version is a directory. It is written aside and renamed, so it is there whole or not at all, and
may be written again anywhere at any time: the snapshot in the catalogue never changes.
"""

import json
import os
import shutil
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from catalog.services.definitions import ShardFile

_STALE_SECONDS: Final = 3600.0


def write_version(directory: Path, files: Mapping[str, ShardFile]) -> None:
    """Write the files of a version, unless it is there already.

    Each file has the time its shard was made, so that Airflow sees which files are unchanged
    between versions and parses only the others. The times of a version that is there are set
    again: its shards may have been away in between.
    """
    if not directory.exists():
        _write_aside(directory, files)
    for name, file in files.items():
        with suppress(FileNotFoundError):  # removed by Airflow as stale; the next use writes it
            os.utime(directory / name, (file.made, file.made))


def _write_aside(directory: Path, files: Mapping[str, ShardFile]) -> None:
    directory.parent.mkdir(parents=True, exist_ok=True)
    for left in directory.parent.glob(f".{directory.name}.*"):
        with suppress(FileNotFoundError):
            if left.stat().st_mtime < time.time() - _STALE_SECONDS:  # its writer has died
                shutil.rmtree(left, ignore_errors=True)
    aside = Path(tempfile.mkdtemp(prefix=f".{directory.name}.", dir=directory.parent))
    try:
        for name, file in files.items():
            path = aside / name
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("w", encoding="utf-8") as stream:
                stream.write(source_of(file.content))
                stream.flush()
                os.fsync(stream.fileno())
        aside.chmod(0o755)  # other users of the host may run tasks
        aside.rename(directory)
    except OSError:
        if not directory.exists():  # else another process was first
            raise
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def source_of(content: Mapping[str, Any]) -> str:
    """Return the Python source of a shard.

    Airflow takes a file for a DAG file only if it holds the words ``dag`` and ``airflow``.
    """
    document = json.dumps(content, sort_keys=True)
    match content["kind"]:
        case "jobs":
            header = '"""DAGs of recipe and job types, for Airflow; made from the catalogue."""'
            use = "from dag_factory.dags import build\n\nglobals().update(build(CONTENT))"
        case "strike":
            header = '"""DAG of a Strike process, for Airflow; made from the catalogue."""'
            use = "from strike.dag import build\n\ndag = build(CONTENT)"
        case "problem":
            header = '"""A file of dags/recipes that Airflow cannot make a DAG of."""'
            use = (
                "from dag_factory.problems import ConfigurationFileError\n\n"
                'raise ConfigurationFileError(CONTENT["path"], CONTENT["problem"])'
            )
        case unknown:
            message = f"There is no kind of shard {unknown!r}."
            raise ValueError(message)
    return f"{header}\n\nimport json\n\nCONTENT = json.loads({document!r})\n\n{use}\n"
