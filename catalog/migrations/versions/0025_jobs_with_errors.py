"""An index of the jobs that have an error, the newest of each first."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the index."""
    op.create_index(
        "ix_job_error", "job", ["error_id", "id"], postgresql_where=sa.text("error_id IS NOT NULL")
    )


def downgrade() -> None:
    """Drop the index."""
    op.drop_index("ix_job_error", "job")
