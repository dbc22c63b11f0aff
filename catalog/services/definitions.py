"""Snapshots of the definitions that DAGs are made from: the versions of the DAG bundle.

A snapshot maps the files of the bundle to shards; a shard holds a few DAGs as JSON and is named by
the digest of its content. So equal content gives the same version, unchanged shards are shared by
all versions, and any version can be written again on any host for as long as the database lives.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from catalog import dag_names
from catalog.database import Database
from catalog.records.configuration import JobTypeRecord, RecipeTypeRecord
from catalog.records.files import StrikeRecord
from catalog.stores.unit_of_work import UnitOfWork
from schemas.recipe_definition import RecipeDefinition

SHARDS: Final = 64

JobTypes = Mapping[tuple[str, str], JobTypeRecord]


@dataclass(frozen=True, slots=True)
class ShardFile:
    """One file of the bundle: its content, and when it was first made (seconds since 1970)."""

    content: Mapping[str, Any]
    made: float


class DefinitionService:
    """Makes snapshots, and gives back any that was ever made."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def current_version(self) -> str:
        """Return the version of the bundle for the definitions of this moment.

        A new snapshot is made when definitions changed since the last; otherwise this is one
        small query.
        """
        with self._database.transaction() as tx:
            version = tx.definitions.fresh_version()
            if version is not None:
                return version
        with self._database.transaction() as tx:
            revision = tx.definitions.lock_stale()
            if revision is not None:
                self._snapshot(tx, revision)
            found = tx.definitions.current_version()
            assert found is not None  # noqa: S101  # the row starts stale, so a snapshot exists now
            return found

    def files_of(self, version: str) -> dict[str, ShardFile]:
        """Return file name to content of a version.

        Raises
        ------
        LookupError
            Raised if there was never such a version.
        """
        with self._database.transaction() as tx:
            return {
                name: ShardFile(content, made)
                for name, (content, made) in tx.definitions.shards_of(version).items()
            }

    @staticmethod
    def _snapshot(tx: UnitOfWork, revision: int) -> None:
        awaited = tx.outbox.awaited_revisions()
        recipe_types = tx.recipe_types.active()
        shown = [_as_awaited(tx, each, awaited) for each in recipe_types]
        contents = _contents(tx, shown)
        files = {name: _digest(content) for name, content in contents.items()}
        shards = {files[name]: content for name, content in contents.items()}
        tx.definitions.keep(
            revision, _digest(files)[:16], files, shards, is_held_back=shown != recipe_types
        )


def _as_awaited(
    tx: UnitOfWork, recipe_type: RecipeTypeRecord, awaited: Mapping[str, int]
) -> RecipeTypeRecord:
    """Return a recipe type at the oldest revision that a run waits for, if one does.

    A recipe made between two edits may be pinned to a revision that Airflow has never seen. Its
    run cannot be made before Airflow has; so the DAG goes there first, and moves on afterwards.
    """
    wanted = awaited.get(dag_names.recipe_dag_id(recipe_type.name, recipe_type.version))
    if wanted is None or wanted >= recipe_type.revision_num:
        return recipe_type
    revision = tx.recipe_types.revision(recipe_type.id, wanted)
    return replace(recipe_type, revision_num=wanted, definition=revision.definition)


def _contents(
    tx: UnitOfWork, recipe_types: Iterable[RecipeTypeRecord]
) -> dict[str, dict[str, Any]]:
    """Return file name to content of everything that is active now, in a stable order."""
    job_types = tx.job_types.all()
    by_key = {(each.name, each.version): each for each in job_types}
    dags = [
        *(_recipe_dag(each, by_key) for each in recipe_types),
        *(_job_dag(each) for each in job_types if each.is_active and not each.is_system),
    ]
    contents: dict[str, dict[str, Any]] = {}
    for name, members in sorted(_sharded(dags).items()):
        contents[name] = {"kind": "jobs", "dags": members}
    for strike in tx.strikes.active():
        name = dag_names.file_name(dag_names.strike_dag_id(strike.name))
        contents[name] = _strike_file(strike)
    for path, problem in sorted(tx.configuration_files.problems().items()):
        name = f"recipes/{dag_names.file_name(path)}"
        contents[name] = {"kind": "problem", "path": path, "problem": problem}
    return contents


def _sharded(dags: Iterable[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Spread DAGs over files by their ids, so that one change touches one file."""
    shards: dict[str, list[dict[str, Any]]] = {}
    for dag in sorted(dags, key=lambda each: str(each["dag_id"])):
        number = int(hashlib.sha256(dag["dag_id"].encode()).hexdigest()[:8], 16) % SHARDS
        shards.setdefault(f"shard_{number:02d}.py", []).append(dag)
    return shards


def _recipe_dag(recipe_type: RecipeTypeRecord, job_types: JobTypes) -> dict[str, Any]:
    definition = RecipeDefinition.parse(recipe_type.definition)
    return {
        "dag_id": dag_names.recipe_dag_id(recipe_type.name, recipe_type.version),
        "title": f"{recipe_type.title} {recipe_type.version}",
        "description": recipe_type.description,
        "kind": "recipe",
        "revision_num": recipe_type.revision_num,
        "tasks": [
            _task(
                place.name,
                job_types[(place.job_type_name, place.job_type_version)],
                [each.name for each in place.dependencies],
            )
            for place in definition.topological_jobs()
        ],
    }


def _job_dag(job_type: JobTypeRecord) -> dict[str, Any]:
    return {
        "dag_id": dag_names.job_dag_id(job_type.name, job_type.version),
        "title": f"{job_type.title or job_type.name} {job_type.version}",
        "description": job_type.description,
        "kind": "job",
        "revision_num": job_type.revision_num,
        "tasks": [_task("job", job_type, [])],
    }


def _task(job_name: str, job_type: JobTypeRecord, parents: Iterable[str]) -> dict[str, Any]:
    return {
        "task_id": dag_names.task_id(job_name),
        "title": job_name,
        "job_type": f"{job_type.name} {job_type.version}",
        "runtime": "docker" if job_type.uses_docker else "process",
        "image": job_type.docker_image if job_type.uses_docker else None,
        "command": f"{job_type.interface['command']} {job_type.interface['command_arguments']}",
        "priority": job_type.priority,
        "start": job_type.interface.get("start"),
        "pool": dag_names.job_dag_id(job_type.name, job_type.version),
        "upstream": sorted(dag_names.task_id(parent) for parent in parents),
    }


def _strike_file(strike: StrikeRecord) -> dict[str, Any]:
    return {
        "kind": "strike",
        "dag_id": dag_names.strike_dag_id(strike.name),
        "title": strike.title or strike.name,
        "description": strike.description,
        "strike_id": strike.id,
    }


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()
