"""Jobs as the REST server writes them; times in milliseconds since 1970 (seed 004, GET jobs)."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from catalog import dag_names
from catalog.job_states import ENDED, JobState
from catalog.queries.job_sets import JobSetRow, TaskRow
from catalog.queries.work_rows import Work
from catalog.records.submissions import DEFAULT_POOL
from catalog.states import JobSetOutcome
from plugins.rest.pai.environment import host, ports_of
from plugins.rest.states import WORDS

STOPPED_CODE: Final = 214
GONE: Final = "JOB_NOT_FOUND"
_STATES: Final = {
    JobSetOutcome.SUCCEEDED: JobState.SUCCEEDED,
    JobSetOutcome.FAILED: JobState.FAILED,
    JobSetOutcome.STOPPED: JobState.CANCELED,
}
_SUB_STATES: Final = {"WAITING": "FRAMEWORK_WAITING", "RUNNING": "APPLICATION_RUNNING"}
_EXIT_TYPES: Final = {"SUCCEEDED": "SUCCEEDED", "FAILED": "UNKNOWN", "STOPPED": "NON_TRANSIENT"}
_ROLE: Final = "main"
Address = Callable[[str], str]
"""Makes the absolute URL of a path of the server."""


@dataclass(frozen=True, slots=True)
class Summary:
    """A job in a list: a set of jobs, or a job that was submitted in another dialect."""

    name: str
    username: str
    state: JobState
    retries: int
    created: datetime
    ended: datetime | None
    exit_code: int | None
    pool: str

    def to_json(self) -> dict[str, Any]:
        """Return it as it stands in the list."""
        word = word_of(self.state)
        return {
            "name": self.name,
            "username": self.username,
            "state": word,
            "subState": _SUB_STATES.get(word, "FRAMEWORK_COMPLETED"),
            "executionType": "STOP" if word == "STOPPED" else "START",
            "retries": self.retries,
            "createdTime": milliseconds(self.created),
            "completedTime": milliseconds(self.ended),
            "appExitCode": self.exit_code,
            "virtualCluster": self.pool,
        }


def word_of(state: JobState) -> str:
    """Return what the REST server calls a state."""
    return WORDS[state].pai


def of_set(row: JobSetRow) -> Summary:
    """Return a set of jobs as a job."""
    begun = JobState.RUNNING if row.has_begun else JobState.QUEUED
    return Summary(
        name=row.name,
        username=row.user_name,
        state=begun if row.outcome is None else _STATES[row.outcome],
        retries=row.retries,
        created=row.created,
        ended=row.ended,
        exit_code=row.exit_code,
        pool=row.pool,
    )


def of_work(work: Work) -> Summary:
    """Return a job of another dialect; it has its id for a name."""
    state = work.standing.state
    return Summary(
        name=work.uid.hex,
        username=work.user_name or "",
        state=state,
        retries=max(work.num_exes - 1, 0),
        created=work.created,
        ended=work.ended,
        exit_code=_exit_code(word_of(state), work),
        pool=work.pool or DEFAULT_POOL,
    )


def set_detail(row: JobSetRow, tasks: Sequence[TaskRow], address: Address) -> dict[str, Any]:
    """Return a set of jobs with its tasks."""
    ended = sum(each.state in ENDED for each in tasks)
    status = _job_status(
        of_set(row),
        app_id=str(row.uid),
        progress=ended / len(tasks) if tasks else 0.0,
        tracking=_tracking(tasks[0], address) if tasks else "",
        launched=min((each.started for each in tasks if each.started), default=None),
        diagnostics=row.reason,
    )
    roles: dict[str, Any] = {}
    for each in tasks:
        role = roles.setdefault(each.role, _role(each.role))
        role["taskStatuses"].append(
            {
                "taskIndex": each.index,
                "taskState": word_of(each.state),
                **_container(each.job_exe_id, each.hostname, address),
                "containerPorts": ports_of(each.parameters),
                "containerGpus": each.gpus,
                "containerExitCode": each.exit_code,
                "containerExitDiagnostics": each.reason,
            }
        )
    return _nested(status, roles)


def work_detail(work: Work, address: Address) -> dict[str, Any]:
    """Return a job of another dialect as a job with one task."""
    execution = work.execution
    status = _job_status(
        of_work(work),
        app_id=str(work.uid),
        progress=float(work.standing.state in ENDED),
        tracking=_tracking(work, address),
        launched=work.started,
        diagnostics=work.reason,
    )
    role = _role(_ROLE)
    role["taskStatuses"].append(
        {
            "taskIndex": 0,
            "taskState": status["state"],
            **(
                _container(None, None, address)
                if execution is None
                else _container(execution.id, execution.hostname, address)
            ),
            "containerPorts": {},
            "containerGpus": 0,
            "containerExitCode": None if execution is None else execution.job_exit_code,
            "containerExitDiagnostics": work.reason,
        }
    )
    return _nested(status, {_ROLE: role})


def work_config(work: Work) -> dict[str, Any]:
    """Return a job of another dialect as the configuration of a job with one task."""
    return {
        "jobName": work.uid.hex,
        "image": work.docker_image or "",
        "virtualCluster": work.pool or DEFAULT_POOL,
        "taskRoles": [
            {
                "name": _ROLE,
                "taskNumber": 1,
                "command": work.properties.get("command") or work.interface.get("command", ""),
            }
        ],
    }


def newest_first(summaries: Iterable[Summary]) -> list[Summary]:
    """Return jobs in the order of a list."""
    return sorted(summaries, key=lambda each: each.created, reverse=True)


def milliseconds(time: datetime | None) -> int | None:
    """Return a time in milliseconds since 1970."""
    return None if time is None else int(time.timestamp() * 1000)


def _job_status(
    summary: Summary,
    *,
    app_id: str,
    progress: float,
    tracking: str,
    launched: datetime | None,
    diagnostics: str | None,
) -> dict[str, Any]:
    listed = summary.to_json()
    return {
        **{name: listed[name] for name in listed if name not in ("appExitCode", "virtualCluster")},
        "appId": app_id,
        "appProgress": progress,
        "appTrackingUrl": tracking,
        "appLaunchedTime": milliseconds(launched),
        "appCompletedTime": listed["completedTime"],
        "appExitCode": summary.exit_code,
        "appExitDiagnostics": diagnostics,
        "appExitType": _EXIT_TYPES.get(listed["state"]),
        "virtualCluster": summary.pool,
    }


def _nested(status: dict[str, Any], roles: dict[str, Any]) -> dict[str, Any]:
    """Return the nested object, with the flat keys of the seed beside it."""
    return {**status, "jobStatus": status, "taskRoles": roles}


def _role(name: str) -> dict[str, Any]:
    return {"taskRoleStatus": {"name": name}, "taskStatuses": []}


def _container(job_exe_id: int | None, hostname: str | None, address: Address) -> dict[str, Any]:
    if job_exe_id is None:
        return {"containerId": None, "containerIp": None, "containerLog": None}
    return {
        "containerId": f"airscale-exe-{job_exe_id}",
        "containerIp": None if hostname is None else host(),
        "containerLog": address(f"/scale/api/job-executions/{job_exe_id}/logs/"),
    }


def _tracking(job: TaskRow | Work, address: Address) -> str:
    return address(f"/dags/{dag_names.job_dag_id(job.type_name, job.type_version)}/runs")


def _exit_code(word: str, work: Work) -> int | None:
    match word:
        case "SUCCEEDED":
            return 0
        case "STOPPED":
            return STOPPED_CODE
        case "FAILED":
            return None if work.execution is None else work.execution.job_exit_code
        case _:
            return None
