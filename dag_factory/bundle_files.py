"""Files of the DAG bundle: snapshots of the catalogue's definitions, as Python for Airflow.

A version is a directory. It is written aside and renamed, so it is there whole or not at all, and
may be written again anywhere at any time: the snapshot in the catalogue never changes.
"""

import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from catalog.services.definitions import ShardFile


def write_version(directory: Path, files: Mapping[str, ShardFile]) -> None:
    """Write the files of a version, unless another process was first.

    Each file has the time its shard was first made, so that Airflow sees which files are unchanged
    between versions and parses only the others.
    """
    if directory.exists():
        return
    aside = directory.with_name(f".{directory.name}.{os.getpid()}")
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(parents=True)
    for name, file in files.items():
        path = aside / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source_of(file.content), encoding="utf-8")
        os.utime(path, (file.made, file.made))
    try:
        aside.rename(directory)
    except OSError:
        shutil.rmtree(aside)
        if not directory.exists():
            raise


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
