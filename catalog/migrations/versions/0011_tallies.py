"""Tallies: exact counts of long lists without counting, and indexes that lists are read along."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

# table: what is tallied, type, status and place of a row, and which rows
TALLIED = {
    "job": ("'job'", "job_type_id", "status", "0", "true"),
    # Days have no place, or there would be as many tallies as executions.
    "job_exe": (
        "'job_exe'",
        "job_type_id",
        "status",
        "CASE day WHEN '-infinity' THEN coalesce(node_id, 0) ELSE 0 END",
        "true",
    ),
    "recipe": ("'recipe'", "recipe_type_id", "''", "0", "true"),
    "ingest": ("'ingest'", "0", "status", "coalesce(strike_id, 0)", "true"),
    "scale_file": (
        "lower(kind)",
        "coalesce(job_type_id, 0)",
        "CASE kind WHEN 'SOURCE' THEN is_parsed ELSE is_operational END::text",
        "0",
        "kind = 'SOURCE' OR published IS NOT NULL",
    ),
}
TRANSITIONS = {
    "INSERT": "REFERENCING NEW TABLE AS new_rows",
    "UPDATE": "REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows",
    "DELETE": "REFERENCING OLD TABLE AS old_rows",
}
# table, index, columns, columns it holds besides, which rows
INDEXES = (
    ("job", "ix_job_last_modified", ("last_modified", "id"), ("job_type_id", "status"), None),
    ("job", "ix_job_status", ("status", "last_modified", "id"), (), None),
    ("job", "ix_job_job_type_id", ("job_type_id", "last_modified", "id"), (), None),
    (
        "job_exe",
        "ix_job_exe_last_modified",
        ("last_modified", "id"),
        ("job_type_id", "status"),
        None,
    ),
    ("job_exe", "ix_job_exe_status", ("status", "last_modified", "id"), (), None),
    ("job_exe", "ix_job_exe_job_type_id", ("job_type_id", "last_modified", "id"), (), None),
    ("job_exe", "ix_job_exe_node_id", ("node_id", "last_modified", "id"), (), None),
    ("recipe", "ix_recipe_last_modified", ("last_modified", "id"), ("recipe_type_id",), None),
    ("recipe", "ix_recipe_recipe_type_id", ("recipe_type_id", "last_modified", "id"), (), None),
    ("ingest", "ix_ingest_last_modified", ("last_modified", "id"), ("strike_id", "status"), None),
    ("ingest", "ix_ingest_status", ("status", "last_modified", "id"), (), None),
    ("ingest", "ix_ingest_strike_id", ("strike_id", "last_modified", "id"), (), None),
    ("scale_file", "ix_scale_file_kind_modified", ("kind", "last_modified", "id"), (), None),
    (
        "scale_file",
        "ix_scale_file_job_type_id",
        ("job_type_id", "last_modified", "id"),
        (),
        "kind = 'PRODUCT'",
    ),
    (
        "scale_file",
        "ix_scale_file_unpublished",
        ("last_modified", "id"),
        ("uuid", "job_type_id", "is_operational"),
        "kind = 'PRODUCT' AND published IS NOT NULL AND NOT is_published",
    ),
    ("scale_file", "ix_scale_file_published", ("uuid", "id"), (), "is_published"),
    (
        "job",
        "ix_job_failed",
        ("error_id", "job_type_id", "last_status_change"),
        (),
        "status = 'FAILED'",
    ),
    ("job", "ix_job_queued", ("job_type_id", "priority", "queued"), (), "status = 'QUEUED'"),
)
FORMER_INDEXES = (
    ("job", "ix_job_last_modified", ("last_modified",)),
    ("job", "ix_job_status", ("status",)),
    ("job", "ix_job_job_type_id", ("job_type_id",)),
    ("job_exe", "ix_job_exe_last_modified", ("last_modified",)),
    ("recipe", "ix_recipe_last_modified", ("last_modified",)),
    ("recipe", "ix_recipe_recipe_type_id", ("recipe_type_id",)),
    ("ingest", "ix_ingest_last_modified", ("last_modified",)),
    ("scale_file", "ix_scale_file_kind_modified", ("kind", "last_modified")),
)


def upgrade() -> None:
    """Give executions their job type; make the indexes, the tallies, and what keeps them."""
    op.add_column("job_exe", sa.Column("job_type_id", sa.BigInteger(), nullable=True))
    op.execute("UPDATE job_exe SET job_type_id = job.job_type_id FROM job WHERE job.id = job_id")
    op.alter_column("job_exe", "job_type_id", nullable=False)
    op.create_foreign_key(
        op.f("fk_job_exe_job_type_id"),
        "job_exe",
        "job_type",
        ["job_type_id"],
        ["id"],
        ondelete="RESTRICT",
    )
    for table, name, _ in FORMER_INDEXES:
        op.drop_index(name, table_name=table)
    for table, name, columns, held, where in INDEXES:
        op.create_index(
            name,
            table,
            list(columns),
            postgresql_include=list(held) or None,
            postgresql_where=sa.text(where) if where else None,
        )
    op.create_table(
        "tally",
        sa.Column("noun", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("type_id", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("place_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
    )
    op.create_index("ix_tally_noun_day", "tally", ["noun", "day"])
    for table in TALLIED:
        _keep(table)


def _keep(table: str) -> None:
    """Add the triggers, which lock the table against writers, and then tally what there is."""
    new, old = _rows(table, "new_rows", 1), _rows(table, "old_rows", -1)
    op.execute(
        f"CREATE FUNCTION tally_{table}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        f" IF TG_OP = 'INSERT' THEN {_summed(new)};"
        f" ELSIF TG_OP = 'DELETE' THEN {_summed(old)};"
        f" ELSIF TG_OP = 'TRUNCATE' THEN {_emptied(table)};"
        f" ELSE {_summed(f'{new} UNION ALL {old}')}; END IF;"
        " RETURN NULL; END $$"
    )
    for operation, rows in {**TRANSITIONS, "TRUNCATE": ""}.items():
        op.execute(
            f"CREATE TRIGGER tally_{operation.lower()} AFTER {operation} ON {table} {rows}"
            f" FOR EACH STATEMENT EXECUTE FUNCTION tally_{table}()"
        )
    op.execute(_summed(_rows(table, table, 1)))


def _rows(table: str, source: str, sign: int) -> str:
    noun, of_type, status, place, which = TALLIED[table]
    return (
        f"SELECT {noun} AS noun, day, {of_type} AS type_id, {status} AS status,"  # noqa: S608 - all of it is ours
        f" {place} AS place_id, {sign} AS number FROM {source}"
        " CROSS JOIN LATERAL (VALUES (date '-infinity'),"
        " ((last_modified AT TIME ZONE 'UTC')::date)) AS days (day)"
        f" WHERE {which}"
    )


def _summed(rows: str) -> str:
    columns = "noun, day, type_id, status, place_id"
    summed = f"SELECT {columns}, sum(number) FROM ({rows}) AS changed GROUP BY {columns}"  # noqa: S608 - all of it is ours
    return f"INSERT INTO tally ({columns}, number) {summed} HAVING sum(number) <> 0"


def _emptied(table: str) -> str:
    nouns = "'source', 'product'" if table == "scale_file" else f"'{table}'"
    return f"DELETE FROM tally WHERE noun IN ({nouns})"  # noqa: S608 - all of it is ours


def downgrade() -> None:
    """Remove what was added, and bring the former indexes back."""
    for table in TALLIED:
        op.execute(f"DROP FUNCTION tally_{table}() CASCADE")
    op.drop_table("tally")
    for table, name, *_ in INDEXES:
        op.drop_index(name, table_name=table)
    for table, name, columns in FORMER_INDEXES:
        op.create_index(name, table, list(columns))
    op.drop_column("job_exe", "job_type_id")
