"""Stores of the job load and of the daily metrics: each row is counted by the database."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Float, and_, case, cast, delete, func, literal, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from catalog.records.metrics import INGEST_MEASURES, JOB_MEASURES, Aggregate, Measure
from catalog.states import ExecutionStatus, IngestStatus, JobStatus
from catalog.tables import (
    Ingest,
    IngestMetrics,
    Job,
    JobExecution,
    JobLoad,
    JobTypeMetrics,
    LoadMeasurement,
)

_LOCK: Final = 0x4D455452  # any number, the same for everyone who computes a day
_INGEST_ENDS: Final = {
    "deferred_count": IngestStatus.DEFERRED,
    "ingested_count": IngestStatus.INGESTED,
    "errored_count": IngestStatus.ERRORED,
    "duplicate_count": IngestStatus.DUPLICATE,
}
_EXECUTION_ENDS: Final = {
    "completed_count": ExecutionStatus.COMPLETED,
    "failed_count": ExecutionStatus.FAILED,
    "canceled_count": ExecutionStatus.CANCELED,
}
_LOADS: Final = {
    "pending_count": JobStatus.PENDING,
    "queued_count": JobStatus.QUEUED,
    "running_count": JobStatus.RUNNING,
}
_STATISTICS: Final[dict[Aggregate, Callable[[Any], Any]]] = {
    Aggregate.SUM: func.sum,
    Aggregate.MIN: func.min,
    Aggregate.MAX: func.max,
    Aggregate.AVG: func.avg,
}

Expression = ColumnElement[Any]


class LoadStore:
    """Measurements of the job load."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def record(self, moment: datetime) -> bool:
        """Count the open jobs of every type now, as measured at `moment`.

        Returns
        -------
        bool
            False if there is a measurement of that moment already, which then stays.
        """
        measurement_id = self._session.scalar(
            insert(LoadMeasurement)
            .values(measured=moment)
            .on_conflict_do_nothing()
            .returning(LoadMeasurement.id)
        )
        if measurement_id is None:
            return False
        counted = (
            select(literal(measurement_id), Job.job_type_id, *_counts(Job.status, _LOADS))
            .where(Job.status.in_(_LOADS.values()))
            .group_by(Job.job_type_id)
        )
        columns = ["measurement_id", "job_type_id", *_LOADS]
        self._session.execute(insert(JobLoad).from_select(columns, counted))
        return True


class MetricsStore:
    """Metrics of whole UTC days; computing a day again replaces it."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def lock(self, day: date) -> None:
        """Wait for whoever computes the same day, until the end of the transaction."""
        self._session.execute(select(func.pg_advisory_xact_lock(_LOCK, day.toordinal())))

    def replace_ingests(self, day: date) -> None:
        """Count the ingests that ended on a day, or were deferred on it."""
        # The sizes and times of one that never began are those of its transfer.
        moment = func.coalesce(Ingest.ingest_ended, Ingest.transfer_ended, Ingest.transfer_started)
        measured: dict[str, Expression] = {
            "file_size": cast(Ingest.file_size, Float),
            "transfer_time": _seconds(Ingest.transfer_started, Ingest.transfer_ended),
            "ingest_time": _seconds(Ingest.ingest_started, Ingest.ingest_ended),
        }
        columns = {
            "date": literal(day),
            "strike_id": Ingest.strike_id,
            **dict(zip(_INGEST_ENDS, _counts(Ingest.status, _INGEST_ENDS), strict=True)),
            "total_count": func.count(),
            **dict(_statistics(INGEST_MEASURES, measured)),
        }
        counted = (
            select(*columns.values())
            .where(_on(moment, day), Ingest.status.in_(_INGEST_ENDS.values()))
            .group_by(Ingest.strike_id)
        )
        self._replace(IngestMetrics, day, list(columns), counted)

    def replace_job_types(self, day: date) -> None:
        """Count the executions of jobs that ended on a day."""
        columns = {
            "date": literal(day),
            "job_type_id": Job.job_type_id,
            **dict(
                zip(_EXECUTION_ENDS, _counts(JobExecution.status, _EXECUTION_ENDS), strict=True)
            ),
            "total_count": func.count(),
            **dict(_statistics(JOB_MEASURES, _execution_times())),
        }
        counted = (
            select(*columns.values())
            .join(Job, Job.id == JobExecution.job_id)
            .where(_on(JobExecution.ended, day), JobExecution.status.in_(_EXECUTION_ENDS.values()))
            .group_by(Job.job_type_id)
        )
        self._replace(JobTypeMetrics, day, list(columns), counted)

    def _replace(self, table: Any, day: date, columns: list[str], counted: Any) -> None:
        self._session.execute(delete(table).where(table.date == day))
        self._session.execute(insert(table).from_select(columns, counted))


def _execution_times() -> dict[str, Expression]:
    """Return the seconds of each phase; staging is what the phases leave of the whole."""
    tasks = {
        "pre_time": _seconds(JobExecution.pre_started, JobExecution.pre_completed),
        "job_time": _seconds(JobExecution.job_started, JobExecution.job_completed),
        "post_time": _seconds(JobExecution.post_started, JobExecution.post_completed),
    }
    known = sum((func.coalesce(each, 0.0) for each in tasks.values()), literal(0.0))
    run = case((func.num_nonnulls(*tasks.values()) > 0, known))
    whole = _seconds(JobExecution.started, JobExecution.ended)
    return {
        **tasks,
        "queue_time": _seconds(JobExecution.queued, JobExecution.started),
        "run_time": run,
        "stage_time": case((whole.is_not(None), func.greatest(whole - known, 0.0))),
    }


def _seconds(start: Any, end: Any) -> Expression:
    """Return the seconds between two times; null without both, 0 where a clock went back."""
    seconds = cast(func.extract("epoch", end - start), Float)
    return case((end >= start, seconds), (end < start, 0.0))


def _on(moment: Any, day: date) -> ColumnElement[bool]:
    midnight = datetime.combine(day, time(), UTC)
    return and_(moment >= midnight, moment < midnight + timedelta(days=1))


def _counts(status: Any, kinds: Mapping[str, Any]) -> list[Expression]:
    return [func.count().filter(status == kind) for kind in kinds.values()]


def _statistics(
    measures: Sequence[Measure], measured: Mapping[str, Expression]
) -> Iterator[tuple[str, Expression]]:
    for measure in measures:
        for aggregate, function in _STATISTICS.items():
            yield f"{measure.name}_{aggregate}", function(measured[measure.name])
