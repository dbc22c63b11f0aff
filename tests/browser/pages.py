"""Every page, with something that it must show; a new page is a line here."""

from collections.abc import Mapping
from typing import Final

PAGES: Final[Mapping[str, str]] = {
    "/overview/": "process-scene-001.tif",
    "/jobs/": "detect_points",
    "/jobs/?status=COMPLETED&category=&since=PT24H": "make_geotiff",
    "/jobs/{world.scene_job}/": "process-scene",
    "/recipes/": "Points of a Scene",
    "/recipes/1/": "make_geotiff",
    "/recipe-types/": "Points of a Scene",
    "/recipe-types/1/": "remark",
    "/recipe-types/1/queue/": "georeference_data",
    "/job-types/": "GeoTIFF Maker",
    "/job-types/2/": "Bad Georeference",
    "/job-types/2/edit/": "Error mapping",
    "/files/": "process-scene-001.tif",
    "/files/?kind=source&area=-180,-90,180,90": "Without filters",
    "/files/1/": "In the catalogue since",
    "/files/{world.geotiff}/": "Provenance",
    "/workspaces/": "Raw Source",
    "/workspaces/new/": "Directory",
    "/workspaces/2/": "Used, over time",
    "/workspaces/2/edit/": "Parse results may move files",
    "/workspaces/2/files/": "recipes/",
    "/errors/": "Bad Image",
    "/ingest/": "Scenes",
    "/ingest/files/": "No rule of the Strike process takes a file of this name.",
    "/ingest/files/?status=ERRORED": "is empty",
    "/ingest/files/1/": "Arrived at",
    "/ingest/hours/": "Days and hours are UTC",
    "/ingest/strikes/1/": "Names that end with _tmp are still being written.",
    "/metrics/job-types/": "Completed Count",
    "/metrics/ingest/?column=file_size_avg": "File Size (Avg)",
    "/metrics/load/": "Values",
    "/nodes/": "Airflow's scheduler is well",
    "/nodes/1/": "promised to jobs",
}
"""Path below the pages, with names of `World`; and a text of the page, or of a field of it."""
