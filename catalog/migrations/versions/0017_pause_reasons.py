"""Say why the scheduler or a Strike process is paused."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

TABLES = ("scheduler", "strike")


def upgrade() -> None:
    """Add the reasons."""
    for table in TABLES:
        op.add_column(table, sa.Column("pause_reason", sa.Text(), nullable=True))


def downgrade() -> None:
    """Drop the reasons."""
    for table in TABLES:
        op.drop_column(table, "pause_reason")
