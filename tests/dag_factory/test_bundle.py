"""The DAG bundle and the DAGs in it, as Airflow uses them."""

import sys
from collections.abc import Iterator
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import make_url

from catalog.catalogue import Catalogue
from tests.support.postgres import PostgresServer
from tests.support.scenes import configuration, load_example

pytestmark = pytest.mark.airflow
RECIPE = "recipe.geotiff-points.1.0.0"


@pytest.fixture
def bundle_of(
    catalogue: Catalogue, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Any]:
    """Return a maker of bundles over a catalogue with the example in it."""
    from dag_factory import bundle  # noqa: PLC0415 - imports Airflow

    monkeypatch.setenv("AIRSCALE_DATABASE_URL", database_url)
    monkeypatch.setenv("AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_STORAGE_PATH", str(tmp_path / "bundles"))
    bundle._shared_catalogue.cache_clear()  # noqa: SLF001 - each test has a catalogue of its own
    load_example(catalogue, tmp_path)

    def make(version: str | None = None) -> Any:
        made = bundle.CatalogueDagBundle(name="airscale", refresh_interval=1, version=version)
        made.initialize()
        return made

    yield make
    bundle._shared_catalogue().database.close()  # noqa: SLF001 - as above
    bundle._shared_catalogue.cache_clear()  # noqa: SLF001 - as above


def test_every_recipe_and_job_type_is_a_dag(bundle_of: Any) -> None:
    assert dags_of(bundle_of().path).keys() == {
        RECIPE,
        "job.geotiff-maker.1.2.3",
        "job.point-detector.4.5.6",
    }


def test_a_recipes_dag_has_its_jobs_in_their_order(bundle_of: Any) -> None:
    dag = dags_of(bundle_of().path)[RECIPE]
    assert set(dag.task_dict) == {"make_geotiff", "detect_points"}
    assert dag.task_dict["detect_points"].upstream_task_ids == {"make_geotiff"}
    assert all(type(task).__name__ == "ProcessJobOperator" for task in dag.tasks)


def test_the_same_definitions_give_the_same_dag_to_the_byte(bundle_of: Any) -> None:
    from airflow.serialization.serialized_objects import DagSerialization  # noqa: PLC0415

    first, second = (dags_of(bundle_of().path)[RECIPE] for _ in range(2))
    assert DagSerialization.to_dict(first) == DagSerialization.to_dict(second)


def test_a_job_of_higher_priority_goes_first(bundle_of: Any, catalogue: Catalogue) -> None:
    document: Any = configuration()
    for number, job_type in enumerate(document["job_types"]):
        job_type["priority"] = 10 + number
    catalogue.configuration.import_document(document)
    tasks = dags_of(bundle_of().path)[RECIPE].task_dict
    assert tasks["make_geotiff"].priority_weight > tasks["detect_points"].priority_weight


def test_a_task_that_runs_asks_for_its_own_dag_only(
    bundle_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = bundle_of().path
    monkeypatch.setenv("_AIRFLOW_PARSING_CONTEXT_DAG_ID", RECIPE)
    assert dags_of(path).keys() == {RECIPE}


def test_a_refresh_moves_to_the_newest_version(bundle_of: Any, catalogue: Catalogue) -> None:
    bundle = bundle_of()
    before = bundle.get_current_version().version
    edit(catalogue)
    bundle.refresh()
    assert bundle.get_current_version().version != before
    assert "second_detector" in dags_of(bundle.path)[RECIPE].task_dict


def test_a_worker_gets_the_version_of_its_run_also_where_it_was_never_written(
    bundle_of: Any, catalogue: Catalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    former = bundle_of().get_current_version().version
    edit(catalogue)
    bundle_of()
    monkeypatch.setenv(
        "AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_STORAGE_PATH", str(tmp_path / "another-host")
    )
    elsewhere = bundle_of(version=former)
    assert set(dags_of(elsewhere.path)[RECIPE].task_dict) == {"make_geotiff", "detect_points"}
    assert str(elsewhere.path).startswith(str(tmp_path / "another-host"))


def test_a_file_of_the_recipes_folder_is_imported_at_a_refresh(
    bundle_of: Any, catalogue: Catalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "recipes").mkdir()
    (tmp_path / "recipes" / "broken.json").write_text("{")
    monkeypatch.setenv("AIRSCALE_RECIPES", str(tmp_path / "recipes"))
    bundle = bundle_of()
    with catalogue.database.transaction() as tx:
        assert tx.configuration_files.problems().keys() == {"broken.json"}
    with pytest.raises(Exception, match=r"dags/recipes/broken\.json was not imported: \$"):
        dags_of(bundle.path)


def test_a_bundle_keeps_its_version_while_the_catalogue_is_away(
    bundle_of: Any, postgres: PostgresServer, database_url: str
) -> None:
    bundle = bundle_of()
    before = bundle.get_current_version()
    postgres.drop(str(make_url(database_url).database))
    bundle.refresh()
    assert bundle.get_current_version() == before
    assert dags_of(bundle.path)


def edit(catalogue: Catalogue) -> None:
    """Add a job to the example's recipe."""
    document: Any = configuration()
    jobs = document["recipe_types"][0]["definition"]["jobs"]
    jobs.append({**jobs[1], "name": "second_detector"})
    catalogue.configuration.import_document(document)


def dags_of(path: Path) -> dict[str, Any]:
    """Import every file of a version as Airflow does; return the DAGs by id."""
    found: dict[str, Any] = {}
    for file in sorted(path.rglob("*.py")):
        spec = spec_from_file_location(f"bundle_{file.stem}", file)
        assert spec is not None
        assert spec.loader is not None
        module = module_from_spec(spec)
        spec.loader.exec_module(module)
        sys.modules.pop(spec.name, None)
        found |= {
            value.dag_id: value for value in vars(module).values() if type(value).__name__ == "DAG"
        }
    return found
