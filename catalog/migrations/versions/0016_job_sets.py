"""Jobs that are submitted together; GPUs and ports of jobs; shares of queues."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

OUTCOMES = ("SUCCEEDED", "FAILED", "STOPPED")


def upgrade() -> None:
    """Make the tables and columns."""
    op.add_column(
        "job", sa.Column("gpus", sa.BigInteger(), server_default=sa.text("0"), nullable=False)
    )
    op.add_column(
        "job",
        sa.Column(
            "ports",
            postgresql.ARRAY(sa.BigInteger()),
            server_default=sa.text("'{}'"),
            nullable=False,
        ),
    )
    op.add_column("pool", sa.Column("capacity", sa.Double(), nullable=True))
    op.add_column("pool", sa.Column("max_capacity", sa.Double(), nullable=True))
    _make_job_set()
    op.create_table(
        "job_set_task",
        sa.Column("job_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("job_set_id", sa.BigInteger(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("task_index", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["job_id"], ["job.id"], name=op.f("fk_job_set_task_job_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["job_set_id"],
            ["job_set.id"],
            name=op.f("fk_job_set_task_job_set_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("job_id", name=op.f("pk_job_set_task")),
        sa.UniqueConstraint(
            "job_set_id",
            "role",
            "task_index",
            name=op.f("uq_job_set_task_job_set_id_role_task_index"),
        ),
    )


def _make_job_set() -> None:
    now = sa.text("clock_timestamp()")
    op.create_table(
        "job_set",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("uid", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        *(
            sa.Column(name, sa.Text(), nullable=False)
            for name in ("name", "user_name", "origin", "pool")
        ),
        sa.Column("document", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("min_completed", sa.BigInteger(), nullable=False),
        sa.Column("max_retries", sa.BigInteger(), nullable=False),
        sa.Column("retries", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum(
                *OUTCOMES, name="outcome", native_enum=False, create_constraint=True, length=32
            ),
            nullable=True,
        ),
        sa.Column("exit_code", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("created", sa.DateTime(timezone=True), server_default=now, nullable=False),
        sa.Column("ended", sa.DateTime(timezone=True), nullable=True),
        sa.Column("archived", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_modified", sa.DateTime(timezone=True), server_default=now, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job_set")),
        sa.UniqueConstraint("uid", name=op.f("uq_job_set_uid")),
    )
    op.create_index(
        "uq_job_set_name",
        "job_set",
        ["name"],
        unique=True,
        postgresql_where=sa.text("archived IS NULL"),
    )
    op.create_index("ix_job_set_user_name", "job_set", ["user_name", "id"])
    op.create_index(
        "ix_job_set_open", "job_set", ["id"], postgresql_where=sa.text("outcome IS NULL")
    )
    op.create_index(op.f("ix_job_set_last_modified"), "job_set", ["last_modified"])


def downgrade() -> None:
    """Remove them."""
    op.drop_table("job_set_task")
    op.drop_table("job_set")
    for table, column in (
        ("pool", "max_capacity"), ("pool", "capacity"), ("job", "ports"), ("job", "gpus")
    ):  # fmt: skip
        op.drop_column(table, column)
