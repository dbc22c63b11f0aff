"""The scheduler's row, what nodes have, runs by what they run, and jobs by their inputs."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

RESOURCES = ("cpus_total", "mem_total", "disk_total", "cpus_used", "mem_used", "disk_used")


def upgrade() -> None:
    """Add the tables, columns and indexes; every run so far is the first of what it runs."""
    scheduler = op.create_table(
        "scheduler",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("is_paused", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scheduler")),
    )
    op.bulk_insert(scheduler, [{"id": 1, "is_paused": False}])
    for name in RESOURCES:
        op.add_column("node", sa.Column(name, sa.Float(), nullable=True))
    op.add_column("outbox", sa.Column("subject", sa.Text(), nullable=True))
    op.execute("UPDATE outbox SET subject = run_id")
    op.alter_column("outbox", "subject", nullable=False)
    op.create_index("ix_outbox_subject", "outbox", ["subject", "id"])
    op.create_index(
        "ix_job_data",
        "job",
        ["data"],
        postgresql_using="gin",
        postgresql_ops={"data": "jsonb_path_ops"},
    )


def downgrade() -> None:
    """Remove what was added."""
    op.drop_index("ix_job_data", table_name="job")
    op.drop_index("ix_outbox_subject", table_name="outbox")
    op.drop_column("outbox", "subject")
    for name in RESOURCES:
        op.drop_column("node", name)
    op.drop_table("scheduler")
