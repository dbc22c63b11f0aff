"""Airflow's triggerer, asking its database by the clock and not at every line of a log."""

import math
from time import monotonic
from typing import Final

from airflow.jobs import triggerer_job_runner
from airflow.jobs.triggerer_job_runner import TriggerRunnerSupervisor

LOOK_SECONDS: Final = 0.5


class ThriftyTriggerer(TriggerRunnerSupervisor):
    """Looks for triggers to start and to stop twice a second.

    Airflow's own looks again, with eight statements, whenever a trigger has written to its log,
    and after a whole second where none does.
    """

    looked = -math.inf

    def run_once(self) -> None:
        """Look if it is time to, then hear the triggers until something comes or it is time."""
        if monotonic() >= self.looked + LOOK_SECONDS:
            self.clean_unused()  # first: what has ended is not to be started again
            self.load_triggers()
            self.looked = monotonic()
        self._service_subprocess(self.looked + LOOK_SECONDS - monotonic())
        self.handle_events()
        self.handle_failed_triggers()
        self.heartbeat()
        self.emit_metrics()


def use() -> None:
    """Let Airflow's command ``triggerer`` run this one."""
    triggerer_job_runner.TriggerRunnerSupervisor = ThriftyTriggerer
