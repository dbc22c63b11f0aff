"""Every table of the first version."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create every table."""
    op.create_table(
        "configuration_file",
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column(
            "last_modified",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("path", name=op.f("pk_configuration_file")),
    )
    op.create_index(
        op.f("ix_configuration_file_last_modified"),
        "configuration_file",
        ["last_modified"],
        unique=False,
    )
    op.create_table(
        "dag_shard",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "created",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_dag_shard")),
    )
    op.create_table(
        "dag_snapshot",
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("shards", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "created",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_dag_snapshot")),
    )
    op.create_table(
        "definitions",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("snapshot_revision", sa.BigInteger(), nullable=False),
        sa.Column("snapshot_version", sa.Text(), nullable=True),
        sa.Column("is_held_back", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_definitions")),
    )
    op.create_table(
        "error",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column(
            "category",
            sa.Enum(
                "SYSTEM",
                "ALGORITHM",
                "DATA",
                name="category",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("is_builtin", sa.Boolean(), nullable=False),
        sa.Column(
            "created",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column(
            "last_modified",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_error")),
        sa.UniqueConstraint("name", name=op.f("uq_error_name")),
    )
    op.create_index(op.f("ix_error_last_modified"), "error", ["last_modified"], unique=False)
    op.create_table(
        "node",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("hostname", sa.Text(), nullable=False),
        sa.Column("port", sa.BigInteger(), nullable=False),
        sa.Column("pause_reason", sa.Text(), nullable=True),
        sa.Column("is_paused", sa.Boolean(), nullable=False),
        sa.Column("is_paused_errors", sa.Boolean(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("archived", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "created",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column("last_offer", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "last_modified",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_node")),
        sa.UniqueConstraint("hostname", name=op.f("uq_node_hostname")),
    )
    op.create_index(op.f("ix_node_last_modified"), "node", ["last_modified"], unique=False)
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("dag_id", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("revision_num", sa.BigInteger(), nullable=True),
        sa.Column("conf", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column(
            "not_before",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column(
            "created",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column("dispatched", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("run_id", name=op.f("uq_outbox_run_id")),
    )
    op.create_index(
        "ix_outbox_waiting",
        "outbox",
        ["not_before"],
        unique=False,
        postgresql_where=sa.text("dispatched IS NULL"),
    )
    op.create_table(
        "trigger_rule",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "type",
            sa.Enum(
                "INGEST",
                "PARSE",
                "CLOCK",
                "USER",
                "STRIKE_CREATED",
                name="type",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("configuration", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "created",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column("archived", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "last_modified",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trigger_rule")),
    )
    op.create_index(
        "ix_trigger_rule_active_type",
        "trigger_rule",
        ["type"],
        unique=False,
        postgresql_where=sa.text("is_active"),
    )
    op.create_index(
        op.f("ix_trigger_rule_last_modified"), "trigger_rule", ["last_modified"], unique=False
    )
    op.create_table(
        "workspace",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("base_url", sa.Text(), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("used_size", sa.BigInteger(), nullable=True),
        sa.Column("total_size", sa.BigInteger(), nullable=True),
        sa.Column("json_config", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "created",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column("archived", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "last_modified",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workspace")),
        sa.UniqueConstraint("name", name=op.f("uq_workspace_name")),
    )
    op.create_index(
        op.f("ix_workspace_last_modified"), "workspace", ["last_modified"], unique=False
    )
    op.create_table(
        "job_type",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("category", sa.Text(), nullable=True),
        sa.Column("author_name", sa.Text(), nullable=True),
        sa.Column("author_url", sa.Text(), nullable=True),
        sa.Column("icon_code", sa.Text(), nullable=True),
        sa.Column("is_system", sa.Boolean(), nullable=False),
        sa.Column("is_long_running", sa.Boolean(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("is_operational", sa.Boolean(), nullable=False),
        sa.Column("is_paused", sa.Boolean(), nullable=False),
        sa.Column("uses_docker", sa.Boolean(), nullable=False),
        sa.Column("docker_privileged", sa.Boolean(), nullable=False),
        sa.Column("docker_image", sa.Text(), nullable=True),
        sa.Column("interface", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("error_mapping", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("revision_num", sa.BigInteger(), nullable=False),
        sa.Column("priority", sa.BigInteger(), nullable=False),
        sa.Column("timeout", sa.BigInteger(), nullable=False),
        sa.Column("max_scheduled", sa.BigInteger(), nullable=True),
        sa.Column("max_tries", sa.BigInteger(), nullable=False),
        sa.Column("cpus_required", sa.Double(), nullable=False),
        sa.Column("mem_required", sa.Double(), nullable=False),
        sa.Column("disk_out_const_required", sa.Double(), nullable=False),
        sa.Column("disk_out_mult_required", sa.Double(), nullable=False),
        sa.Column("trigger_rule_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "created",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column("archived", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paused", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "last_modified",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["trigger_rule_id"],
            ["trigger_rule.id"],
            name=op.f("fk_job_type_trigger_rule_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job_type")),
        sa.UniqueConstraint("name", "version", name=op.f("uq_job_type_name_version")),
    )
    op.create_index(op.f("ix_job_type_last_modified"), "job_type", ["last_modified"], unique=False)
    op.create_table(
        "recipe_type",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("definition", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("revision_num", sa.BigInteger(), nullable=False),
        sa.Column("trigger_rule_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "created",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column("archived", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "last_modified",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["trigger_rule_id"],
            ["trigger_rule.id"],
            name=op.f("fk_recipe_type_trigger_rule_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recipe_type")),
        sa.UniqueConstraint("name", "version", name=op.f("uq_recipe_type_name_version")),
    )
    op.create_index(
        op.f("ix_recipe_type_last_modified"), "recipe_type", ["last_modified"], unique=False
    )
    op.create_table(
        "trigger_event",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "type",
            sa.Enum(
                "INGEST",
                "PARSE",
                "CLOCK",
                "USER",
                "STRIKE_CREATED",
                name="type",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("rule_id", sa.BigInteger(), nullable=True),
        sa.Column("description", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "occurred",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["rule_id"],
            ["trigger_rule.id"],
            name=op.f("fk_trigger_event_rule_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trigger_event")),
    )
    op.create_table(
        "trigger_group",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("rule_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("members", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("fired", sa.Text(), nullable=True),
        sa.Column(
            "created",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column(
            "last_modified",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["rule_id"],
            ["trigger_rule.id"],
            name=op.f("fk_trigger_group_rule_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trigger_group")),
        sa.UniqueConstraint("rule_id", "key", name=op.f("uq_trigger_group_rule_id_key")),
    )
    op.create_index(
        op.f("ix_trigger_group_last_modified"), "trigger_group", ["last_modified"], unique=False
    )
    op.create_table(
        "job_type_revision",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("job_type_id", sa.BigInteger(), nullable=False),
        sa.Column("revision_num", sa.BigInteger(), nullable=False),
        sa.Column("interface", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "created",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["job_type_id"],
            ["job_type.id"],
            name=op.f("fk_job_type_revision_job_type_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job_type_revision")),
        sa.UniqueConstraint(
            "job_type_id",
            "revision_num",
            name=op.f("uq_job_type_revision_job_type_id_revision_num"),
        ),
    )
    op.create_table(
        "recipe_type_revision",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("recipe_type_id", sa.BigInteger(), nullable=False),
        sa.Column("revision_num", sa.BigInteger(), nullable=False),
        sa.Column("definition", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "created",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["recipe_type_id"],
            ["recipe_type.id"],
            name=op.f("fk_recipe_type_revision_recipe_type_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recipe_type_revision")),
        sa.UniqueConstraint(
            "recipe_type_id",
            "revision_num",
            name=op.f("uq_recipe_type_revision_recipe_type_id_revision_num"),
        ),
    )
    op.create_table(
        "job",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("job_type_id", sa.BigInteger(), nullable=False),
        sa.Column("job_type_rev_id", sa.BigInteger(), nullable=False),
        sa.Column("event_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "PENDING",
                "BLOCKED",
                "QUEUED",
                "RUNNING",
                "FAILED",
                "COMPLETED",
                "CANCELED",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("error_id", sa.BigInteger(), nullable=True),
        sa.Column("priority", sa.BigInteger(), nullable=False),
        sa.Column("num_exes", sa.BigInteger(), nullable=False),
        sa.Column("timeout", sa.BigInteger(), nullable=False),
        sa.Column("max_tries", sa.BigInteger(), nullable=False),
        sa.Column("cpus_required", sa.Double(), nullable=False),
        sa.Column("mem_required", sa.Double(), nullable=False),
        sa.Column("disk_in_required", sa.Double(), nullable=False),
        sa.Column("disk_out_required", sa.Double(), nullable=False),
        sa.Column("data", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("results", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "created",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column("queued", sa.DateTime(timezone=True), nullable=True),
        sa.Column("started", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "last_status_change",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column(
            "last_modified",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["error_id"], ["error.id"], name=op.f("fk_job_error_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["trigger_event.id"], name=op.f("fk_job_event_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["job_type_id"], ["job_type.id"], name=op.f("fk_job_job_type_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["job_type_rev_id"],
            ["job_type_revision.id"],
            name=op.f("fk_job_job_type_rev_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
    )
    op.create_index(op.f("ix_job_job_type_id"), "job", ["job_type_id"], unique=False)
    op.create_index(op.f("ix_job_last_modified"), "job", ["last_modified"], unique=False)
    op.create_index(
        "ix_job_open",
        "job",
        ["last_status_change"],
        unique=False,
        postgresql_where=sa.text("status IN ('PENDING', 'BLOCKED', 'QUEUED', 'RUNNING')"),
    )
    op.create_index(op.f("ix_job_status"), "job", ["status"], unique=False)
    op.create_table(
        "recipe",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("recipe_type_id", sa.BigInteger(), nullable=False),
        sa.Column("recipe_type_rev_id", sa.BigInteger(), nullable=False),
        sa.Column("event_id", sa.BigInteger(), nullable=False),
        sa.Column("data", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "created",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column("completed", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "last_modified",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["trigger_event.id"], name=op.f("fk_recipe_event_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["recipe_type_id"],
            ["recipe_type.id"],
            name=op.f("fk_recipe_recipe_type_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["recipe_type_rev_id"],
            ["recipe_type_revision.id"],
            name=op.f("fk_recipe_recipe_type_rev_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recipe")),
    )
    op.create_index(op.f("ix_recipe_last_modified"), "recipe", ["last_modified"], unique=False)
    op.create_index(op.f("ix_recipe_recipe_type_id"), "recipe", ["recipe_type_id"], unique=False)
    op.create_table(
        "job_exe",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("job_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "QUEUED",
                "RUNNING",
                "FAILED",
                "COMPLETED",
                "CANCELED",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("error_id", sa.BigInteger(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.Column("node_id", sa.BigInteger(), nullable=True),
        sa.Column("command_arguments", sa.Text(), nullable=False),
        sa.Column("timeout", sa.BigInteger(), nullable=False),
        sa.Column("environment", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("cpus_scheduled", sa.Double(), nullable=True),
        sa.Column("mem_scheduled", sa.Double(), nullable=True),
        sa.Column("disk_in_scheduled", sa.Double(), nullable=True),
        sa.Column("disk_out_scheduled", sa.Double(), nullable=True),
        sa.Column("pre_started", sa.DateTime(timezone=True), nullable=True),
        sa.Column("pre_completed", sa.DateTime(timezone=True), nullable=True),
        sa.Column("pre_exit_code", sa.BigInteger(), nullable=True),
        sa.Column("job_started", sa.DateTime(timezone=True), nullable=True),
        sa.Column("job_completed", sa.DateTime(timezone=True), nullable=True),
        sa.Column("job_exit_code", sa.BigInteger(), nullable=True),
        sa.Column("post_started", sa.DateTime(timezone=True), nullable=True),
        sa.Column("post_completed", sa.DateTime(timezone=True), nullable=True),
        sa.Column("post_exit_code", sa.BigInteger(), nullable=True),
        sa.Column("results", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("results_manifest", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("stdout", sa.Text(), nullable=True),
        sa.Column("stderr", sa.Text(), nullable=True),
        sa.Column(
            "created",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column("queued", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "last_modified",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["error_id"], ["error.id"], name=op.f("fk_job_exe_error_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["job_id"], ["job.id"], name=op.f("fk_job_exe_job_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["node_id"], ["node.id"], name=op.f("fk_job_exe_node_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job_exe")),
    )
    op.create_index("ix_job_exe_job_id", "job_exe", ["job_id"], unique=False)
    op.create_index(op.f("ix_job_exe_last_modified"), "job_exe", ["last_modified"], unique=False)
    op.create_index(
        "uq_job_exe_open",
        "job_exe",
        ["job_id"],
        unique=True,
        postgresql_where=sa.text("status IN ('QUEUED', 'RUNNING')"),
    )
    op.create_table(
        "recipe_job",
        sa.Column("recipe_id", sa.BigInteger(), nullable=False),
        sa.Column("job_name", sa.Text(), nullable=False),
        sa.Column("job_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["job_id"], ["job.id"], name=op.f("fk_recipe_job_job_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["recipe_id"], ["recipe.id"], name=op.f("fk_recipe_job_recipe_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("recipe_id", "job_name", name=op.f("pk_recipe_job")),
        sa.UniqueConstraint("job_id", name=op.f("uq_recipe_job_job_id")),
    )
    op.create_table(
        "strike",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("configuration", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("job_id", sa.BigInteger(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column(
            "created",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column(
            "last_modified",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["job_id"], ["job.id"], name=op.f("fk_strike_job_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_strike")),
        sa.UniqueConstraint("name", name=op.f("uq_strike_name")),
    )
    op.create_index(op.f("ix_strike_last_modified"), "strike", ["last_modified"], unique=False)
    op.create_table(
        "scale_file",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "SOURCE",
                "PRODUCT",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("workspace_id", sa.BigInteger(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("file_path", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("file_size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("data_type", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("uuid", sa.Text(), nullable=False),
        sa.Column("is_deleted", sa.Boolean(), nullable=False),
        sa.Column("deleted", sa.DateTime(timezone=True), nullable=True),
        sa.Column("data_started", sa.DateTime(timezone=True), nullable=True),
        sa.Column("data_ended", sa.DateTime(timezone=True), nullable=True),
        sa.Column("geometry", sa.Text(), nullable=True),
        sa.Column("center_point", sa.Text(), nullable=True),
        sa.Column("meta_data", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("countries", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column(
            "created",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column(
            "last_modified",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column("is_parsed", sa.Boolean(), nullable=False),
        sa.Column("parsed", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_operational", sa.Boolean(), nullable=False),
        sa.Column("is_published", sa.Boolean(), nullable=False),
        sa.Column("published", sa.DateTime(timezone=True), nullable=True),
        sa.Column("unpublished", sa.DateTime(timezone=True), nullable=True),
        sa.Column("job_type_id", sa.BigInteger(), nullable=True),
        sa.Column("job_id", sa.BigInteger(), nullable=True),
        sa.Column("job_exe_id", sa.BigInteger(), nullable=True),
        sa.Column("output_name", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["job_exe_id"],
            ["job_exe.id"],
            name=op.f("fk_scale_file_job_exe_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["job_id"], ["job.id"], name=op.f("fk_scale_file_job_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["job_type_id"],
            ["job_type.id"],
            name=op.f("fk_scale_file_job_type_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspace.id"],
            name=op.f("fk_scale_file_workspace_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scale_file")),
        sa.UniqueConstraint(
            "workspace_id", "file_path", name=op.f("uq_scale_file_workspace_id_file_path")
        ),
    )
    op.create_index("ix_scale_file_job_exe", "scale_file", ["job_exe_id"], unique=False)
    op.create_index(
        "ix_scale_file_kind_modified", "scale_file", ["kind", "last_modified"], unique=False
    )
    op.create_index(
        op.f("ix_scale_file_last_modified"), "scale_file", ["last_modified"], unique=False
    )
    op.create_index("ix_scale_file_name", "scale_file", ["file_name", "sha256"], unique=False)
    op.create_index("ix_scale_file_uuid", "scale_file", ["uuid"], unique=False)
    op.create_table(
        "file_ancestry",
        sa.Column("descendant_id", sa.BigInteger(), nullable=False),
        sa.Column("ancestor_id", sa.BigInteger(), nullable=False),
        sa.Column("is_direct", sa.Boolean(), nullable=False),
        sa.Column("job_exe_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["ancestor_id"],
            ["scale_file.id"],
            name=op.f("fk_file_ancestry_ancestor_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["descendant_id"],
            ["scale_file.id"],
            name=op.f("fk_file_ancestry_descendant_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["job_exe_id"],
            ["job_exe.id"],
            name=op.f("fk_file_ancestry_job_exe_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("descendant_id", "ancestor_id", name=op.f("pk_file_ancestry")),
    )
    op.create_index("ix_file_ancestry_ancestor", "file_ancestry", ["ancestor_id"], unique=False)
    op.create_table(
        "ingest",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("strike_id", sa.BigInteger(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "TRANSFERRING",
                "TRANSFERRED",
                "QUEUED",
                "DEFERRED",
                "INGESTING",
                "INGESTED",
                "DUPLICATE",
                "ERRORED",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.Column("bytes_transferred", sa.BigInteger(), nullable=False),
        sa.Column("file_size", sa.BigInteger(), nullable=True),
        sa.Column("mtime_ns", sa.BigInteger(), nullable=True),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("data_type", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("workspace_id", sa.BigInteger(), nullable=True),
        sa.Column("transfer_path", sa.Text(), nullable=False),
        sa.Column("ingest_path", sa.Text(), nullable=True),
        sa.Column("file_path", sa.Text(), nullable=True),
        sa.Column("source_file_id", sa.BigInteger(), nullable=True),
        sa.Column("transfer_started", sa.DateTime(timezone=True), nullable=False),
        sa.Column("transfer_ended", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ingest_started", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ingest_ended", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "created",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column(
            "last_modified",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["source_file_id"],
            ["scale_file.id"],
            name=op.f("fk_ingest_source_file_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["strike_id"], ["strike.id"], name=op.f("fk_ingest_strike_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspace.id"],
            name=op.f("fk_ingest_workspace_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ingest")),
    )
    op.create_index(op.f("ix_ingest_last_modified"), "ingest", ["last_modified"], unique=False)
    op.create_index("ix_ingest_strike_status", "ingest", ["strike_id", "status"], unique=False)
    op.create_index(
        "ix_ingest_open",
        "ingest",
        ["strike_id"],
        unique=False,
        postgresql_where=sa.text(
            "status IN ('TRANSFERRING', 'TRANSFERRED', 'QUEUED', 'DEFERRED', 'INGESTING')"
        ),
    )
    op.create_index(
        "uq_ingest_waiting",
        "ingest",
        ["strike_id", "transfer_path"],
        unique=True,
        postgresql_where=sa.text("status IN ('TRANSFERRING', 'TRANSFERRED', 'QUEUED', 'DEFERRED')"),
    )
    op.create_index(
        "uq_ingest_place",
        "ingest",
        ["workspace_id", "file_path"],
        unique=True,
        postgresql_where=sa.text("file_path IS NOT NULL"),
    )


def downgrade() -> None:
    """Drop every table."""
    op.drop_index(
        "uq_ingest_place",
        table_name="ingest",
        postgresql_where=sa.text("file_path IS NOT NULL"),
    )
    op.drop_index(
        "uq_ingest_waiting",
        table_name="ingest",
        postgresql_where=sa.text("status IN ('TRANSFERRING', 'TRANSFERRED', 'QUEUED', 'DEFERRED')"),
    )
    op.drop_index(
        "ix_ingest_open",
        table_name="ingest",
        postgresql_where=sa.text(
            "status IN ('TRANSFERRING', 'TRANSFERRED', 'QUEUED', 'DEFERRED', 'INGESTING')"
        ),
    )
    op.drop_index("ix_ingest_strike_status", table_name="ingest")
    op.drop_index(op.f("ix_ingest_last_modified"), table_name="ingest")
    op.drop_table("ingest")
    op.drop_index("ix_file_ancestry_ancestor", table_name="file_ancestry")
    op.drop_table("file_ancestry")
    op.drop_index("ix_scale_file_uuid", table_name="scale_file")
    op.drop_index("ix_scale_file_name", table_name="scale_file")
    op.drop_index(op.f("ix_scale_file_last_modified"), table_name="scale_file")
    op.drop_index("ix_scale_file_kind_modified", table_name="scale_file")
    op.drop_index("ix_scale_file_job_exe", table_name="scale_file")
    op.drop_table("scale_file")
    op.drop_index(op.f("ix_strike_last_modified"), table_name="strike")
    op.drop_table("strike")
    op.drop_table("recipe_job")
    op.drop_index(
        "uq_job_exe_open",
        table_name="job_exe",
        postgresql_where=sa.text("status IN ('QUEUED', 'RUNNING')"),
    )
    op.drop_index(op.f("ix_job_exe_last_modified"), table_name="job_exe")
    op.drop_index("ix_job_exe_job_id", table_name="job_exe")
    op.drop_table("job_exe")
    op.drop_index(op.f("ix_recipe_recipe_type_id"), table_name="recipe")
    op.drop_index(op.f("ix_recipe_last_modified"), table_name="recipe")
    op.drop_table("recipe")
    op.drop_index(op.f("ix_job_status"), table_name="job")
    op.drop_index(
        "ix_job_open",
        table_name="job",
        postgresql_where=sa.text("status IN ('PENDING', 'BLOCKED', 'QUEUED', 'RUNNING')"),
    )
    op.drop_index(op.f("ix_job_last_modified"), table_name="job")
    op.drop_index(op.f("ix_job_job_type_id"), table_name="job")
    op.drop_table("job")
    op.drop_table("recipe_type_revision")
    op.drop_table("job_type_revision")
    op.drop_index(op.f("ix_trigger_group_last_modified"), table_name="trigger_group")
    op.drop_table("trigger_group")
    op.drop_table("trigger_event")
    op.drop_index(op.f("ix_recipe_type_last_modified"), table_name="recipe_type")
    op.drop_table("recipe_type")
    op.drop_index(op.f("ix_job_type_last_modified"), table_name="job_type")
    op.drop_table("job_type")
    op.drop_index(op.f("ix_workspace_last_modified"), table_name="workspace")
    op.drop_table("workspace")
    op.drop_index(op.f("ix_trigger_rule_last_modified"), table_name="trigger_rule")
    op.drop_index(
        "ix_trigger_rule_active_type",
        table_name="trigger_rule",
        postgresql_where=sa.text("is_active"),
    )
    op.drop_table("trigger_rule")
    op.drop_index(
        "ix_outbox_waiting", table_name="outbox", postgresql_where=sa.text("dispatched IS NULL")
    )
    op.drop_table("outbox")
    op.drop_index(op.f("ix_node_last_modified"), table_name="node")
    op.drop_table("node")
    op.drop_index(op.f("ix_error_last_modified"), table_name="error")
    op.drop_table("error")
    op.drop_table("definitions")
    op.drop_table("dag_snapshot")
    op.drop_table("dag_shard")
    op.drop_index(op.f("ix_configuration_file_last_modified"), table_name="configuration_file")
    op.drop_table("configuration_file")
