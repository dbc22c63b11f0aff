"""An index for counts of jobs by their last change, which people watch all day."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the index."""
    op.create_index("ix_job_last_status_change", "job", ["last_status_change"])


def downgrade() -> None:
    """Drop the index."""
    op.drop_index("ix_job_last_status_change", table_name="job")
