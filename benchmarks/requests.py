"""The lists that are measured; a dialect adds its own by adding to `requests_of`."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import urlencode

from benchmarks.seed.catalogue import DAYS, FIRST_JOB_TYPE

FIRST_PAGE_MS: Final = 60.0
DEEP_PAGE_MS: Final = 200.0
DEEP_PAGE: Final = 9000


@dataclass(frozen=True, slots=True)
class ListRequest:
    """One address that is measured.

    Parameters
    ----------
    group
        What it belongs to in the report, such as a dialect.
    path
        Of the list, from the root of the server.
    query
        Parameters, in order.
    bar_ms
        What the 95th percentile should stay under, in milliseconds; None for what is only
        compared with.
    compare_with
        Path of the list of Airflow's own that shows the same, if one does.
    """

    group: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    bar_ms: float | None = FIRST_PAGE_MS
    compare_with: str | None = None

    @classmethod
    def parse(cls, group: str, target: str, bar_ms: float | None) -> "ListRequest":
        """Return the request of a target, as ``/path?name=value``."""
        path, _, query = target.partition("?")
        return cls(group, path, _pairs(query) if query else (), bar_ms)

    @property
    def name(self) -> str:
        """What is asked for, as a person would write it."""
        shown = "&".join(f"{key}={value}" for key, value in self.query)
        return f"{self.path}?{shown}" if shown else self.path

    @property
    def target(self) -> str:
        """The request target (RFC 9112)."""
        return f"{self.path}?{urlencode(self.query)}" if self.query else self.path


DAG_RUNS: Final = "/api/v2/dags/~/dagRuns"
TASK_INSTANCES: Final = "/api/v2/dags/~/dagRuns/~/taskInstances"
_COMPARED: Final[Mapping[str, str]] = {
    "/recipes/": DAG_RUNS,
    "/job-executions/": TASK_INSTANCES,
    "/jobs/": TASK_INSTANCES,
}
_JOB_TYPE: Final = (
    f"job_type_id={FIRST_JOB_TYPE + 3}",
    "job_type_name=type-0",
    "job_type_name=type-49",
    "job_type_category=category-2",
)
_JOB: Final = (
    "status=COMPLETED",
    "status=FAILED",
    "status=RUNNING",
    "status=NEVER",
    *_JOB_TYPE,
    f"status=FAILED&job_type_id={FIRST_JOB_TYPE}",
    "order=-last_modified",
    "order=-id",
    "order=job_type__name",
    "order=-created",
)
_PRODUCT: Final = (
    *_JOB_TYPE,
    "is_operational=true",
    "is_operational=false",
    "is_superseded=true",
    "is_superseded=false",
    "file_name=product-5.geojson",
    "order=-last_modified",
)
_SOURCE: Final = (
    "is_parsed=true",
    "is_parsed=false",
    "file_name=scene-5.tif",
    "order=-last_modified",
)
_SCALE: Final[Mapping[str, Sequence[str]]] = {
    "/jobs/": (*_JOB, "job_id=5"),
    "/jobs/updates/": _JOB[:4],
    "/jobs/executions/": _JOB[:4],
    "/job-executions/": (*_JOB[:-2], "job_id=5", "node_id=1003", "order=-started"),
    "/recipes/": (
        f"type_id={FIRST_JOB_TYPE + 3}",
        "type_name=recipe-0",
        "type_name=recipe-49",
        "order=-last_modified",
        "order=recipe_type__name",
        "order=-completed",
    ),
    "/products/": _PRODUCT,
    "/products/updates/": _PRODUCT[:4],
    "/sources/": _SOURCE,
    "/sources/updates/": _SOURCE[:2],
    "/ingests/": ("status=INGESTED", "status=ERRORED", "strike_id=2", "order=-last_modified"),
    "/nodes/": (),
    "/nodes/status/": (),
    "/errors/": (),
    "/job-types/": ("name=type-3", "category=category-2"),
    "/job-types/status/": (),
    "/job-types/running/": (),
    "/job-types/system-failures/": (),
    "/recipe-types/": (),
    "/workspaces/": (),
    "/strikes/": (),
    "/queue/status/": (),
    "/load/": (),
    "/ingests/status/": (),
    "/status/": (),
}
_WITH_TIMES: Final = frozenset(
    path
    for path in _SCALE
    if path.startswith(("/jobs/", "/job-exec", "/recipes/", "/products/", "/sources/"))
) | {"/ingests/"}
_INDEXED: Final = frozenset({"order=-last_modified", "order=-id"})
_MILLION: Final = ("/jobs/", "/job-executions/", "/recipes/")


def scale_requests(rows: int, now: datetime) -> Iterator[ListRequest]:
    """Yield every list of the Scale dialect: plain, with each filter, in orders, and deep."""
    size = min(100, max(rows // DEEP_PAGE, 1))
    deep = min(DEEP_PAGE, max(rows // size, 1))
    ranges = list(_ranges(now))
    for path, queries in _SCALE.items():
        address = f"/scale/api{path}"
        yield ListRequest("Scale", address, compare_with=_COMPARED.get(path))
        for query in [*queries, *(ranges if path in _WITH_TIMES else ())]:
            bar = None if query.startswith("order=") and query not in _INDEXED else FIRST_PAGE_MS
            yield ListRequest("Scale", address, _pairs(query), bar)
        if path in _MILLION:
            yield ListRequest(
                "Scale",
                address,
                (("page", str(deep)), ("page_size", str(size))),
                DEEP_PAGE_MS,
                _COMPARED[path],
            )


def airflow_requests(rows: int) -> Iterator[ListRequest]:
    """Yield Airflow's own lists of the same things."""
    size = min(100, max(rows // DEEP_PAGE, 1))
    offset = (min(DEEP_PAGE, max(rows // size, 1)) - 1) * size
    for path in (DAG_RUNS, TASK_INSTANCES):
        for query in ("limit=100", "limit=100&state=failed", f"limit={size}&offset={offset}"):
            yield ListRequest("Airflow", path, _pairs(query), bar_ms=None)


def requests_of(rows: int, now: datetime | None = None) -> list[ListRequest]:
    """Return all that is measured, for a home of so many rows."""
    return [*scale_requests(rows, now or datetime.now(UTC)), *airflow_requests(rows)]


def _ranges(now: datetime) -> Iterator[str]:
    """Yield time ranges: the last day, all, and half of it that starts and ends in mid-day."""
    middle, early = now - timedelta(days=DAYS / 3), now - timedelta(days=DAYS * 5 / 6)
    yield "started=P1D"
    yield f"started={_text(now - timedelta(days=DAYS * 2))}"
    yield f"started={_text(early)}&ended={_text(middle)}"


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")


def _pairs(query: str) -> tuple[tuple[str, str], ...]:
    return tuple(
        (key, value) for key, _, value in (each.partition("=") for each in query.split("&"))
    )
