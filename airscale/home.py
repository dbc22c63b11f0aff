"""The state folder: everything the local system keeps, in one place that can be deleted."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

PROJECT_ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Home:
    """
    Name the places of one local system; two systems with two homes never meet.

    Parameters
    ----------
    root
        The state folder, absolute and free of symbolic links: processes are recognised by this
        very text in their environment.
    """

    root: Path

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None) -> Self:
        """Return the home that ``AIRSCALE_HOME`` names, or ``.airscale`` in the project root."""
        named = (os.environ if environ is None else environ).get("AIRSCALE_HOME")
        folder = Path(named).expanduser() if named else PROJECT_ROOT / ".airscale"
        return cls(folder.resolve())

    @property
    def postgres(self) -> Path:
        """The database cluster, and its log."""
        return self.root / "postgres"

    @property
    def airflow(self) -> Path:
        """``AIRFLOW_HOME``: what Airflow writes beside its database."""
        return self.root / "airflow"

    @property
    def logs(self) -> Path:
        """One log for each component, and Airflow's task and DAG processor logs."""
        return self.root / "logs"

    @property
    def job_logs(self) -> Path:
        """The log store: what jobs print, the same for all hosts."""
        return self.root / "job-logs"

    @property
    def run(self) -> Path:
        """Process records and the lock of ``up`` and ``down``."""
        return self.root / "run"

    @property
    def executions(self) -> Path:
        """Working folders of job executions."""
        return self.root / "executions"

    @property
    def ingest(self) -> Path:
        """Directories that Strike watches."""
        return self.root / "ingest"

    @property
    def workspaces(self) -> Path:
        """Where source and product files are kept."""
        return self.root / "workspaces"

    @property
    def bundles(self) -> Path:
        """Published versions of the DAG bundles."""
        return self.root / "bundles"

    @property
    def secrets(self) -> Path:
        """Keys and the administrator's password, readable by their owner only."""
        return self.root / "secrets.json"

    @property
    def ports(self) -> Path:
        """The ports this system was given at its first start."""
        return self.root / "ports.json"

    def log(self, name: str) -> Path:
        """Return the log file of a component."""
        return self.logs / f"{name}.log"

    def folders(self) -> tuple[Path, ...]:
        """Return the folders of a home; the database cluster makes its own."""
        return (
            self.airflow,
            self.logs,
            self.job_logs,
            self.run,
            self.executions,
            self.ingest,
            self.workspaces,
            self.bundles,
        )

    def create(self) -> None:
        """Create what is missing; harmless to repeat."""
        for folder in self.folders():
            folder.mkdir(parents=True, exist_ok=True)
