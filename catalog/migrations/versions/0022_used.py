"""CPU time and memory that executions used, and an index of the recipes that are open."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns and make the index; executions that have ended were not measured."""
    op.add_column("job_exe", sa.Column("cpu_seconds_used", sa.Float(), nullable=True))
    op.add_column("job_exe", sa.Column("mem_used", sa.Float(), nullable=True))
    op.create_index(
        "ix_recipe_open", "recipe", ["id"], postgresql_where=sa.text("completed IS NULL")
    )


def downgrade() -> None:
    """Drop what was measured, and the index."""
    op.drop_index("ix_recipe_open", "recipe")
    op.drop_column("job_exe", "mem_used")
    op.drop_column("job_exe", "cpu_seconds_used")
