"""Jobs that wait to begin, and the processes in which they wait; how many jobs a node runs."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables, the column and the index."""
    op.create_table(
        "admitter",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("seen", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_admitter"),
    )
    op.create_index("ix_admitter_seen", "admitter", ["seen"])
    op.create_table(
        "waiting",
        sa.Column("job_id", sa.BigInteger(), nullable=False),
        sa.Column("admitter", sa.Text(), nullable=False),
        sa.Column("node_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "since",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["job_id"], ["job.id"], name="fk_waiting_job_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["admitter"], ["admitter.name"], name="fk_waiting_admitter", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["node_id"], ["node.id"], name="fk_waiting_node_id", ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("job_id", name="pk_waiting"),
    )
    op.create_index("ix_waiting_admitter", "waiting", ["admitter"])
    op.add_column("node", sa.Column("slots", sa.BigInteger(), nullable=True))
    op.create_index(
        "ix_job_exe_running",
        "job_exe",
        ["node_id"],
        postgresql_where=sa.text("status = 'RUNNING'"),
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_index("ix_job_exe_running", table_name="job_exe")
    op.drop_column("node", "slots")
    op.drop_table("waiting")
    op.drop_table("admitter")
