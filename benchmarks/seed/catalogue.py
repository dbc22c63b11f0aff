"""Rows of the catalogue: jobs of fifty types over ninety days, most of them completed."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from psycopg import Connection, sql

from benchmarks.seed.bulk import bulk

JOB_TYPES: Final = 50
FIRST_JOB_TYPE: Final = 1001
NODES: Final = 10
STRIKES: Final = 3
DAYS: Final = 90
_ROWS: Final = Path(__file__).with_suffix(".sql")
TABLES: Final = (
    "error", "workspace", "node", "job_type", "job_type_revision", "recipe_type",
    "recipe_type_revision", "trigger_event", "job", "strike", "job_exe", "recipe", "recipe_job",
    "scale_file", "file_ancestry", "ingest",
)  # fmt: skip
_WORKSPACE: Final = {"version": "1.0", "broker": {"type": "host", "host_path": "/nowhere"}}
_STRIKE: Final = {
    "version": "1.0",
    "mount": "localhost:/nowhere",
    "transfer_suffix": "_tmp",
    "files_to_ingest": [{"filename_regex": ".+", "workspace_path": "", "workspace_name": "raw"}],
}


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many rows there are.

    Parameters
    ----------
    jobs
        As many executions and recipes.
    """

    jobs: int

    @property
    def sources(self) -> int:
        """As many ingests and events: a file starts about five jobs."""
        return max(self.jobs // 5, 1)

    @property
    def products(self) -> int:
        """Products of every tenth job."""
        return max(self.jobs // 10, 1)


def seed_catalogue(connection: Connection, sizes: Sizes) -> None:
    """Fill an empty catalogue, in one transaction; the same rows each time, but for their age."""
    values = {
        name: sql.Literal(value)
        for name, value in {
            "jobs": sizes.jobs,
            "sources": sizes.sources,
            "products": sizes.products,
            "types": JOB_TYPES,
            "first_type": FIRST_JOB_TYPE,
            "nodes": NODES,
            "strikes": STRIKES,
            "days": DAYS,
            "workspace": json.dumps(_WORKSPACE),
            "strike": json.dumps(_STRIKE),
        }.items()
    }
    with bulk(connection, TABLES):
        connection.execute(sql.SQL(_ROWS.read_text(encoding="utf-8")).format(**values))
