"""Looking through products: their bounds, previews, paths in order, and usage of workspaces."""

import sqlalchemy as sa
from alembic import op
from shapely import from_wkt

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

IS_PRODUCT = sa.text("kind = 'PRODUCT'")
BOUNDS = ("west", "south", "east", "north")
BATCH = 1000


def upgrade() -> None:
    """Make the tables, and fill the bounds of files that have a geometry."""
    op.execute('ALTER TABLE scale_file ALTER COLUMN file_path TYPE text COLLATE "C"')
    for name in BOUNDS:
        op.add_column("scale_file", sa.Column(name, sa.Double(), nullable=True))
    _fill_bounds()
    _make_indexes()
    _make_tables()


def _make_indexes() -> None:
    for name, columns in (
        ("product", ["id"]),
        ("product_type", ["job_type_id", "id"]),
        ("product_job", ["job_id"]),
        ("product_media_type", ["media_type", "id"]),
        ("product_data_started", ["data_started"]),
    ):
        op.create_index(f"ix_scale_file_{name}", "scale_file", columns, postgresql_where=IS_PRODUCT)
    op.create_index(
        "ix_scale_file_product_name",
        "scale_file",
        ["file_name"],
        postgresql_where=IS_PRODUCT,
        postgresql_ops={"file_name": "text_pattern_ops"},
    )
    op.create_index(
        "ix_scale_file_bounds",
        "scale_file",
        [sa.text("box(point(east, north), point(west, south))")],
        postgresql_using="gist",
        postgresql_where=sa.text("west IS NOT NULL"),
    )


def _make_tables() -> None:
    op.create_table(
        "preview",
        sa.Column("file_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("png", sa.LargeBinary(), nullable=True),
        sa.Column("width", sa.BigInteger(), nullable=True),
        sa.Column("height", sa.BigInteger(), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["file_id"], ["scale_file.id"], name=op.f("fk_preview_file_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("file_id", name=op.f("pk_preview")),
    )
    op.create_table(
        "workspace_usage",
        sa.Column("workspace_id", sa.BigInteger(), nullable=False),
        sa.Column("measured", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_size", sa.BigInteger(), nullable=False),
        sa.Column("total_size", sa.BigInteger(), nullable=False),
        sa.Column("free_size", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspace.id"],
            name=op.f("fk_workspace_usage_workspace_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "measured", name=op.f("pk_workspace_usage")),
    )


def _fill_bounds() -> None:
    """Fill what is to be filled, a batch at a time in the order of the ids."""
    connection = op.get_bind()
    last = 0
    while rows := connection.execute(
        sa.text(
            "SELECT id, geometry FROM scale_file WHERE id > :last AND geometry IS NOT NULL"
            " ORDER BY id LIMIT :batch"
        ),
        {"last": last, "batch": BATCH},
    ).all():
        values = [
            {"id": row.id, **dict(zip(BOUNDS, from_wkt(row.geometry).bounds, strict=True))}
            for row in rows
        ]
        connection.execute(
            sa.text(
                "UPDATE scale_file SET west = :west, south = :south, east = :east, north = :north"
                " WHERE id = :id"
            ),
            values,
        )
        last = rows[-1].id


def downgrade() -> None:
    """Remove them."""
    op.drop_table("workspace_usage")
    op.drop_table("preview")
    for name in (
        "bounds", "product_name", "product_data_started", "product_media_type", "product_job",
        "product_type", "product",
    ):  # fmt: skip
        op.drop_index(f"ix_scale_file_{name}", "scale_file")
    for name in BOUNDS:
        op.drop_column("scale_file", name)
    op.execute('ALTER TABLE scale_file ALTER COLUMN file_path TYPE text COLLATE "default"')
