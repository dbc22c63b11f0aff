"""How much disk space the output of an execution took, beside how much was scheduled."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; executions that have ended were not measured."""
    op.add_column("job_exe", sa.Column("disk_out_used", sa.Float(), nullable=True))


def downgrade() -> None:
    """Drop what was measured."""
    op.drop_column("job_exe", "disk_out_used")
