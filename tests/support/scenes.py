"""A catalogue with the example in it, and scenes that arrived."""

import json
from pathlib import Path

from catalog.brokers import broker_of
from catalog.catalogue import Catalogue
from catalog.media_types import media_type_of
from catalog.records.files import FileRecord
from catalog.services.triggers import file_event
from catalog.states import EventType, FileKind
from examples.scenes import generate_scene, write_scene

EXAMPLES = Path(__file__).parents[2] / "examples"


def load_example(
    catalogue: Catalogue, home: Path, document: dict[str, object] | None = None
) -> None:
    """Create the example's workspaces below `home`, and import its configuration, or another."""
    for each in json.loads((EXAMPLES / "workspaces.json").read_text()):
        text = json.dumps(each["json_config"]).replace("@HOME@", str(home))
        catalogue.workspaces.create(each["name"], json.loads(text), title=each["title"])
    catalogue.configuration.import_document(document or configuration())


def configuration() -> dict[str, object]:
    """Return the example's configuration document."""
    document: dict[str, object] = json.loads((EXAMPLES / "configuration.json").read_text())
    return document


def arrive(catalogue: Catalogue, source: Path, sha256: str | None = None) -> FileRecord:
    """Store a file in the workspace `raw` and tell the triggers, as an ingest does."""
    with catalogue.database.transaction() as tx:
        workspace = tx.workspaces.named("raw")
        stored = broker_of(workspace.json_config).put(source, f"in/{source.name}")
        file = tx.files.add(
            kind=FileKind.SOURCE,
            workspace_id=workspace.id,
            file_name=source.name,
            file_path=f"in/{source.name}",
            media_type=media_type_of(source.name),
            file_size=stored.file_size,
            sha256=sha256 or stored.sha256,
            data_type=["scene"],
            countries=[],
            uuid=stored.sha256[:32],
            meta_data={},
        )
        file_event(tx, EventType.INGEST, file)
        return file


def arrive_scene(catalogue: Catalogue, folder: Path, seed: int = 1) -> list[tuple[float, float]]:
    """Generate a scene and let both its files arrive; return the true points (lon, lat)."""
    scene = generate_scene(seed, size=96, points=4, name=f"scene-{seed}")
    folder.mkdir(parents=True, exist_ok=True)
    points = write_scene(folder, scene)
    arrive(catalogue, folder / f"scene-{seed}.png")
    arrive(catalogue, folder / f"scene-{seed}.csv")
    return list(points)
