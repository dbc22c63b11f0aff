"""The rows every catalogue starts with: builtin errors, system job types, the definitions row."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# name, title, category, description (contract section 4, Errors and retry)
ERRORS = [
    ("unknown", "Unknown", "SYSTEM", "The error that caused the failure is unknown."),
    ("database", "Database", "SYSTEM", "The catalogue's database could not be used."),
    ("filesystem-io", "Filesystem I/O", "SYSTEM", "A file could not be read or written."),
    ("nfs", "NFS", "SYSTEM", "A network file system could not be used."),
    ("node-lost", "Node Lost", "SYSTEM", "The process or container vanished without an exit code."),
    ("timeout", "Timeout", "SYSTEM", "The job ran longer than its timeout and was stopped."),
    (
        "scheduler-lost",
        "Scheduler Lost",
        "SYSTEM",
        "Airflow ended the task without the job ending.",
    ),
    ("launch", "Launch", "SYSTEM", "The command of the job could not be started."),
    ("docker", "Docker", "SYSTEM", "The Docker engine could not be reached or refused the job."),
    ("kubernetes", "Kubernetes", "SYSTEM", "The cluster could not be reached or refused the job."),
    ("image-pull", "Image Pull", "SYSTEM", "The image of the job could not be had."),
    ("out-of-memory", "Out of Memory", "SYSTEM", "The job used more memory than it was given."),
    ("invalid-input", "Invalid Input", "DATA", "An input file is not what the job accepts."),
    (
        "invalid-results",
        "Invalid Results",
        "ALGORITHM",
        "The results manifest or an output file is not what the interface promises.",
    ),
]
STRIKE_INTERFACE = {
    "version": "1.0",
    "command": "strike",
    "command_arguments": "",
    "input_data": [],
    "output_data": [],
    "shared_resources": [],
}


def upgrade() -> None:
    """Insert the rows; a name that stands there already is left as it is."""
    connection = op.get_bind()
    for name, title, category, description in ERRORS:
        connection.execute(
            sa.text(
                "INSERT INTO error (name, title, category, description, is_builtin)"
                " VALUES (:name, :title, :category, :description, true)"
                " ON CONFLICT (name) DO NOTHING"
            ),
            {"name": name, "title": title, "category": category, "description": description},
        )
    job_type_id = connection.execute(
        sa.text(
            "INSERT INTO job_type (name, version, title, description, category, icon_code,"
            " is_system, is_long_running, is_active, is_operational, is_paused, uses_docker,"
            " docker_privileged, interface, error_mapping, revision_num, priority, timeout,"
            " max_tries, cpus_required, mem_required, disk_out_const_required,"
            " disk_out_mult_required)"
            " VALUES ('scale-strike', '1.0', 'Scale Strike',"
            " 'Monitors a directory for incoming files to ingest', 'system', 'f013',"
            " true, true, true, true, false, false, false, CAST(:interface AS jsonb),"
            ' CAST(\'{"version": "1.0", "exit_codes": {}}\' AS jsonb), 1, 5, 0, 0, 0.5, 64, 0, 0)'
            " RETURNING id"
        ),
        {"interface": json.dumps(STRIKE_INTERFACE)},
    ).scalar_one()
    connection.execute(
        sa.text(
            "INSERT INTO job_type_revision (job_type_id, revision_num, interface)"
            " VALUES (:id, 1, CAST(:interface AS jsonb))"
        ),
        {"id": job_type_id, "interface": json.dumps(STRIKE_INTERFACE)},
    )
    connection.execute(
        sa.text(
            "INSERT INTO definitions (id, revision, snapshot_revision, is_held_back)"
            " VALUES (1, 1, 0, false)"
        )
    )


def downgrade() -> None:
    """Remove the rows."""
    op.execute("DELETE FROM definitions")
    op.execute(
        "DELETE FROM job_type_revision"
        " WHERE job_type_id IN (SELECT id FROM job_type WHERE is_system)"
    )
    op.execute("DELETE FROM job_type WHERE is_system")
    op.execute("DELETE FROM error WHERE is_builtin")
