"""Strike processes can be paused without being stopped."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the mark."""
    op.add_column(
        "strike", sa.Column("is_paused", sa.Boolean(), server_default=sa.false(), nullable=False)
    )


def downgrade() -> None:
    """Drop the mark; a paused Strike process goes on."""
    op.drop_column("strike", "is_paused")
