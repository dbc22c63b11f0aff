"""Searching jobs, words of their steps, and their delivery to a search engine outside."""

from datetime import datetime

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

OPERATIONS = ("INSERT", "UPDATE")


def upgrade() -> None:
    """Make the column, its indexes, and the tables of deliveries with the triggers they need."""
    op.add_column("job", sa.Column("step_status", sa.Text(), nullable=True))
    op.create_index("ix_job_created", "job", ["created", "id"])
    op.create_index(
        "ix_job_parameters",
        "job",
        ["parameters"],
        postgresql_using="gin",
        postgresql_ops={"parameters": "jsonb_path_ops"},
        postgresql_where=sa.text("parameters IS NOT NULL"),
    )
    op.create_index(
        "ix_job_step_status",
        "job",
        ["step_status"],
        postgresql_where=sa.text("step_status IS NOT NULL"),
    )
    op.create_table(
        "job_feed",
        sa.Column("url", sa.Text(), nullable=False),
        _created(),
        sa.PrimaryKeyConstraint("url", name=op.f("pk_job_feed")),
    )
    op.create_table(
        "job_update",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("job_id", sa.BigInteger(), nullable=False),
        _created(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job_update")),
    )
    op.execute(
        "CREATE FUNCTION note_job_update() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " IF EXISTS (SELECT FROM job_feed) THEN"
        " INSERT INTO job_update (job_id) SELECT id FROM new_rows; END IF;"
        " RETURN NULL; END $$"
    )
    for operation in OPERATIONS:
        op.execute(
            f"CREATE TRIGGER note_{operation.lower()} AFTER {operation} ON job"
            " REFERENCING NEW TABLE AS new_rows"
            " FOR EACH STATEMENT EXECUTE FUNCTION note_job_update()"
        )


def _created() -> sa.Column[datetime]:
    now = sa.text("clock_timestamp()")
    return sa.Column("created", sa.DateTime(timezone=True), server_default=now, nullable=False)


def downgrade() -> None:
    """Take everything away again."""
    for operation in OPERATIONS:
        op.execute(f"DROP TRIGGER note_{operation.lower()} ON job")
    op.execute("DROP FUNCTION note_job_update()")
    op.drop_table("job_update")
    op.drop_table("job_feed")
    for index in ("ix_job_step_status", "ix_job_parameters", "ix_job_created"):
        op.drop_index(index, table_name="job")
    op.drop_column("job", "step_status")
