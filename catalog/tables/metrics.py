"""What happened, counted: the job load at moments, and the metrics of whole UTC days.

The columns of the daily tables have the names of `catalog.records.metrics`. Sizes are in bytes,
times in seconds; a statistic is null where nothing was measured.
"""

import datetime as dt

from sqlalchemy import PrimaryKeyConstraint
from sqlalchemy.orm import Mapped, mapped_column

from catalog.tables.base import Base, Id, reference


class LoadMeasurement(Base):
    """A moment at which the job load was counted, also when there was none."""

    __tablename__ = "load_measurement"

    id: Mapped[Id]
    measured: Mapped[dt.datetime] = mapped_column(unique=True)


class JobLoad(Base):
    """Jobs of one type that were pending, queued or running at one moment."""

    __tablename__ = "job_load"
    __table_args__ = (PrimaryKeyConstraint("measurement_id", "job_type_id"),)

    measurement_id: Mapped[int] = mapped_column(reference("load_measurement.id"))
    job_type_id: Mapped[int] = mapped_column(reference("job_type.id"))
    pending_count: Mapped[int]
    queued_count: Mapped[int]
    running_count: Mapped[int]


class IngestMetrics(Base):
    """The ingests of one Strike process that ended on one UTC day."""

    __tablename__ = "ingest_metrics"
    __table_args__ = (PrimaryKeyConstraint("date", "strike_id"),)

    date: Mapped[dt.date]
    strike_id: Mapped[int] = mapped_column(reference("strike.id"))
    deferred_count: Mapped[int]
    ingested_count: Mapped[int]
    errored_count: Mapped[int]
    duplicate_count: Mapped[int]
    total_count: Mapped[int]
    file_size_sum: Mapped[float | None]
    file_size_min: Mapped[float | None]
    file_size_max: Mapped[float | None]
    file_size_avg: Mapped[float | None]
    transfer_time_sum: Mapped[float | None]
    transfer_time_min: Mapped[float | None]
    transfer_time_max: Mapped[float | None]
    transfer_time_avg: Mapped[float | None]
    ingest_time_sum: Mapped[float | None]
    ingest_time_min: Mapped[float | None]
    ingest_time_max: Mapped[float | None]
    ingest_time_avg: Mapped[float | None]


class JobTypeMetrics(Base):
    """The job executions of one job type that ended on one UTC day."""

    __tablename__ = "job_type_metrics"
    __table_args__ = (PrimaryKeyConstraint("date", "job_type_id"),)

    date: Mapped[dt.date]
    job_type_id: Mapped[int] = mapped_column(reference("job_type.id"))
    completed_count: Mapped[int]
    failed_count: Mapped[int]
    canceled_count: Mapped[int]
    total_count: Mapped[int]
    queue_time_sum: Mapped[float | None]
    queue_time_min: Mapped[float | None]
    queue_time_max: Mapped[float | None]
    queue_time_avg: Mapped[float | None]
    pre_time_sum: Mapped[float | None]
    pre_time_min: Mapped[float | None]
    pre_time_max: Mapped[float | None]
    pre_time_avg: Mapped[float | None]
    job_time_sum: Mapped[float | None]
    job_time_min: Mapped[float | None]
    job_time_max: Mapped[float | None]
    job_time_avg: Mapped[float | None]
    post_time_sum: Mapped[float | None]
    post_time_min: Mapped[float | None]
    post_time_max: Mapped[float | None]
    post_time_avg: Mapped[float | None]
    run_time_sum: Mapped[float | None]
    run_time_min: Mapped[float | None]
    run_time_max: Mapped[float | None]
    run_time_avg: Mapped[float | None]
    stage_time_sum: Mapped[float | None]
    stage_time_min: Mapped[float | None]
    stage_time_max: Mapped[float | None]
    stage_time_avg: Mapped[float | None]


class ClockTick(Base):
    """A slot of a clock rule that has fired: the key lets it fire once, whoever looks."""

    __tablename__ = "clock_tick"
    __table_args__ = (PrimaryKeyConstraint("rule_id", "slot"),)

    rule_id: Mapped[int] = mapped_column(reference("trigger_rule.id"))
    slot: Mapped[dt.datetime]
    event_id: Mapped[int] = mapped_column(reference("trigger_event.id"))
