"""Airflow's components: what each runs, and when it counts as healthy."""

import sys
from dataclasses import dataclass

AIRFLOW = (sys.executable, "-m", "dag_factory.airflow_command")


@dataclass(frozen=True, slots=True)
class Component:
    """
    One Airflow process with its children.

    Parameters
    ----------
    name
        Of its record and its log.
    arguments
        Of the ``airflow`` command. Log servers are not started: they listen on every interface,
        and on one machine the API server reads the files themselves.
    health
        Its key in the health report of the API server, or nothing for the API server itself.
    """

    name: str
    arguments: tuple[str, ...]
    health: str | None

    @property
    def command(self) -> tuple[str, ...]:
        """The program and its arguments, in the virtual environment that this process runs in."""
        return (*AIRFLOW, *self.arguments)


API_SERVER = Component("api-server", ("api-server",), None)
COMPONENTS = (
    API_SERVER,
    Component("scheduler", ("scheduler", "--skip-serve-logs"), "scheduler"),
    Component("dag-processor", ("dag-processor",), "dag_processor"),
    Component("triggerer", ("triggerer", "--skip-serve-logs"), "triggerer"),
)
