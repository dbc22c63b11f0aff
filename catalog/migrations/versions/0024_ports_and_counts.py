"""The ports of a set of jobs in one place, and an index that counts searches by status."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

COUNTED = ["job_type_id", "num_exes", "archived", "duplicate_of", "step_status"]


def upgrade() -> None:
    """Gather the ports; make the index anew."""
    op.add_column(
        "job_set",
        sa.Column(
            "ports",
            postgresql.ARRAY(sa.BigInteger()),
            server_default=sa.text("'{}'"),
            nullable=False,
        ),
    )
    op.execute(
        "UPDATE job_set SET ports = ARRAY(SELECT unnest(job.ports) FROM job JOIN job_set_task"
        " ON job_set_task.job_id = job.id WHERE job_set_task.job_set_id = job_set.id)"
    )
    op.drop_index("ix_job_status_id", "job")
    op.create_index("ix_job_status_id", "job", ["status", "id"], postgresql_include=COUNTED)


def downgrade() -> None:
    """Make the index that was there, and drop the column."""
    op.drop_index("ix_job_status_id", "job")
    op.create_index("ix_job_status_id", "job", ["status", "id"])
    op.drop_column("job_set", "ports")
