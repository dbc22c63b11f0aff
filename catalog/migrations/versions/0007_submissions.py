"""What the other dialects know of a job: names, users, tags, queues, duplicates, staged inputs."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

EMPTY = sa.text("'{}'")
POOLS = ("default", "system-jobs-queue")


def columns() -> tuple[sa.Column[Any], ...]:
    """Return the columns of jobs."""
    return (
        sa.Column("uid", sa.Uuid(), server_default=sa.func.gen_random_uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("origin", sa.Text(), nullable=True),
        sa.Column("user_name", sa.Text(), nullable=True),
        sa.Column("pool", sa.Text(), nullable=True),
        sa.Column("payload_hash", sa.Text(), nullable=True),
        sa.Column("duplicate_of", sa.BigInteger(), nullable=True),
        sa.Column("soft_timeout", sa.BigInteger(), nullable=True),
        sa.Column("tags", postgresql.ARRAY(sa.Text()), server_default=EMPTY, nullable=False),
        sa.Column("user_tags", postgresql.ARRAY(sa.Text()), server_default=EMPTY, nullable=False),
        sa.Column("environment", postgresql.JSONB(), server_default=EMPTY, nullable=False),
        sa.Column("staging", postgresql.JSONB(), nullable=True),
        sa.Column("parameters", postgresql.JSONB(), nullable=True),
        sa.Column("archived", sa.DateTime(timezone=True), nullable=True),
    )


def upgrade() -> None:
    """Add the columns, indexes and tables; every job so far gets a uid."""
    for column in columns():
        op.add_column("job", column)
    op.create_unique_constraint("uq_job_uid", "job", ["uid"])
    op.create_foreign_key(
        "fk_job_duplicate_of", "job", "job", ["duplicate_of"], ["id"], ondelete="RESTRICT"
    )
    op.create_index("ix_job_status_id", "job", ["status", "id"])
    for name in ("name", "user_name"):
        op.create_index(
            f"ix_job_{name}", "job", [name, "id"], postgresql_where=sa.text(f"{name} IS NOT NULL")
        )
    op.create_index(
        "ix_job_payload_hash",
        "job",
        ["payload_hash"],
        postgresql_where=sa.text("payload_hash IS NOT NULL"),
    )
    op.create_index("ix_job_tags", "job", ["tags"], postgresql_using="gin")
    op.add_column("job_type", sa.Column("output_patterns", postgresql.JSONB(), nullable=True))
    _create_tables()


def times() -> tuple[sa.Column[Any], ...]:
    """Return the columns of times that every table has."""
    now = sa.text("clock_timestamp()")
    return tuple(
        sa.Column(name, sa.DateTime(timezone=True), server_default=now, nullable=False)
        for name in ("created", "last_modified")
    )


def _create_tables() -> None:
    pool = op.create_table(
        "pool",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        *times(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pool")),
        sa.UniqueConstraint("name", name=op.f("uq_pool_name")),
    )
    op.bulk_insert(pool, [{"name": name} for name in POOLS])
    op.create_table(
        "registration",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("document", postgresql.JSONB(), nullable=False),
        sa.Column("job_type_id", sa.BigInteger(), nullable=True),
        *times(),
        sa.PrimaryKeyConstraint("kind", "key", name=op.f("pk_registration")),
        sa.ForeignKeyConstraint(
            ["job_type_id"],
            ["job_type.id"],
            name=op.f("fk_registration_job_type_id"),
            ondelete="RESTRICT",
        ),
    )
    for table in ("pool", "registration"):
        op.create_index(f"ix_{table}_last_modified", table, ["last_modified"])


def downgrade() -> None:
    """Remove what was added; the jobs stay."""
    op.drop_table("registration")
    op.drop_table("pool")
    op.drop_column("job_type", "output_patterns")
    for name in ("tags", "payload_hash", "user_name", "name", "status_id"):
        op.drop_index(f"ix_job_{name}", table_name="job")
    for column in columns():
        op.drop_column("job", column.name)
