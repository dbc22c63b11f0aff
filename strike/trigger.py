"""The trigger that runs a Strike process: the only place where Airflow's triggerer meets it."""

from collections.abc import AsyncIterator
from typing import Any, Final

from airflow.triggers.base import BaseTrigger, TaskSuccessEvent, TriggerEvent

from catalog.catalogue import Catalogue
from catalog.database import Database
from strike.loop import run_for
from strike.process import StrikeProcess
from strike.settings import StrikeSettings

RUN_SECONDS: Final = 3600.0


class StrikeTrigger(BaseTrigger):
    """Watches and ingests for an hour, then ends its task with success; the next run goes on.

    It may be entered again, here or in another triggerer: a lock lets one at a time work.

    Parameters
    ----------
    strike_id
        Id of the Strike process.
    seconds
        How long a run lasts.
    """

    def __init__(self, strike_id: int, seconds: float = RUN_SECONDS, **options: Any) -> None:
        super().__init__(**options)
        self.strike_id = strike_id
        self.seconds = seconds

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Return what another triggerer needs to run this trigger."""
        return (
            "strike.trigger.StrikeTrigger",
            {"strike_id": self.strike_id, "seconds": self.seconds},
        )

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Run the Strike process; the event is success, since an hour without files is one."""
        settings = StrikeSettings.from_environment()
        database = Database.from_environment(pool_size=settings.workers // 2 + 1)
        try:
            process = StrikeProcess(Catalogue(database), self.strike_id, settings)
            await run_for(process, self.seconds)
        finally:
            database.close()
        yield TaskSuccessEvent()
