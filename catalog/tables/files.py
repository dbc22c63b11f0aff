"""Files in workspaces: sources from outside, products of jobs, and the ancestry between them."""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import Index, PrimaryKeyConstraint, Text, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from catalog.states import FileKind, IngestStatus, ScanStatus
from catalog.tables.base import (
    Base,
    Created,
    Id,
    LastModified,
    ListedLastModified,
    closed,
    reference,
)

_IS_PRODUCT: Final = text("kind = 'PRODUCT'")


class ScaleFile(Base):
    """A file in a workspace (seed 001, Source File and Product Services share one id space).

    Paths are in the order of their characters, so that what lies below a directory is together.
    ``west`` and the others are the bounds of the geometry in degrees.
    """

    __tablename__ = "scale_file"
    __table_args__ = (
        UniqueConstraint("workspace_id", "file_path"),
        Index("ix_scale_file_name", "file_name", "sha256"),
        Index("ix_scale_file_uuid", "uuid"),
        Index("ix_scale_file_job_exe", "job_exe_id"),
        Index("ix_scale_file_kind_modified", "kind", "last_modified", "id"),
        Index(
            "ix_scale_file_job_type_id",
            "job_type_id",
            "last_modified",
            "id",
            postgresql_where=text("kind = 'PRODUCT'"),
        ),
        Index(
            "ix_scale_file_unpublished",
            "last_modified",
            "id",
            postgresql_include=["uuid", "job_type_id", "is_operational"],
            postgresql_where=text(
                "kind = 'PRODUCT' AND published IS NOT NULL AND NOT is_published"
            ),
        ),
        Index("ix_scale_file_published", "uuid", "id", postgresql_where=text("is_published")),
        Index("ix_scale_file_product", "id", postgresql_where=_IS_PRODUCT),
        Index("ix_scale_file_product_type", "job_type_id", "id", postgresql_where=_IS_PRODUCT),
        Index("ix_scale_file_product_job", "job_id", postgresql_where=_IS_PRODUCT),
        Index("ix_scale_file_product_media_type", "media_type", "id", postgresql_where=_IS_PRODUCT),
        Index("ix_scale_file_product_data_started", "data_started", postgresql_where=_IS_PRODUCT),
        Index(
            "ix_scale_file_product_name",
            "file_name",
            postgresql_where=_IS_PRODUCT,
            postgresql_ops={"file_name": "text_pattern_ops"},
        ),
        Index(
            "ix_scale_file_bounds",
            text("box(point(east, north), point(west, south))"),
            postgresql_using="gist",
            postgresql_where=text("west IS NOT NULL"),
        ),
        Index(
            "ix_scale_file_data_started",
            "data_started",
            "id",
            postgresql_where=text("kind = 'SOURCE'"),
        ),
    )

    id: Mapped[Id]
    kind: Mapped[FileKind] = mapped_column(closed(FileKind, "kind"))
    workspace_id: Mapped[int] = mapped_column(reference("workspace.id"))
    file_name: Mapped[str]
    file_path: Mapped[str] = mapped_column(Text(collation="C"))
    media_type: Mapped[str]
    file_size: Mapped[int]
    sha256: Mapped[str]
    data_type: Mapped[list[str]]
    uuid: Mapped[str]
    is_deleted: Mapped[bool] = mapped_column(default=False)
    deleted: Mapped[datetime | None]
    data_started: Mapped[datetime | None]
    data_ended: Mapped[datetime | None]
    geometry: Mapped[str | None]
    center_point: Mapped[str | None]
    west: Mapped[float | None]
    south: Mapped[float | None]
    east: Mapped[float | None]
    north: Mapped[float | None]
    meta_data: Mapped[dict[str, Any]]
    countries: Mapped[list[str]]
    created: Mapped[Created]
    last_modified: Mapped[LastModified]

    is_parsed: Mapped[bool] = mapped_column(default=False)
    parsed: Mapped[datetime | None]

    is_operational: Mapped[bool] = mapped_column(default=True)
    is_published: Mapped[bool] = mapped_column(default=False)
    published: Mapped[datetime | None]
    unpublished: Mapped[datetime | None]
    job_type_id: Mapped[int | None] = mapped_column(reference("job_type.id"))
    job_id: Mapped[int | None] = mapped_column(reference("job.id"))
    job_exe_id: Mapped[int | None] = mapped_column(reference("job_exe.id"))
    output_name: Mapped[str | None]


class Preview(Base):
    """A small picture of a file's content, or why there is none."""

    __tablename__ = "preview"

    file_id: Mapped[int] = mapped_column(reference("scale_file.id"), primary_key=True)
    png: Mapped[bytes | None]
    width: Mapped[int | None]
    height: Mapped[int | None]
    problem: Mapped[str | None]


class FileMove(Base):
    """A source that is to have another path of its workspace (seed 001, new_workspace_path).

    ``moved`` is when it had; the row goes with the old copy, when no job reads that any more.
    ``new_path`` is reserved from the moment it is written.
    """

    __tablename__ = "file_move"
    __table_args__ = (
        Index(
            "uq_file_move_place",
            "workspace_id",
            "new_path",
            unique=True,
            postgresql_where=text("new_path IS NOT NULL"),
        ),
        Index("ix_file_move_due", "not_before"),
    )

    id: Mapped[Id]
    file_id: Mapped[int] = mapped_column(reference("scale_file.id"), index=True)
    workspace_id: Mapped[int] = mapped_column(reference("workspace.id"))
    directory: Mapped[str]
    old_path: Mapped[str | None]
    new_path: Mapped[str | None]
    moved: Mapped[datetime | None]
    problem: Mapped[str | None]
    attempts: Mapped[int] = mapped_column(default=0)
    not_before: Mapped[Created]
    created: Mapped[Created]


class Scan(Base):
    """Files to be ingested once: a dry run first, then for good; counts are of the last run."""

    __tablename__ = "scan"

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str | None]
    description: Mapped[str | None]
    configuration: Mapped[dict[str, Any]]
    status: Mapped[ScanStatus] = mapped_column(closed(ScanStatus, "status"))
    is_dry_run: Mapped[bool] = mapped_column(default=True)
    runs: Mapped[int] = mapped_column(default=0)
    found: Mapped[int] = mapped_column(default=0)
    passed_over: Mapped[int] = mapped_column(default=0)
    known: Mapped[int] = mapped_column(default=0)
    registered: Mapped[int] = mapped_column(default=0)
    errored: Mapped[int] = mapped_column(default=0)
    problem: Mapped[str | None]
    started: Mapped[datetime | None]
    ended: Mapped[datetime | None]
    created: Mapped[Created]
    last_modified: Mapped[LastModified]


class FileAncestry(Base):
    """``ancestor_id`` took part in making ``descendant_id``, directly or through others."""

    __tablename__ = "file_ancestry"
    __table_args__ = (
        PrimaryKeyConstraint("descendant_id", "ancestor_id"),
        Index("ix_file_ancestry_ancestor", "ancestor_id"),
    )

    descendant_id: Mapped[int] = mapped_column(reference("scale_file.id"))
    ancestor_id: Mapped[int] = mapped_column(reference("scale_file.id"))
    is_direct: Mapped[bool]
    job_exe_id: Mapped[int] = mapped_column(reference("job_exe.id"))


class Strike(Base):
    """A process that watches one ingest directory (seed 001, Strike Services)."""

    __tablename__ = "strike"

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str | None]
    description: Mapped[str | None]
    configuration: Mapped[dict[str, Any]]
    job_id: Mapped[int] = mapped_column(reference("job.id"))
    is_active: Mapped[bool] = mapped_column(default=True)
    is_paused: Mapped[bool] = mapped_column(default=False, server_default=false())
    pause_reason: Mapped[str | None]
    problem: Mapped[str | None]
    created: Mapped[Created]
    last_modified: Mapped[LastModified]


class Ingest(Base):
    """One generation of a file seen by a Strike process: path, size and mtime say which.

    Where the process has checksums, `sha256` does, too; it was read when `change_mark` said which
    inode and ctime the file had.

    A path of the ingest directory has at most one generation that was not taken yet. A path of a
    workspace belongs to one ingest for ever, so that two never write one file.
    """

    __tablename__ = "ingest"
    __table_args__ = (
        Index(
            "uq_ingest_waiting",
            "strike_id",
            "transfer_path",
            unique=True,
            postgresql_where=text(
                "status IN ('TRANSFERRING', 'TRANSFERRED', 'QUEUED', 'DEFERRED')"
            ),
        ),
        Index(
            "uq_ingest_place",
            "workspace_id",
            "file_path",
            unique=True,
            postgresql_where=text("file_path IS NOT NULL"),
        ),
        Index("ix_ingest_strike_status", "strike_id", "status"),
        Index(
            "ix_ingest_last_modified",
            "last_modified",
            "id",
            postgresql_include=["strike_id", "status"],
        ),
        Index("ix_ingest_status", "status", "last_modified", "id"),
        Index("ix_ingest_strike_id", "strike_id", "last_modified", "id"),
        Index("ix_ingest_day", text("COALESCE(ingest_ended, transfer_ended, transfer_started)")),
        Index(
            "ix_ingest_ended",
            "strike_id",
            "ingest_ended",
            postgresql_include=["file_size"],
            postgresql_where=text("status = 'INGESTED'"),
        ),
        Index(
            "ix_ingest_source_file",
            "source_file_id",
            postgresql_include=["strike_id", "file_size"],
            postgresql_where=text("status = 'INGESTED'"),
        ),
        Index(
            "ix_ingest_open",
            "strike_id",
            postgresql_where=text(
                "status IN ('TRANSFERRING', 'TRANSFERRED', 'QUEUED', 'DEFERRED', 'INGESTING')"
            ),
        ),
    )

    id: Mapped[Id]
    strike_id: Mapped[int] = mapped_column(reference("strike.id"))
    file_name: Mapped[str]
    status: Mapped[IngestStatus] = mapped_column(closed(IngestStatus, "status"))
    detail: Mapped[str | None]
    bytes_transferred: Mapped[int] = mapped_column(default=0)
    file_size: Mapped[int | None]
    mtime_ns: Mapped[int | None]
    sha256: Mapped[str | None]
    change_mark: Mapped[str | None]
    media_type: Mapped[str]
    data_type: Mapped[list[str]]
    workspace_id: Mapped[int | None] = mapped_column(reference("workspace.id"))
    transfer_path: Mapped[str]
    ingest_path: Mapped[str | None]
    file_path: Mapped[str | None]
    source_file_id: Mapped[int | None] = mapped_column(reference("scale_file.id"))
    transfer_started: Mapped[datetime]
    transfer_ended: Mapped[datetime | None]
    ingest_started: Mapped[datetime | None]
    ingest_ended: Mapped[datetime | None]
    created: Mapped[Created]
    last_modified: Mapped[ListedLastModified]
