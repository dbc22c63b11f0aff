"""Indexes of duplicates, and of what was ingested when."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

INGESTED = "status = 'INGESTED'"


def upgrade() -> None:
    """Make the indexes."""
    op.create_index(
        "ix_job_duplicate_of",
        "job",
        ["duplicate_of"],
        postgresql_where=sa.text("duplicate_of IS NOT NULL"),
    )
    op.create_index(
        "ix_scale_file_data_started",
        "scale_file",
        ["data_started", "id"],
        postgresql_where=sa.text("kind = 'SOURCE'"),
    )
    op.create_index(
        "ix_ingest_ended",
        "ingest",
        ["strike_id", "ingest_ended"],
        postgresql_include=["file_size"],
        postgresql_where=sa.text(INGESTED),
    )
    op.create_index(
        "ix_ingest_source_file",
        "ingest",
        ["source_file_id"],
        postgresql_include=["strike_id", "file_size"],
        postgresql_where=sa.text(INGESTED),
    )


def downgrade() -> None:
    """Drop the indexes."""
    op.drop_index("ix_ingest_source_file", "ingest")
    op.drop_index("ix_ingest_ended", "ingest")
    op.drop_index("ix_scale_file_data_started", "scale_file")
    op.drop_index("ix_job_duplicate_of", "job")
