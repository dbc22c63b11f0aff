"""The document of a job (seed 000, "Gets the complete job information")."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from catalog.queries.work_rows import Work, WorkExecution
from plugins.rest.commands import command_text
from plugins.rest.mozart.specs import spec_id
from plugins.rest.mozart.submission import mozart_priority
from plugins.rest.states import words_of


def info_document(work: Work, job_url: str) -> dict[str, Any]:
    """Return everything about a job.

    Parameters
    ----------
    job_url
        Where a person sees the job.
    """
    uid = str(work.uid)
    is_duplicate = work.original_uid is not None
    return {
        "uuid": uid,
        "job_id": uid,
        "payload_id": uid,
        "payload_hash": work.payload_hash,
        "status": words_of(work.standing).mozart,
        "type": _kind(work),
        "tags": work.tags,
        "user_tags": work.user_tags,
        "dedup": is_duplicate,
        "dedup_job": str(work.original_uid) if is_duplicate else None,
        "dedup_msg": work.reason if is_duplicate else None,
        "context": _context(work),
        **_failure(work),
        "msg": work.reason,
        **dict.fromkeys(("msg_details", "signum", "celery_pid")),
        "celery_hostname": None if work.execution is None else work.execution.hostname,
        "celery_runtime": _seconds(work.started, work.ended),
        "resource": "job",
        "timestamp": _time(work.created),
        "@timestamp": _time(work.last_status_change),
        "job": _job(work, job_url),
    }


def _failure(work: Work) -> dict[str, str | None]:
    if work.error_name is None:
        return {"error": None, "short_error": None, "traceback": None}
    detail = None if work.execution is None else work.execution.detail
    return {"error": work.reason, "short_error": work.error_title, "traceback": detail}


def _job(work: Work, job_url: str) -> dict[str, Any]:
    uid, kind = str(work.uid), _kind(work)
    return {
        "name": work.name or kind,
        "job_id": uid,
        "task_id": uid,
        "type": kind,
        "priority": mozart_priority(work.priority),
        "tag": work.tags,
        "username": work.user_name,
        "job_hash": work.payload_hash,
        "params": (work.parameters or {}).get("params", work.properties),
        "command": command_text(work),
        "context": _context(work),
        "localize_urls": _localize_urls(work),
        "container_image_name": work.docker_image,
        "container_image_url": None,  # the engine fetches images by their names
        "delivery_info": {
            "exchange": "",
            "priority": mozart_priority(work.priority),
            "redelivered": work.num_exes > 1,
            "routing_key": work.pool,
        },
        "job_info": _job_info(work, job_url),
    }


def _job_info(work: Work, job_url: str) -> dict[str, Any]:
    uid = str(work.uid)
    return {
        "id": uid,
        "job_queue": work.pool,
        "time_queued": _time(work.queued or work.created),
        "time_start": _time(work.started),
        "time_end": _time(work.ended),
        "duration": _seconds(work.started, work.ended),
        "job_url": job_url,
        "payload_hash": work.payload_hash,
        "dedup": work.original_uid is not None,
        "dedup_job": None if work.original_uid is None else str(work.original_uid),
        "time_limit": work.timeout,
        "soft_time_limit": work.soft_timeout,
        "job_payload": {"job_type": _kind(work), "payload_task_id": uid},
        "facts": {},
        "metrics": _metrics(work),
        **_command_info(work.execution),
        **dict.fromkeys(("public_ip", "pid", "completed_queue", "error_queue")),
    }


def _metrics(work: Work) -> dict[str, Any]:
    fetched = (work.staging or {}).get("urls", ())
    return {
        "inputs_localized": [{"url": each["url"], "path": each["path"]} for each in fetched],
        "job_dir_size": None,
        "products_staged": products(work),
        "product_provenance": {},
    }


def _command_info(execution: WorkExecution | None) -> dict[str, Any]:
    names = ("cmd_start", "cmd_end", "cmd_duration", "execute_node", "host", "job_dir", "status")
    if execution is None:
        return dict.fromkeys(names)
    values = (
        _time(execution.job_started),
        _time(execution.job_completed),
        _seconds(execution.job_started, execution.job_completed),
        execution.hostname,
        execution.hostname,
        execution.environment.get("JOB_OUTPUT_DIR"),
        execution.job_exit_code,
    )
    return dict(zip(names, values, strict=True))


def _kind(work: Work) -> str:
    return spec_id(work.type_name, work.type_version)


def products(work: Work) -> list[dict[str, Any]]:
    """Return what a job made, one entry for each file."""
    return [
        {
            "id": each.file_name,
            "urls": [each.location],
            "browse_urls": [],
            "dataset": each.output_name,
            "dataset_type": each.media_type,
            "dataset_level": None,
            "disk_usage": each.file_size,
        }
        for each in work.files
    ]


def _context(work: Work) -> Mapping[str, Any]:
    found = (work.parameters or {}).get("context", work.properties)
    return found if isinstance(found, Mapping) else {"context": found}


def _localize_urls(work: Work) -> list[dict[str, str]]:
    return [{"url": each["url"]} for each in (work.staging or {}).get("urls", ())]


def _time(moment: datetime | None) -> str | None:
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _seconds(first: datetime | None, last: datetime | None) -> float | None:
    return None if first is None or last is None else (last - first).total_seconds()
