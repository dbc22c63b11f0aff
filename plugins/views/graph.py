"""Recipes and provenance as graphs: columns by how far a box is from the inputs, left to right.

A column holds what is equally far from the inputs; within a column, nodes stand near the middle of
those they follow, which keeps lines from crossing where that is easy (Sugiyama's method, with one
pass of barycentres).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from graphlib import TopologicalSorter
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
    """A box, as of a job or an input; `x` and `y` are its upper left corner."""

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


@dataclass(frozen=True, slots=True)
class Box:
    """What a box says; an input has a smaller one, and stands before everything else."""

    detail: str
    is_input: bool = False

    @property
    def height(self) -> int:
        """How high it is drawn."""
        return _INPUT_HEIGHT if self.is_input else BOX_HEIGHT


def graph_of(definition: RecipeDefinition) -> Graph:
    """Return the drawing of a recipe definition."""
    inputs = {_input_key(each.name): Box(each.type.value, True) for each in definition.inputs}  # noqa: FBT003  # an input
    jobs = {
        each.name: Box(f"{each.job_type_name} {each.job_type_version}") for each in definition.jobs
    }
    return layered(inputs | jobs, _parents(definition))


def layered(boxes: Mapping[str, Box], parents: Mapping[str, Mapping[str, str]]) -> Graph:
    """Return the drawing of boxes in layers.

    Parameters
    ----------
    boxes
        By their keys, which become the names of the nodes.
    parents
        For each box those that it follows, with what flows from there; without a circle.
    """
    columns = _columns(boxes, parents)
    tallest = max((_height_of(each, boxes) for each in columns), default=0)
    nodes = {
        node.name: node
        for index, column in enumerate(columns)
        for node in _placed(boxes, column, index, tallest)
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


def _columns(boxes: Mapping[str, Box], parents: Mapping[str, Mapping[str, str]]) -> list[list[str]]:
    depth: dict[str, int] = {}
    order = TopologicalSorter({key: parents.get(key, {}).keys() for key in boxes}).static_order()
    for key in order:
        own = 0 if boxes[key].is_input else 1
        depth[key] = max([own, *(1 + depth[each] for each in parents.get(key, {}))])
    first = min(depth.values(), default=0)
    columns: list[list[str]] = [[] for _ in range(first, max(depth.values(), default=-1) + 1)]
    for key in boxes:
        columns[depth[key] - first].append(key)
    place: dict[str, float] = {}
    for column in columns:
        column.sort(key=lambda key: _barycentre(parents.get(key, {}), place))
        place |= {key: index - len(column) / 2 for index, key in enumerate(column)}
    return columns


def _barycentre(sources: Mapping[str, str], place: Mapping[str, float]) -> float:
    known = [place[each] for each in sources if each in place]
    return sum(known) / len(known) if known else 0.0


def _height_of(column: Sequence[str], boxes: Mapping[str, Box]) -> int:
    return sum(boxes[each].height + _GAP_Y for each in column) - _GAP_Y if column else 0


def _placed(
    boxes: Mapping[str, Box], column: Sequence[str], index: int, tallest: int
) -> list[Node]:
    y = _MARGIN + (tallest - _height_of(column, boxes)) / 2
    x = _MARGIN + index * (BOX_WIDTH + _GAP_X)
    nodes = []
    for key in column:
        box = boxes[key]
        nodes.append(Node(key, box.detail, box.is_input, x, y, box.height))
        y += box.height + _GAP_Y
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
