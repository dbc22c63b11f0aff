"""Scans: files that are ingested once."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

COUNTS = ("runs", "found", "passed_over", "known", "registered", "errored")
STATUSES = ("CREATED", "QUEUED", "SCANNING", "SCANNED", "INGESTED", "FAILED")


def upgrade() -> None:
    """Make the table."""
    now = sa.text("clock_timestamp()")
    op.create_table(
        "scan",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("configuration", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                *STATUSES,
                name="status",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("is_dry_run", sa.Boolean(), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in COUNTS),
        sa.Column("problem", sa.Text(), nullable=True),
        *(
            sa.Column(name, sa.DateTime(timezone=True), nullable=True)
            for name in ("started", "ended")
        ),
        *(
            sa.Column(name, sa.DateTime(timezone=True), server_default=now, nullable=False)
            for name in ("created", "last_modified")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scan")),
        sa.UniqueConstraint("name", name=op.f("uq_scan_name")),
    )
    op.create_index(op.f("ix_scan_last_modified"), "scan", ["last_modified"])


def downgrade() -> None:
    """Remove it."""
    op.drop_table("scan")
