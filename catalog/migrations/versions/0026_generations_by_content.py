"""The checksum of a generation that waits, and inode and ctime its file had when it was read."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns."""
    op.add_column("ingest", sa.Column("sha256", sa.Text))
    op.add_column("ingest", sa.Column("change_mark", sa.Text))


def downgrade() -> None:
    """Drop the columns."""
    op.drop_column("ingest", "change_mark")
    op.drop_column("ingest", "sha256")
