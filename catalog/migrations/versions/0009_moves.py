"""Moves of files inside their workspaces, and workspaces that allow none."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table, and add the column."""
    op.add_column(
        "workspace",
        sa.Column("is_move_enabled", sa.Boolean(), server_default=sa.true(), nullable=False),
    )
    op.create_table(
        "file_move",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("file_id", sa.BigInteger(), nullable=False),
        sa.Column("workspace_id", sa.BigInteger(), nullable=False),
        sa.Column("directory", sa.Text(), nullable=False),
        sa.Column("old_path", sa.Text(), nullable=True),
        sa.Column("new_path", sa.Text(), nullable=True),
        sa.Column("moved", sa.DateTime(timezone=True), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        *(
            sa.Column(
                name,
                sa.DateTime(timezone=True),
                server_default=sa.text("clock_timestamp()"),
                nullable=False,
            )
            for name in ("not_before", "created")
        ),
        *(
            sa.ForeignKeyConstraint(
                [column],
                [f"{target}.id"],
                name=op.f(f"fk_file_move_{column}"),
                ondelete="RESTRICT",
            )
            for column, target in (("file_id", "scale_file"), ("workspace_id", "workspace"))
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_file_move")),
    )
    op.create_index(op.f("ix_file_move_file_id"), "file_move", ["file_id"])
    op.create_index("ix_file_move_due", "file_move", ["not_before"])
    op.create_index(
        "uq_file_move_place",
        "file_move",
        ["workspace_id", "new_path"],
        unique=True,
        postgresql_where=sa.text("new_path IS NOT NULL"),
    )


def downgrade() -> None:
    """Remove both."""
    op.drop_table("file_move")
    op.drop_column("workspace", "is_move_enabled")
