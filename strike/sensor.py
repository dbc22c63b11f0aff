"""The task of a Strike process: what the UI shows. The trigger does the work."""

from typing import Any, ClassVar

from airflow.sdk import BaseOperator, Context
from airflow.triggers.base import StartTriggerArgs


class StrikeSensor(BaseOperator):
    """Watches the directory of a Strike process, in the triggerer; no worker is held.

    Parameters
    ----------
    strike_id
        Id of the Strike process.
    """

    start_from_trigger = True
    ui_color: ClassVar[str] = "#e6f4ea"

    def __init__(self, *, strike_id: int, **options: Any) -> None:
        super().__init__(**options)
        self.strike_id = strike_id
        self.start_trigger_args = StartTriggerArgs(
            trigger_cls="strike.trigger.StrikeTrigger",
            next_method="execute_complete",
            trigger_kwargs={"strike_id": strike_id},
        )

    def execute(self, context: Context) -> None:
        """Refuse: the task starts in the triggerer, never in a worker."""
        del context
        message = f"{self.task_id} starts in the triggerer; no worker runs it."
        raise RuntimeError(message)

    def execute_complete(self, context: Context, event: object = None) -> None:
        """Say why the trigger ended without an outcome; it is only called then."""
        del context
        message = f"The trigger of {self.task_id} ended without an outcome ({event})."
        raise RuntimeError(message)
