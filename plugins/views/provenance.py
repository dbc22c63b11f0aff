"""Provenance as a graph: from sources over executions to a file, and onward."""

from collections.abc import Mapping
from dataclasses import dataclass

from catalog.queries.provenance import Provenance
from catalog.states import FileKind
from plugins.views.graph import Box, Graph, layered
from plugins.views.text import size_text
from plugins.views.tones import tone


@dataclass(frozen=True, slots=True)
class Label:
    """What a box of the graph says, and where it leads."""

    name: str
    detail: str
    path: str
    tone: str
    is_here: bool = False


@dataclass(frozen=True, slots=True)
class ProvenanceGraph:
    """The drawing, and what its boxes say by their names."""

    graph: Graph
    labels: Mapping[str, Label]


def provenance_graph(found: Provenance, file_id: int) -> ProvenanceGraph:
    """Return the graph around a file."""
    labels = {
        f"file {each.id}": Label(
            each.file_name, _file_detail(each.kind, each.file_size, each.media_type),
            f"/files/{each.id}/", "none", each.id == file_id,
        )
        for each in found.files.values()
    } | {
        f"step {each.id}": Label(
            each.job_name or each.type_title or each.type_name,
            f"{each.type_name} {each.type_version}, job {each.job_id}",
            f"/jobs/{each.job_id}/?exe={each.id}", tone(each.status),
        )
        for each in found.steps.values()
    }  # fmt: skip
    sources = {f"file {each.id}" for each in found.files.values() if each.kind is FileKind.SOURCE}
    boxes = {key: Box(each.detail, key in sources) for key, each in labels.items()}
    parents: dict[str, dict[str, str]] = {}
    for ancestor, step, descendant in found.made:
        parents.setdefault(f"step {step}", {})[f"file {ancestor}"] = "given"
        parents.setdefault(f"file {descendant}", {})[f"step {step}"] = "made"
    return ProvenanceGraph(layered(boxes, parents), labels)


def _file_detail(kind: FileKind, size: int, media_type: str) -> str:
    return f"{kind.value.lower()}, {size_text(size)}, {media_type}"
