"""The environment that all tasks of a job set share is kept once."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the column."""
    op.add_column(
        "job_set",
        sa.Column(
            "environment", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False
        ),
    )


def downgrade() -> None:
    """Give each task what it shared, and drop the column."""
    op.execute(
        "UPDATE job SET environment = job_set.environment || job.environment FROM job_set_task"
        " JOIN job_set ON job_set.id = job_set_task.job_set_id WHERE job_set_task.job_id = job.id"
    )
    op.drop_column("job_set", "environment")
