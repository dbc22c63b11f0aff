"""Job load, daily metrics, and the clock with its builtin rules."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

STATISTICS = ("sum", "min", "max", "avg")
# table, what its rows are of, counts, measures with a column for each statistic
DAILY = (
    (
        "ingest_metrics",
        "strike",
        ("deferred", "ingested", "errored", "duplicate", "total"),
        ("file_size", "transfer_time", "ingest_time"),
    ),
    (
        "job_type_metrics",
        "job_type",
        ("completed", "failed", "canceled", "total"),
        ("queue_time", "pre_time", "job_time", "post_time", "run_time", "stage_time"),
    ),
)
# name (which a processor is registered by), event type, schedule (contract section 4, Clock)
RULES = (
    ("scale-job-load", "JOB_LOAD", "PT1H"),
    ("scale-daily-metrics", "DAILY_METRICS", "PT24H"),
)


def upgrade() -> None:
    """Create the tables and indexes, and insert the rules."""
    op.create_table(
        "load_measurement",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("measured", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_load_measurement")),
        sa.UniqueConstraint("measured", name=op.f("uq_load_measurement_measured")),
    )
    op.create_table(
        "job_load",
        *_reference("job_load", "measurement_id", "load_measurement"),
        *_reference("job_load", "job_type_id", "job_type"),
        *(
            sa.Column(f"{each}_count", sa.BigInteger(), nullable=False)
            for each in ("pending", "queued", "running")
        ),
        sa.PrimaryKeyConstraint("measurement_id", "job_type_id", name=op.f("pk_job_load")),
    )
    for table, of, counts, measures in DAILY:
        op.create_table(
            table,
            sa.Column("date", sa.Date(), nullable=False),
            *_reference(table, f"{of}_id", of),
            *(sa.Column(f"{each}_count", sa.BigInteger(), nullable=False) for each in counts),
            *(
                sa.Column(f"{measure}_{statistic}", sa.Float(), nullable=True)
                for measure in measures
                for statistic in STATISTICS
            ),
            sa.PrimaryKeyConstraint("date", f"{of}_id", name=op.f(f"pk_{table}")),
        )
    op.create_table(
        "clock_tick",
        *_reference("clock_tick", "rule_id", "trigger_rule"),
        sa.Column("slot", sa.DateTime(timezone=True), nullable=False),
        *_reference("clock_tick", "event_id", "trigger_event"),
        sa.PrimaryKeyConstraint("rule_id", "slot", name=op.f("pk_clock_tick")),
    )
    op.create_index("ix_job_exe_ended", "job_exe", ["ended"], unique=False)
    op.create_index(
        "ix_ingest_day",
        "ingest",
        [sa.text("COALESCE(ingest_ended, transfer_ended, transfer_started)")],
        unique=False,
    )
    _add_rules()


def _reference(table: str, column: str, target: str) -> tuple[sa.Column[int], sa.Constraint]:
    return (
        sa.Column(column, sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            [column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}"), ondelete="RESTRICT"
        ),
    )


def _add_rules() -> None:
    statement = sa.text(
        "INSERT INTO trigger_rule (type, name, is_active, configuration)"
        " VALUES ('CLOCK', :name, true, CAST(:configuration AS jsonb))"
    )
    for name, event_type, schedule in RULES:
        configuration = {"version": "1.0", "event_type": event_type, "schedule": schedule}
        op.get_bind().execute(statement, {"name": name, "configuration": json.dumps(configuration)})


def downgrade() -> None:
    """Remove the tables, the indexes, and the rules with their events."""
    op.drop_index("ix_ingest_day", table_name="ingest")
    op.drop_index("ix_job_exe_ended", table_name="job_exe")
    op.drop_table("clock_tick")
    for table, *_ in DAILY:
        op.drop_table(table)
    op.drop_table("job_load")
    op.drop_table("load_measurement")
    names = {"names": [name for name, *_ in RULES]}
    builtin = "SELECT id FROM trigger_rule WHERE type = 'CLOCK' AND name = ANY(:names)"
    for statement in (
        f"DELETE FROM trigger_event WHERE rule_id IN ({builtin})",  # noqa: S608 - all of it is ours
        f"DELETE FROM trigger_rule WHERE id IN ({builtin})",  # noqa: S608 - all of it is ours
    ):
        op.get_bind().execute(sa.text(statement), names)
