"""Groups of files that waited too long are reported, once."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add when a group was reported, and an index of those that wait."""
    op.add_column("trigger_group", sa.Column("reported", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_trigger_group_waiting",
        "trigger_group",
        ["rule_id", "last_modified"],
        postgresql_where=sa.text("fired IS NULL AND reported IS NULL"),
    )


def downgrade() -> None:
    """Remove both."""
    op.drop_index("ix_trigger_group_waiting", table_name="trigger_group")
    op.drop_column("trigger_group", "reported")
