"""Recipes as graphs: columns by how far a job is from the inputs, drawn from left to right.

A column holds what is equally far from the inputs; within a column, nodes stand near the middle of
those they follow, which keeps lines from crossing where that is easy (Sugiyama's method, with one
pass of barycentres).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from schemas.recipe_definition import RecipeDefinition

BOX_WIDTH: Final = 190
BOX_HEIGHT: Final = 56
_INPUT_HEIGHT: Final = 34
_GAP_X: Final = 64
_GAP_Y: Final = 20
_MARGIN: Final = 8


@dataclass(frozen=True, slots=True)
class Node:
    """A box: a job, or an input of the recipe; `x` and `y` are its upper left corner."""

    name: str
    detail: str
    is_input: bool
    x: float
    y: float
    height: int

    @property
    def middle(self) -> float:
        """Where lines begin and end."""
        return self.y + self.height / 2


@dataclass(frozen=True, slots=True)
class Edge:
    """A line from one box to another, as the path of an SVG, and what flows along it."""

    path: str
    title: str


@dataclass(frozen=True, slots=True)
class Graph:
    """A drawing in SVG units, which are pixels."""

    width: float
    height: float
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]


def graph_of(definition: RecipeDefinition) -> Graph:
    """Return the drawing of a recipe definition."""
    parents = _parents(definition)
    columns = _columns(definition, parents)
    tallest = max(map(_height_of, columns), default=0)
    nodes = {
        node.name: node
        for index, column in enumerate(columns)
        for node in _placed(definition, column, index, tallest)
    }
    return Graph(
        width=2 * _MARGIN + len(columns) * (BOX_WIDTH + _GAP_X) - _GAP_X,
        height=2 * _MARGIN + tallest,
        nodes=tuple(nodes.values()),
        edges=tuple(
            _edge(nodes[parent], nodes[child], title)
            for child, sources in parents.items()
            for parent, title in sources.items()
        ),
    )


def _input_key(name: str) -> str:
    return f"input {name}"


def _parents(definition: RecipeDefinition) -> dict[str, dict[str, str]]:
    """Return for each job what it follows, with what flows from there."""
    found: dict[str, dict[str, str]] = {_input_key(each.name): {} for each in definition.inputs}
    for job in definition.jobs:
        sources = found.setdefault(job.name, {})
        for given in job.recipe_inputs:
            key = _input_key(given.recipe_input)
            sources[key] = f"{given.recipe_input} → {given.job_input}"
        for parent in job.dependencies:
            flows = [f"{each.output} → {each.input}" for each in parent.connections]
            sources[parent.name] = ", ".join(flows) or "after it"
    return found


def _columns(
    definition: RecipeDefinition, parents: Mapping[str, Mapping[str, str]]
) -> list[list[str]]:
    inputs = [_input_key(each.name) for each in definition.inputs]
    depth = dict.fromkeys(inputs, 0)
    for job in definition.topological_jobs():
        depth[job.name] = 1 + max((depth[each] for each in parents[job.name]), default=0)
    first = 0 if inputs else 1
    columns: list[list[str]] = [[] for _ in range(first, max(depth.values(), default=0) + 1)]
    for name, distance in depth.items():
        columns[distance - first].append(name)
    place: dict[str, float] = {}
    for column in columns:
        column.sort(key=lambda name: _barycentre(parents[name], place))
        place |= {name: index - len(column) / 2 for index, name in enumerate(column)}
    return columns


def _barycentre(sources: Mapping[str, str], place: Mapping[str, float]) -> float:
    known = [place[each] for each in sources if each in place]
    return sum(known) / len(known) if known else 0.0


def _is_input(key: str) -> bool:
    return key.startswith("input ")


def _height_of(column: Sequence[str]) -> int:
    heights = (_INPUT_HEIGHT if _is_input(each) else BOX_HEIGHT for each in column)
    return sum(height + _GAP_Y for height in heights) - _GAP_Y if column else 0


def _placed(
    definition: RecipeDefinition, column: Sequence[str], index: int, tallest: int
) -> list[Node]:
    details = {_input_key(each.name): each.type.value for each in definition.inputs} | {
        each.name: f"{each.job_type_name} {each.job_type_version}" for each in definition.jobs
    }
    y = _MARGIN + (tallest - _height_of(column)) / 2
    nodes = []
    for name in column:
        height = _INPUT_HEIGHT if _is_input(name) else BOX_HEIGHT
        x = _MARGIN + index * (BOX_WIDTH + _GAP_X)
        nodes.append(Node(name, details[name], _is_input(name), x, y, height))
        y += height + _GAP_Y
    return nodes


def _edge(parent: Node, child: Node, title: str) -> Edge:
    begin, end = parent.x + BOX_WIDTH, child.x - 6
    bend = begin + (_GAP_X / 2)
    turn = max(bend, end - _GAP_X / 2)
    path = (
        f"M{begin},{parent.middle} C{bend},{parent.middle} {turn},{child.middle}"
        f" {end},{child.middle}"
    )
    return Edge(path, title)
