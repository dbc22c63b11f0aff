"""Job load and daily metrics, against the same sums done plainly in Python."""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.catalogue import Catalogue
from catalog.errors import InvalidError
from catalog.queries.listing import PageRequest
from catalog.queries.metrics import PlotFilter, PlotRow
from catalog.records.metrics import INGEST, JOB_TYPES, Aggregate, MetricsType
from catalog.services.metrics import compute_day
from catalog.states import ExecutionStatus, IngestStatus
from catalog.stores.unit_of_work import UnitOfWork
from catalog.tables import IngestMetrics, JobTypeMetrics
from tests.support.catalogues import World, at_once, job_type
from tests.support.processing import strike_configuration

Values = dict[str, Any]
DAY: Final = date(2016, 5, 15)
MIDNIGHT: Final = datetime(2016, 5, 15, tzinfo=UTC)
ENDS: Final = (ExecutionStatus.COMPLETED, ExecutionStatus.FAILED, ExecutionStatus.CANCELED)
PHASES: Final = ("pre", "job", "post")
moments = st.integers(-3600, 90_000).map(lambda seconds: MIDNIGHT + timedelta(seconds=seconds))
maybe = st.none() | moments
executions = st.fixed_dictionaries(
    {
        "job": st.integers(0, 1),
        "status": st.sampled_from(ENDS),
        "queued": moments,
        "started": maybe,
        "ended": moments,
        **{f"{each}_{end}": maybe for each in PHASES for end in ("started", "completed")},
    }
)
ingests = st.fixed_dictionaries(
    {
        "strike": st.integers(0, 1),
        "status": st.sampled_from(IngestStatus),
        "file_size": st.none() | st.integers(0, 2**40),
        "transfer_started": moments,
        "transfer_ended": maybe,
        "ingest_started": maybe,
        "ingest_ended": maybe,
    }
)
SLOW: Final = settings(
    max_examples=25,
    phases=[Phase.explicit, Phase.generate],
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@dataclass(frozen=True, slots=True)
class Bench:
    """A catalogue with two job types, a job of each, and two Strike processes."""

    world: World
    job_ids: Sequence[int]
    type_ids: Sequence[int]
    strike_ids: Sequence[int]

    @contextmanager
    def unkept(self) -> Iterator[tuple[Session, UnitOfWork]]:
        """Run a block in a transaction that is never committed."""
        with Session(self.world.database.engine) as session:
            yield session, UnitOfWork(session)

    def add_execution(self, tx: UnitOfWork, values: Values) -> None:
        """Add an execution of one of the jobs."""
        columns = {name: value for name, value in values.items() if name != "job"}
        job_id = self.job_ids[values["job"]]
        type_id = self.type_ids[values["job"]]
        documents: Values = {"environment": {}, "results": {}, "results_manifest": {}}
        tx.executions.add(job_id=job_id, job_type_id=type_id, timeout=0, **documents, **columns)

    def add_ingest(self, tx: UnitOfWork, number: int, values: Values) -> None:
        """Add an ingest of one of the Strike processes."""
        columns = {name: value for name, value in values.items() if name != "strike"}
        tx.ingests.add(
            strike_id=self.strike_ids[values["strike"]],
            file_name="f",
            transfer_path=f"/{number}",
            media_type="text/plain",
            data_type=[],
            **columns,
        )


@pytest.fixture
def bench(world: World, tmp_path: Path) -> Bench:
    del tmp_path
    world.configure([job_type("a"), job_type("b")])
    jobs = [world.queue_job("a"), world.queue_job("b")]
    for job in jobs:
        world.run(job.id)
    strikes = [world.catalogue.strikes.create(name, strike_configuration()) for name in "xy"]
    return Bench(
        world,
        [job.id for job in jobs],
        [job.job_type_id for job in jobs],
        [strike.id for strike in strikes],
    )


def span(start: datetime | None, end: datetime | None) -> float | None:
    return None if start is None or end is None else max((end - start).total_seconds(), 0.0)


def statistics(name: str, measured: Iterable[float | None]) -> Values:
    known = [each for each in measured if each is not None]
    return {
        f"{name}_sum": sum(known) if known else None,
        f"{name}_min": min(known, default=None),
        f"{name}_max": max(known, default=None),
        f"{name}_avg": sum(known) / len(known) if known else None,
    }


def times_of(execution: Values) -> dict[str, float | None]:
    tasks = {
        f"{each}_time": span(execution[f"{each}_started"], execution[f"{each}_completed"])
        for each in PHASES
    }
    known = [each for each in tasks.values() if each is not None]
    whole = span(execution["started"], execution["ended"])
    return {
        "queue_time": span(execution["queued"], execution["started"]),
        **tasks,
        "run_time": sum(known) if known else None,
        "stage_time": None if whole is None else max(whole - sum(known), 0.0),
    }


def model_of_executions(rows: Sequence[Values]) -> Values:
    counts = {f"{end.lower()}_count": 0 for end in ENDS}
    for each in rows:
        counts[f"{each['status'].lower()}_count"] += 1
    times = [times_of(each) for each in rows]
    found: Values = {**counts, "total_count": len(rows)}
    for name in ("queue_time", "pre_time", "job_time", "post_time", "run_time", "stage_time"):
        found |= statistics(name, [each[name] for each in times])
    return found


def model_of_ingests(rows: Sequence[Values]) -> Values:
    found: Values = {
        f"{end}_count": sum(each["status"] == end.upper() for each in rows)
        for end in ("deferred", "ingested", "errored", "duplicate")
    }
    found["total_count"] = sum(found.values())
    sizes = [each["file_size"] for each in rows]
    transfers = [span(each["transfer_started"], each["transfer_ended"]) for each in rows]
    times = [span(each["ingest_started"], each["ingest_ended"]) for each in rows]
    found |= statistics("file_size", sizes)
    return found | statistics("transfer_time", transfers) | statistics("ingest_time", times)


def day_of_ingest(row: Values) -> date:
    moment = row["ingest_ended"] or row["transfer_ended"] or row["transfer_started"]
    return dt.date.fromordinal(moment.toordinal())


def columns_of(row: Any, kind: MetricsType) -> Values:
    return {each.name: getattr(row, each.name) for each in kind.columns}


def same(found: Mapping[int, Values], expected: Mapping[int, Values]) -> bool:
    assert found.keys() == expected.keys()
    for key, values in expected.items():
        measured = {name: value for name, value in values.items() if value is not None}
        assert {n: v for n, v in found[key].items() if v is not None} == pytest.approx(measured)
    return True


@SLOW
@given(rows=st.lists(executions, max_size=12))
def test_job_type_metrics_are_those_of_the_executions_that_ended_on_the_day(
    bench: Bench, rows: list[Values]
) -> None:
    with bench.unkept() as (session, tx):
        for row in rows:
            bench.add_execution(tx, row)
        compute_day(tx, DAY)
        found = {
            row.job_type_id: columns_of(row, JOB_TYPES)
            for row in session.scalars(select(JobTypeMetrics).where(JobTypeMetrics.date == DAY))
        }

    ended = [row for row in rows if row["ended"].date() == DAY]
    of_job = {number: [row for row in ended if row["job"] == number] for number in (0, 1)}
    assert same(
        found,
        {bench.type_ids[n]: model_of_executions(each) for n, each in of_job.items() if each},
    )


@SLOW
@given(rows=st.lists(ingests, max_size=12))
def test_ingest_metrics_are_those_of_the_ingests_that_ended_on_the_day(
    bench: Bench, rows: list[Values]
) -> None:
    with bench.unkept() as (session, tx):
        for number, row in enumerate(rows):
            bench.add_ingest(tx, number, row)
        compute_day(tx, DAY)
        found = {
            row.strike_id: columns_of(row, INGEST)
            for row in session.scalars(select(IngestMetrics).where(IngestMetrics.date == DAY))
        }

    ends = ("DEFERRED", "INGESTED", "ERRORED", "DUPLICATE")
    ended = [row for row in rows if row["status"] in ends and day_of_ingest(row) == DAY]
    of_strike = {number: [row for row in ended if row["strike"] == number] for number in (0, 1)}
    assert same(
        found,
        {bench.strike_ids[n]: model_of_ingests(each) for n, each in of_strike.items() if each},
    )


def metrics_rows(catalogue: Catalogue) -> list[Values]:
    with Session(catalogue.database.engine) as session:
        rows = session.scalars(select(JobTypeMetrics).order_by("date", "job_type_id"))
        keys = ("date", "job_type_id")
        return [
            {**{key: getattr(row, key) for key in keys}, **columns_of(row, JOB_TYPES)}
            for row in rows
        ]


def test_computing_a_day_again_or_at_once_gives_the_same(bench: Bench) -> None:
    catalogue = bench.world.catalogue
    today = datetime.now(UTC).date()
    days = [today - timedelta(days=1), today]
    list(catalogue.metrics.compute_range(*days))
    before = metrics_rows(catalogue)

    at_once(4, lambda number: catalogue.metrics.compute(days[number % 2]))

    assert len(before) == 2
    assert metrics_rows(catalogue) == before


def test_a_range_is_every_day_of_it_and_may_not_be_backwards(catalogue: Catalogue) -> None:
    assert list(catalogue.metrics.compute_range(DAY, DAY + timedelta(days=2))) == [
        DAY, DAY + timedelta(days=1), DAY + timedelta(days=2)
    ]  # fmt: skip
    with pytest.raises(InvalidError, match="starts on 2016-05-16 and ends on 2016-05-15"):
        catalogue.metrics.compute_range(DAY + timedelta(days=1), DAY)


AGGREGATES: Final[dict[Aggregate, Callable[[list[int]], float]]] = {
    Aggregate.SUM: sum,
    Aggregate.MIN: min,
    Aggregate.MAX: max,
    Aggregate.AVG: lambda values: sum(values) / len(values),
}
stored = st.dictionaries(
    st.tuples(st.integers(0, 3), st.integers(0, 1)),  # day, job type
    st.none() | st.integers(0, 10**6),
    max_size=8,
)


@settings(SLOW, max_examples=15)
@given(rows=stored)
def test_plot_values_are_aggregated_over_the_choices_by_each_column_itself(
    bench: Bench, rows: dict[tuple[int, int], int | None]
) -> None:
    store(bench, rows)

    for row in plot(bench, PlotFilter(groups=["run_time"])):
        expected = {}
        for day in range(4):
            known = [value for (on, _), value in rows.items() if on == day and value is not None]
            if known:
                aggregate = AGGREGATES[row.column.aggregate]
                expected[DAY + timedelta(days=day)] = round(aggregate(known))
        assert {each.date: each.value for each in row.values} == expected
        assert [each.id for each in row.values] == [None] * len(expected)
        assert (row.min_x, row.max_x) == bounds(expected)
        assert (row.min_y, row.max_y) == bounds(expected.values())


@settings(SLOW, max_examples=15)
@given(rows=stored)
def test_plot_values_of_several_choices_carry_their_ids_oldest_first(
    bench: Bench, rows: dict[tuple[int, int], int | None]
) -> None:
    store(bench, rows)

    for row in plot(bench, PlotFilter(bench.type_ids, columns=["run_time_avg", "run_time_max"])):
        assert [(each.date, each.id, each.value) for each in row.values] == [
            (DAY + timedelta(days=day), bench.type_ids[number], value)
            for (day, number), value in sorted(rows.items())
            if value is not None
        ]


def bounds(values: Iterable[Any]) -> tuple[Any, Any]:
    found = list(values)
    return min(found, default=None), max(found, default=None)


def plot(bench: Bench, wanted: PlotFilter) -> tuple[PlotRow, ...]:
    page = bench.world.catalogue.queries.metrics.plot("job-types", PageRequest(), wanted)
    assert page.count == len(page.rows) > 0
    return page.rows


def store(bench: Bench, rows: Mapping[tuple[int, int], int | None]) -> None:
    """Keep metrics whose run times are all one value, and nothing else."""
    counts = {each.name: 1 for each in JOB_TYPES.columns if each.units == "count"}
    with Session(bench.world.database.engine) as session, session.begin():
        session.query(JobTypeMetrics).delete()
        for (day, number), value in rows.items():
            session.add(
                JobTypeMetrics(
                    date=DAY + timedelta(days=day),
                    job_type_id=bench.type_ids[number],
                    **counts,
                    **{f"run_time_{each}": value for each in Aggregate},
                )
            )
