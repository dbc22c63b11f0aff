"""Names of the catalogue as Airflow ids: each name has an id of its own."""

import re
from typing import Final

from hypothesis import example, given
from hypothesis import strategies as st

from catalog import dag_names

AIRFLOW_ID: Final = re.compile(r"[A-Za-z0-9_.-]+")
AIRFLOW_LIMIT: Final = 250
text = st.text(st.characters(exclude_characters="\0"), min_size=1)
tricky = st.text("a.2e-_ é", min_size=1, max_size=8)
long = st.text("ab. é", min_size=150, max_size=255)
names = text | tricky | long
makers = {"recipe": dag_names.recipe_dag_id, "job": dag_names.job_dag_id}
keys = st.tuples(st.sampled_from(sorted(makers)), names, names)


def dag_id(key: tuple[str, str, str]) -> str:
    kind, name, version = key
    return makers[kind](name, version)


@given(one=keys, other=keys)
@example(one=("job", "a", ".b"), other=("job", "a.", "b"))
@example(one=("job", "a.b", "c"), other=("job", "a", "b.c"))
@example(one=("job", "a", "1..2e"), other=("job", "a", "1."))
@example(one=("job", "a b", "1"), other=("job", "a..20b", "1"))
def test_two_types_never_share_a_dag(
    one: tuple[str, str, str], other: tuple[str, str, str]
) -> None:
    assert (dag_id(one) == dag_id(other)) == (one == other)


@given(key=keys)
def test_a_dag_id_is_one_airflow_takes(key: tuple[str, str, str]) -> None:
    assert AIRFLOW_ID.fullmatch(dag_id(key))
    assert len(dag_id(key)) < AIRFLOW_LIMIT


@given(one=names, other=names)
def test_two_jobs_of_a_recipe_never_share_a_task(one: str, other: str) -> None:
    assert (dag_names.task_id(one) == dag_names.task_id(other)) == (one == other)
    assert AIRFLOW_ID.fullmatch(dag_names.task_id(one))
    assert len(dag_names.task_id(one)) < AIRFLOW_LIMIT


@given(one=names, other=names, version=names)
def test_strike_processes_have_dags_apart_from_types(one: str, other: str, version: str) -> None:
    strikes = {dag_names.strike_dag_id(one), dag_names.strike_dag_id(other)}
    assert len(strikes) == len({one, other})
    assert not strikes & {dag_names.recipe_dag_id(one, version), dag_names.job_dag_id(one, version)}
    assert all(AIRFLOW_ID.fullmatch(each) and len(each) < AIRFLOW_LIMIT for each in strikes)


def test_a_name_made_to_look_like_a_shortened_one_has_an_id_of_its_own() -> None:
    shortened = dag_names.job_dag_id("a" * 300, "1")
    name, _, version = shortened.removeprefix("job.").partition(".")
    assert dag_names.job_dag_id(name, version) != shortened


def test_plain_names_stay_readable() -> None:
    assert dag_names.recipe_dag_id("geotiff-points", "1.0.0") == "recipe.geotiff-points.1.0.0"
    assert dag_names.job_dag_id("my_job", "1.2-rc1") == "job.my_job.1.2-rc1"
    assert dag_names.task_id("make_geotiff") == "make_geotiff"


def test_run_ids_follow_from_the_instance() -> None:
    assert dag_names.recipe_run_id(7) == "recipe-7"
    assert dag_names.job_run_id(7) == "job-7"
    assert dag_names.later_run_id("job-7", 2) == "job-7-2"
