"""Recipe definitions by themselves."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.job_interface import InputType, JobInput
from schemas.recipe_definition import (
    Connection,
    Dependency,
    RecipeDefinition,
    RecipeInputConnection,
    RecipeJob,
)
from tests.schemas.helpers import NAMES, UNHURRIED, refusal, seed_example


def job(name: str, *parents: str, **fields: Any) -> dict[str, Any]:
    dependencies = [{"name": parent} for parent in parents]
    job_type = {"name": "t", "version": "1"}
    return {"name": name, "job_type": job_type, "dependencies": dependencies, **fields}


def refused(*jobs: dict[str, Any], inputs: tuple[str, ...] = ()) -> list[tuple[str, str]]:
    input_data = [{"name": name, "type": "file"} for name in inputs]
    return refusal(RecipeDefinition.parse, {"input_data": input_data, "jobs": list(jobs)})


def test_the_seed_s_example_is_read() -> None:
    assert RecipeDefinition.parse(seed_example("recipe-definition")) == RecipeDefinition(
        inputs=(
            JobInput("image", InputType.FILE, media_types=("image/png",)),
            JobInput("georeference_data", InputType.FILE, media_types=("text/csv",)),
        ),
        jobs=(
            RecipeJob(
                "make_geotiff",
                "geotiff-maker",
                "1.2.3",
                recipe_inputs=(
                    RecipeInputConnection("image", "image"),
                    RecipeInputConnection("georeference_data", "georeference_data"),
                ),
            ),
            RecipeJob(
                "detect_points",
                "point-detector",
                "4.5.6",
                dependencies=(Dependency("make_geotiff", (Connection("geo_image", "image"),)),),
            ),
        ),
    )


def test_a_recipe_may_have_no_job() -> None:
    assert RecipeDefinition.parse({"jobs": []}) == RecipeDefinition()


def test_a_recipe_must_say_its_jobs() -> None:
    assert refusal(RecipeDefinition.parse, {}) == [("$.jobs", "this field is required.")]


def test_a_recipe_input_named_twice_is_refused() -> None:
    assert refused(inputs=("a", "a")) == [
        (
            "$.input_data[1].name",
            'the name "a" is already used. Every recipe input needs a name of its own.',
        )
    ]


def test_a_job_named_twice_is_refused() -> None:
    assert refused(job("a"), job("a")) == [
        (
            "$.jobs[1].name",
            'the name "a" is already used. Every job of a recipe needs a name of its own.',
        )
    ]


def test_an_unknown_recipe_input_is_refused() -> None:
    connection = {"recipe_input": "x", "job_input": "y"}
    assert refused(job("a", recipe_inputs=[connection])) == [
        ("$.jobs[0].recipe_inputs[0].recipe_input", 'the recipe has no input "x".')
    ]


def test_an_unknown_dependency_is_refused() -> None:
    assert refused(job("a", "b")) == [
        ("$.jobs[0].dependencies[0].name", 'the recipe has no job "b".')
    ]


def test_a_job_that_depends_on_itself_is_refused() -> None:
    assert refused(job("a", "a")) == [
        ("$.jobs[0].dependencies[0].name", 'the job "a" depends on itself.')
    ]


def test_jobs_in_a_circle_are_refused_and_the_circle_is_named() -> None:
    [(path, sentence)] = refused(job("x"), job("a", "c", "x"), job("b", "a"), job("c", "b"))
    assert path == "$.jobs"
    circle = sentence.removeprefix("the jobs depend on each other in a circle: ").rstrip(".")
    steps = circle.split(" -> ")
    assert steps[0] == steps[-1]
    assert set(steps) == {"a", "b", "c"}


def test_an_input_fed_by_two_recipe_inputs_is_refused() -> None:
    feeds = [{"recipe_input": name, "job_input": "in"} for name in ("a", "b")]
    assert refused(job("j", recipe_inputs=feeds), inputs=("a", "b")) == [
        (
            "$.jobs[0].recipe_inputs[1].job_input",
            'the name "in" is already used. An input can be fed only once.',
        )
    ]


def test_an_input_fed_by_a_recipe_input_and_an_output_is_refused() -> None:
    fed_twice = job(
        "b",
        recipe_inputs=[{"recipe_input": "i", "job_input": "in"}],
        dependencies=[{"name": "a", "connections": [{"output": "out", "input": "in"}]}],
    )
    [(path, _)] = refused(job("a"), fed_twice, inputs=("i",))
    assert path == "$.jobs[1].dependencies[0].connections[0].input"


def test_all_problems_are_told_at_once() -> None:
    assert [path for path, _ in refused(job("a", "a", "z"), job("a"), job("b", "c"), job("c", "b"))
    ] == [
        "$.jobs[1].name",
        "$.jobs[0].dependencies[0].name",
        "$.jobs[0].dependencies[1].name",
        "$.jobs",
    ]  # fmt: skip


def test_jobs_come_in_document_order_once_they_are_ready() -> None:
    jobs = [job("d", "c"), job("b"), job("c", "b"), job("a"), job("e", "b")]
    definition = RecipeDefinition.parse({"jobs": jobs})
    assert [each.name for each in definition.topological_jobs()] == ["b", "c", "d", "a", "e"]


def test_the_children_of_a_job_are_those_that_depend_on_it() -> None:
    definition = RecipeDefinition.parse(
        {"jobs": [job("a"), job("c", "b"), job("b", "a"), job("d", "a", "a")]}
    )
    assert [child.name for child in definition.children("a")] == ["b", "d"]


@st.composite
def definitions(draw: st.DrawFn) -> RecipeDefinition:
    names = draw(st.lists(NAMES, unique=True, max_size=7))
    inputs = draw(st.lists(NAMES, unique=True, max_size=3))
    jobs = []
    for index, name in enumerate(names):
        parents = [parent for parent in names[:index] if draw(st.booleans())]
        dependencies = [
            Dependency(parent, (Connection("out", f"from {n}"),) if draw(st.booleans()) else ())
            for n, parent in enumerate(parents)
        ]
        feeds = [RecipeInputConnection(each, f"in {n}") for n, each in enumerate(inputs)]
        jobs.append(RecipeJob(name, "t", "1", tuple(feeds), tuple(dependencies)))
    return RecipeDefinition(
        inputs=tuple(JobInput(name, InputType.FILES, draw(st.booleans())) for name in inputs),
        jobs=tuple(draw(st.permutations(jobs))),
    )


@UNHURRIED
@given(definitions())
def test_any_definition_comes_back_the_same(definition: RecipeDefinition) -> None:
    assert RecipeDefinition.parse(definition.to_json()) == definition


@UNHURRIED
@given(definitions())
def test_every_job_comes_after_the_jobs_it_depends_on(definition: RecipeDefinition) -> None:
    order = [each.name for each in definition.topological_jobs()]
    assert sorted(order) == sorted(each.name for each in definition.jobs)
    for each in definition.jobs:
        for dependency in each.dependencies:
            assert order.index(dependency.name) < order.index(each.name)


@UNHURRIED
@given(definitions().filter(lambda definition: len(definition.jobs) > 1), st.data())
def test_a_circle_is_always_found(definition: RecipeDefinition, data: st.DataObject) -> None:
    document = definition.to_json()
    names = [each["name"] for each in document["jobs"]]
    size = data.draw(st.integers(2, len(names)))
    circle = data.draw(st.permutations(names))[:size]
    for name, parent in zip(circle, [*circle[1:], circle[0]], strict=True):
        document["jobs"][names.index(name)]["dependencies"].append({"name": parent})
    found = refusal(RecipeDefinition.parse, document)
    assert [path for path, _ in found] == ["$.jobs"]
    assert found[0][1].startswith("the jobs depend on each other in a circle: ")


def test_a_long_chain_of_jobs_is_read() -> None:
    chain = [job("0"), *(job(str(n), str(n - 1)) for n in range(1, 1500))]
    definition = RecipeDefinition.parse({"jobs": chain[::-1]})
    assert definition.topological_jobs() == definition.jobs[::-1]


@pytest.mark.parametrize("field", ["name", "job_type"])
def test_a_job_needs_its_name_and_type(field: str) -> None:
    incomplete = job("a")
    del incomplete[field]
    assert refused(incomplete) == [(f"$.jobs[0].{field}", "this field is required.")]
