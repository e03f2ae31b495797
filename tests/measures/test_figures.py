"""Each measure by its definition: by example, and against a slow and obvious way to count."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from booking.appointments.rules import Outcome, Status
from booking.measures.figures import (
    AppointmentRecord,
    Figure,
    Period,
    Unit,
    compute_default_period,
    find_quantile,
    list_lead_days,
    measure_no_shows,
    measure_no_shows_of_slots,
    measure_refills,
    sum_scheduled_minutes,
    sum_used_minutes,
)

MONDAY = date(2026, 11, 30)
NINE = datetime(2026, 11, 30, 16, tzinfo=UTC)  # 9 in the morning there
NOW = NINE + timedelta(hours=12)
SHORT_HOURS = st.integers(0, 8)


def a_record(
    starts: float = 0,
    status: Status = Status.FULFILLED,
    *,
    hours: float = 1.5,
    outcome: Outcome | None = None,
    is_infusion: bool = True,
    booked: float = -48,
    placed: float | None = None,
    ended: float | None = None,
) -> AppointmentRecord:
    """Return an appointment; times in hours after nine."""

    def at(hours_after: float) -> datetime:
        return NINE + timedelta(hours=hours_after)

    return AppointmentRecord(
        1, is_infusion, status, outcome, MONDAY, at(starts), at(starts + hours), at(booked),
        at(booked if placed is None else placed), None if ended is None else at(ended),
    )  # fmt: skip


def test_no_shows_are_counted_of_what_came_due_and_was_not_cancelled() -> None:
    records = [
        a_record(status=Status.NOSHOW), a_record(), a_record(status=Status.BOOKED),
        a_record(status=Status.CANCELLED), a_record(starts=20, status=Status.BOOKED),
    ]  # fmt: skip
    assert measure_no_shows(records, NOW) == Figure(1 / 3, Unit.SHARE, 3, 1)
    assert measure_no_shows_of_slots(records, 8, NOW).value == 1 / 8
    assert measure_no_shows([], NOW).value is None


def test_chairs_are_scheduled_unless_cancelled_and_used_while_somebody_is_treated() -> None:
    records = [
        a_record(outcome=Outcome.TREATED, ended=2),  # noted late
        a_record(outcome=Outcome.STOPPED_EARLY, ended=0.5),
        a_record(outcome=Outcome.NO_RIDE, ended=0.25),
        a_record(status=Status.NOSHOW, ended=1),
        a_record(status=Status.CANCELLED, ended=-3),
        a_record(is_infusion=False, outcome=Outcome.SEEN, ended=1),
    ]
    assert sum_scheduled_minutes(records) == 4 * 90
    assert sum_used_minutes(records) == 90 + 30


def test_lead_time_is_from_booking_to_the_start() -> None:
    records = [a_record(booked=-24), a_record(booked=-12), a_record(status=Status.CANCELLED)]
    assert list_lead_days(records) == [1.0, 0.5]


@given(st.lists(st.integers(0, 50), min_size=1), st.sampled_from([0.5, 0.9, 1.0]))
def test_a_quantile_is_the_smallest_value_that_enough_do_not_exceed(
    values: list[int], share: float
) -> None:
    enough = [v for v in values if sum(other <= v for other in values) >= share * len(values)]
    assert find_quantile([float(value) for value in values], share) == min(enough)


def test_there_is_no_quantile_of_nothing() -> None:
    assert find_quantile([], 0.9) is None


def test_a_cancelled_time_is_filled_once_by_what_is_booked_after() -> None:
    gap = a_record(status=Status.CANCELLED, ended=-24)
    assert measure_refills([gap, a_record(booked=-12), a_record(booked=-11)]).value == 1.0
    assert measure_refills([gap, a_record(booked=-36)]).value == 0.0
    assert measure_refills([gap, a_record(booked=-36, placed=-12)]).value == 1.0  # moved there
    assert measure_refills([gap, a_record(booked=-12, is_infusion=False)]).value == 0.0
    assert measure_refills([gap, a_record(starts=1, booked=-12)]).value == 0.0  # a third of it
    assert measure_refills([a_record(status=Status.CANCELLED, ended=0.5)]).value is None


@st.composite
def days_of_records(draw: st.DrawFn) -> list[AppointmentRecord]:
    return [
        a_record(
            starts=draw(SHORT_HOURS),
            status=draw(st.sampled_from([Status.CANCELLED, Status.BOOKED])),
            booked=-draw(st.integers(10, 60)) - number / 100,
            ended=-draw(st.integers(1, 50)) - number / 100,
            is_infusion=draw(st.booleans()),
        )
        for number in range(draw(st.integers(0, 9)))
    ]


def refills_by_living_through(records: Sequence[AppointmentRecord]) -> tuple[int, int]:
    """Go from event to event: a cancellation frees a time, a booking takes the one free longest."""
    cancelled = [r for r in records if r.status is Status.CANCELLED and r.ended_at < r.starts_at]
    events = [(r.ended_at, 0, r) for r in cancelled] + [(r.placed_at, 1, r) for r in records]
    waiting: list[AppointmentRecord] = []
    filled = 0
    for _, is_booking, record in sorted(events, key=lambda event: event[:2]):
        if not is_booking:
            waiting.append(record)
            continue
        for gap in waiting:
            shared = min(record.ends_at, gap.ends_at) - max(record.starts_at, gap.starts_at)
            if (
                gap is not record
                and gap.is_infusion == record.is_infusion
                and 2 * shared >= gap.ends_at - gap.starts_at
            ):
                waiting.remove(gap)
                filled += 1
                break
    return filled, len(cancelled)


@given(days_of_records())
def test_refills_equal_living_through_the_day(records: list[AppointmentRecord]) -> None:
    filled, count = refills_by_living_through(records)
    assert measure_refills(records) == Figure.share_of(filled, count)


def test_weeks_of_a_period_are_its_days_once_each() -> None:
    for first in (MONDAY, MONDAY + timedelta(days=3)):
        period = Period(first, first + timedelta(days=24))
        weeks = period.weeks()
        assert [day for week in weeks for day in week.days()] == period.days()
        assert all(week.first.weekday() == 0 for week in weeks[1:])
        assert all(after.first > before.last for before, after in pairwise(weeks))


def test_what_is_looked_at_first_are_twelve_whole_weeks() -> None:
    period = compute_default_period(MONDAY + timedelta(days=2))
    assert (period.first, period.last) == (MONDAY - timedelta(days=84), MONDAY - timedelta(days=1))
