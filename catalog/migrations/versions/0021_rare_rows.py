"""Indexes of what there is little of: jobs that wait to be tried again, and what runs."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the indexes."""
    op.create_index(
        "ix_job_queued_again",
        "job",
        ["id"],
        postgresql_where=sa.text("status = 'QUEUED' AND num_exes > 1"),
    )
    op.create_index(
        "ix_job_exe_running_id",
        "job_exe",
        ["id"],
        postgresql_where=sa.text("status = 'RUNNING'"),
    )


def downgrade() -> None:
    """Drop the indexes."""
    op.drop_index("ix_job_exe_running_id", "job_exe")
    op.drop_index("ix_job_queued_again", "job")
