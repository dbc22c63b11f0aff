"""What the tests of documents share."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from schemas.problems import DocumentError

# a shared machine may stall any example, so that none has a deadline
UNHURRIED = settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])

NAMES = st.text("abcXYZ019_ -", min_size=1, max_size=12)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda parts: st.lists(parts, max_size=4) | st.dictionaries(st.text(), parts, max_size=4),
    max_leaves=12,
)


def seed_example(name: str) -> Any:
    """Return an example of seed 001; its missing and trailing commas have been put right."""
    file = Path(__file__).parent / "seed_examples" / f"{name}.json"
    return json.loads(file.read_text(encoding="utf-8"))


def changed(value: Any, *path_and_new: Any) -> Any:
    """Return a copy of a document with one place set to something else."""
    *path, last, new = path_and_new
    copied = copy.deepcopy(value)
    place = copied
    for step in path:
        place = place[step]
    place[last] = new
    return copied


def without(value: Any, *path: Any) -> Any:
    """Return a copy of a document with one field or entry taken away."""
    *outer, last = path
    copied = copy.deepcopy(value)
    place = copied
    for step in outer:
        place = place[step]
    del place[last]
    return copied


def refusal(parse: Callable[[object], object], value: object) -> list[tuple[str, str]]:
    """Return the paths and sentences of the problems for which a document is refused."""
    with pytest.raises(DocumentError) as caught:
        parse(value)
    return [(problem.path, problem.sentence) for problem in caught.value.problems]


def mutated(example: Any) -> st.SearchStrategy[Any]:
    """Return copies of a document with one place replaced by any JSON value."""
    return st.tuples(st.sampled_from(_places(example)), JSON).map(
        lambda drawn: changed(example, *drawn[0], drawn[1]) if drawn[0] else drawn[1]
    )


def _places(value: Any) -> list[tuple[Any, ...]]:
    places: list[tuple[Any, ...]] = [()]
    steps: Any = []
    if isinstance(value, dict):
        steps = value.items()
    elif isinstance(value, list):
        steps = enumerate(value)
    for step, part in steps:
        places.extend((step, *inner) for inner in _places(part))
    return places
