"""The queue (seed 001, Queue Services)."""

from plugins.rest.wire import Time, WireModel


class QueueItem(WireModel):
    """The queued jobs of one type; a lower number is a higher priority."""

    count: int
    longest_queued: Time | None
    job_type_name: str
    job_type_version: str
    highest_priority: int
    is_job_type_paused: bool


class QueueStatus(WireModel):
    """The queue by job type."""

    queue_status: list[QueueItem]
