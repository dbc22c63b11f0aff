"""How full a bucket was is known, too: it has no limits, so only what is used."""

from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Let the limits be unknown."""
    op.alter_column("workspace_usage", "total_size", nullable=True)
    op.alter_column("workspace_usage", "free_size", nullable=True)


def downgrade() -> None:
    """Forget what has no limits."""
    op.execute("DELETE FROM workspace_usage WHERE total_size IS NULL OR free_size IS NULL")
    op.alter_column("workspace_usage", "total_size", nullable=False)
    op.alter_column("workspace_usage", "free_size", nullable=False)
