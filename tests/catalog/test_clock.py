"""The clock: slots from midnight UTC, each fired once."""

from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.catalogue import Catalogue
from catalog.services.clock import PROCESSORS, Check, ClockService, Tick
from catalog.services.clock_slots import MOST_DAYS, days_to_compute, due_slot, slot_of
from catalog.states import EventType
from catalog.stores.unit_of_work import UnitOfWork
from catalog.tables import ClockTick, LoadMeasurement, TriggerEvent
from tests.support.catalogues import at_once

NOON = datetime(2016, 5, 15, 12, tzinfo=UTC)
DAY = timedelta(days=1)
times = st.datetimes(
    datetime(2000, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
    datetime(2100, 1, 1),  # noqa: DTZ001 - the same
    timezones=st.just(UTC),
)
periods = st.integers(60, 86_400) | st.floats(60, 86_400)


class Bell:
    """A processor that keeps the ticks it was given."""

    def __init__(self) -> None:
        self.ticks: list[Tick] = []

    def __call__(self, tx: UnitOfWork, tick: Tick) -> None:
        """Keep a tick."""
        del tx
        self.ticks.append(tick)


@pytest.fixture
def bell() -> Bell:
    return Bell()


@pytest.fixture
def clock(catalogue: Catalogue, bell: Bell) -> ClockService:
    """Return a clock with one rule, ``bell``, every half hour."""
    with catalogue.database.transaction() as tx:
        for rule in tx.clock.rules():
            tx.rules.archive(rule.id)
    add_rule(catalogue, "bell")
    return ClockService(catalogue.database, {"bell": bell})


def add_rule(catalogue: Catalogue, name: str, schedule: str = "PT30M") -> int:
    configuration = {"version": "1.0", "event_type": "RING", "schedule": schedule}
    with catalogue.database.transaction() as tx:
        return tx.rules.add(type=EventType.CLOCK, name=name, configuration=configuration).id


def events(catalogue: Catalogue) -> list[TriggerEvent]:
    with Session(catalogue.database.engine) as session:
        return list(session.scalars(select(TriggerEvent).order_by(TriggerEvent.id)))


def slots(check: Check) -> list[str]:
    return [f"{tick.slot:%H:%M}" for tick in check.ticks]


@given(times, periods)
def test_a_slot_is_a_whole_number_of_periods_after_midnight_and_holds_the_moment(
    now: datetime, seconds: float
) -> None:
    slot = slot_of(now, seconds)

    period = timedelta(seconds=seconds)
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    assert (slot - midnight) % period == timedelta(0)
    assert midnight <= slot <= now < slot + period


@given(times, periods, st.integers(-12, 14))
def test_a_slot_does_not_depend_on_the_zone_of_the_moment(
    now: datetime, seconds: float, hours: int
) -> None:
    elsewhere = now.astimezone(timezone(timedelta(hours=hours)))

    assert slot_of(elsewhere, seconds) == slot_of(now, seconds)


@given(times, periods, st.lists(st.integers(0, 7200), max_size=30))
def test_however_the_clock_is_checked_every_slot_that_was_seen_fires_once(
    start: datetime, seconds: float, steps: list[int]
) -> None:
    now, fired, seen = start, None, []
    for step in [0, *steps]:
        now += timedelta(seconds=step)
        seen.append(slot_of(now, seconds))
        slot = due_slot(now, seconds, fired)
        assert (slot is not None) == (seen.count(seen[-1]) == 1)
        fired = slot or fired
    assert fired == seen[-1]


@given(times, st.none() | st.integers(1, 1000))
def test_daily_work_leaves_no_day_out(now: datetime, missed: int | None) -> None:
    slot = slot_of(now, 86_400)
    fired = None if missed is None else slot - missed * DAY

    days = days_to_compute(slot, fired)

    assert days[-1] == slot.date() - DAY
    assert [later - earlier for earlier, later in pairwise(days)] == [DAY] * (len(days) - 1)
    assert len(days) == min(1 if missed is None else missed + 1, MOST_DAYS)


def test_a_rule_fires_once_in_its_slot(clock: ClockService, bell: Bell) -> None:
    first = clock.check(NOON + timedelta(minutes=7))
    again = clock.check(NOON + timedelta(minutes=29, seconds=59))

    assert (slots(first), slots(again)) == (["12:00"], [])
    assert [tick.slot for tick in bell.ticks] == [NOON]


def test_a_late_tick_does_not_shift_the_next_slot(clock: ClockService) -> None:
    clock.check(NOON + timedelta(minutes=29))

    assert slots(clock.check(NOON + timedelta(minutes=30))) == ["12:30"]


def test_of_slots_that_were_missed_the_last_fires_and_knows_the_one_before(
    clock: ClockService, bell: Bell
) -> None:
    clock.check(NOON)
    clock.check(NOON + timedelta(hours=5, minutes=40))

    assert (bell.ticks[-1].slot, bell.ticks[-1].fired) == (NOON + timedelta(hours=5.5), NOON)


def test_a_clock_that_goes_back_fires_nothing_again(clock: ClockService) -> None:
    clock.check(NOON)

    assert slots(clock.check(NOON - timedelta(hours=2))) == []


def test_a_tick_has_an_event_of_its_rule(clock: ClockService, catalogue: Catalogue) -> None:
    clock.check(NOON + timedelta(minutes=1))

    (event,) = events(catalogue)
    with catalogue.database.transaction() as tx:
        (rule,) = tx.clock.rules()
    assert (event.type, event.rule_id) == (EventType.CLOCK, rule.id)
    assert event.description == {
        "version": "1.0", "event_type": "RING", "slot": "2016-05-15T12:00:00Z"
    }  # fmt: skip


def test_checkers_at_once_fire_a_slot_once(catalogue: Catalogue, clock: ClockService) -> None:
    found = at_once(4, lambda _: clock.check(NOON))

    assert sorted(len(each.ticks) for each in found if isinstance(each, Check)) == [0, 0, 0, 1]
    assert len(events(catalogue)) == 1


def test_a_processor_that_fails_leaves_no_tick_and_is_tried_again(
    catalogue: Catalogue, clock: ClockService, bell: Bell
) -> None:
    def break_down(tx: UnitOfWork, tick: Tick) -> None:
        tx.load.record(tick.now)
        message = "The hammer is gone."
        raise OSError(message)

    check = ClockService(catalogue.database, {"bell": break_down}).check(NOON)

    assert check.ticks == ()
    (problem,) = check.problems
    assert "(bell) could not fire: The hammer is gone." in problem
    assert (events(catalogue), count(catalogue, LoadMeasurement)) == ([], 0)
    assert slots(clock.check(NOON + timedelta(minutes=1))) == ["12:00"]
    assert len(bell.ticks) == 1


def test_a_rule_that_fails_does_not_keep_the_others(
    catalogue: Catalogue, clock: ClockService, bell: Bell
) -> None:
    with catalogue.database.transaction() as tx:
        rule = tx.clock.rules()[0]
        tx.rules.update(rule.id, {"configuration": {"event_type": "RING"}})
    add_rule(catalogue, "bell", "PT1H")

    check = clock.check(NOON)

    assert len(check.problems) == len(check.ticks) == len(bell.ticks) == 1


def test_a_rule_that_nothing_is_registered_for_says_so_in_one_event_a_slot(
    catalogue: Catalogue, clock: ClockService
) -> None:
    rule_id = add_rule(catalogue, "whistle")

    for minute in range(3):
        clock.check(NOON + timedelta(minutes=minute))

    (event,) = [each for each in events(catalogue) if each.rule_id == rule_id]
    assert "Nothing is registered for the clock under the name 'whistle'" in str(event.description)


def test_a_rule_that_is_not_active_does_not_fire(catalogue: Catalogue, clock: ClockService) -> None:
    with catalogue.database.transaction() as tx:
        tx.rules.update(tx.clock.rules()[0].id, {"is_active": False})

    assert clock.check(NOON).ticks == ()


def test_the_builtin_rules_measure_the_load_each_hour_and_metrics_each_day(
    catalogue: Catalogue,
) -> None:
    start = datetime(2016, 5, 15, 0, 0, 20, tzinfo=UTC)
    found = [catalogue.clock.check(start + timedelta(minutes=20 * each)) for each in range(73)]

    rules = [tick.rule for check in found for tick in check.ticks]
    assert {name: rules.count(name) for name in PROCESSORS} == {
        "scale-job-load": 25, "scale-daily-metrics": 2
    }  # fmt: skip
    assert count(catalogue, LoadMeasurement) == 25
    assert count(catalogue, ClockTick) == 27
    assert not [check.problems for check in found if check.problems]


def count(catalogue: Catalogue, table: type) -> int:
    with Session(catalogue.database.engine) as session:
        return len(session.scalars(select(table)).all())
