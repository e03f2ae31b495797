"""An open-ended series keeps its weekday and time when it can, goes back to them, and says why not."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.appointments import operations as appointment_operations
from booking.appointments.models import Appointment
from booking.series.booking_ahead import book_sessions_ahead
from booking.series.frequencies import FREQUENCIES
from booking.series.patient_availability import Obstacle
from booking.series.planning.requests import PlannedSession, PlanSlot
from booking.series.queries import list_sessions
from booking.series.rules import Gap
from booking.series.usual_slots import (
    LOOK_BACK,
    MissedSlot,
    SlotObstacle,
    list_missed_slots,
    select_usual_slots,
)
from tests.builders import Clinic, a_closure, a_patient
from tests.series.builders import a_phase, a_request
from tests.series.ongoing import Ongoing, an_ongoing_series, weekday_and_minute
from tests.series.test_all_infusions import an_infusion

MONDAY = date(2026, 11, 30)
WEEKLY = FREQUENCIES[7]


def slot(day: int, minute: int = 600, place: str = "ahwatukee") -> PlanSlot:
    return PlanSlot(place, MONDAY + timedelta(days=day), minute)


def test_most_of_the_last_sessions_say_what_is_usual() -> None:
    slots = [slot(0), slot(7), slot(15), slot(21)]
    assert select_usual_slots(slots, WEEKLY) == (slot(21),)


def test_a_new_time_is_usual_once_most_of_the_last_have_it() -> None:
    slots = [slot(7 * week) for week in range(10)] + [slot(70 + 7 * week, 840) for week in range(4)]
    assert select_usual_slots(slots, WEEKLY) == (slots[-1],)


def test_of_two_as_common_the_newer_is_usual() -> None:
    assert select_usual_slots([slot(0), slot(8)], WEEKLY) == (slot(8),)


def test_several_a_week_have_as_many_usual_days() -> None:
    slots = [slot(0), slot(3, 840), slot(7), slot(10, 840)]
    assert set(select_usual_slots(slots, Gap(2, 3, 4, 5))) == {slot(7), slot(10, 840)}


SLOTS = st.lists(st.builds(slot, st.integers(0, 60), st.sampled_from([600, 840])), max_size=12).map(
    lambda slots: sorted(slots, key=lambda each: each.day)
)


@given(SLOTS, st.sampled_from([*FREQUENCIES.values(), Gap(2, 3, 4, 5)]))
def test_what_is_usual_was_lately_so(slots: list[PlanSlot], gap: Gap) -> None:
    usual = select_usual_slots(slots, gap)
    assert set(usual) <= set(slots[-LOOK_BACK:])
    assert bool(usual) is bool(slots)
    assert len({each.day.weekday() for each in usual}) == len(usual)


@given(st.builds(slot, st.integers(0, 60)), st.sampled_from([*SlotObstacle, *Obstacle]))
def test_what_was_missed_is_the_same_after_a_round_trip(missed: PlanSlot, reason: str) -> None:
    assert MissedSlot.from_dict(MissedSlot(missed, reason).to_dict()) == MissedSlot(missed, reason)


@pytest.fixture
def ongoing(clinic: Clinic) -> Ongoing:
    return an_ongoing_series(clinic)


def book_ahead(ongoing: Ongoing) -> list[Appointment]:
    """Let weeks pass until more is booked; return what is new."""
    known = {each.id for each in ongoing.coming()}
    book_sessions_ahead(ongoing.weekly[2].starts_at)
    return [each for each in ongoing.coming() if each.id not in known]


def missed_slot(ongoing: Ongoing, appointment: Appointment) -> MissedSlot | None:
    """Return why a visit is not at its usual time, if it isn't."""
    data = next(
        each.session.missed_slot
        for each in list_sessions(ongoing.series.id)
        if each.appointment and each.appointment.id == appointment.id
    )
    return MissedSlot.from_dict(data) if data else None


def test_what_is_booked_ahead_keeps_the_weekday_and_the_time(ongoing: Ongoing) -> None:
    added = book_ahead(ongoing)
    assert added
    assert {weekday_and_minute(each) for each in added} == {weekday_and_minute(ongoing.weekly[0])}
    assert [missed_slot(ongoing, each) for each in added] == [None] * len(added)


def test_after_one_that_was_moved_it_goes_back_to_them(ongoing: Ongoing) -> None:
    last = ongoing.weekly[-1]
    appointment_operations.move(
        last.id,
        last.starts_at - timedelta(days=1, hours=-3),
        ongoing.weekly[0].created_at,
        "staff:1",
    )
    added = book_ahead(ongoing)
    assert {weekday_and_minute(each) for each in added} == {weekday_and_minute(ongoing.weekly[0])}
    assert added[0].local_date - ongoing.weekly[-1].local_date == timedelta(days=8)


def test_where_the_clinic_is_closed_it_says_so_and_goes_back_after_it(ongoing: Ongoing) -> None:
    closed = ongoing.weekly[-1].local_date + timedelta(days=7)
    a_closure(ongoing.clinic.location, closed)
    first, *others = book_ahead(ongoing)
    usual = weekday_and_minute(ongoing.weekly[0])
    assert abs((first.local_date - closed).days) <= 2
    missed = missed_slot(ongoing, first)
    assert missed is not None
    assert (missed.slot.day, missed.reason) == (closed, Obstacle.CLOSED)
    assert {weekday_and_minute(each) for each in others} == {usual}


def test_where_the_time_is_taken_it_is_another_and_says_so(ongoing: Ongoing) -> None:
    usual = ongoing.weekly[-1].starts_at + timedelta(days=7)
    for _ in range(2):  # each nurse sets one up
        an_infusion(a_patient(ongoing.clinic), usual)
    first, *others = book_ahead(ongoing)
    assert first.local_date == ongoing.weekly[-1].local_date + timedelta(days=7)
    assert first.starts_at != usual
    missed = missed_slot(ongoing, first)
    assert missed is not None
    assert missed.reason == SlotObstacle.TAKEN
    assert {weekday_and_minute(each) for each in others} == {weekday_and_minute(ongoing.weekly[0])}


@pytest.mark.parametrize(
    ("free", "obstacle", "reason"),
    [
        ((540, 600), None, SlotObstacle.GAP),
        ((540,), None, SlotObstacle.TAKEN),
        ((), Obstacle.FULL, Obstacle.FULL),
    ],
)
def test_what_kept_a_session_from_its_usual_slot_is_named(
    free: tuple[int, ...], obstacle: Obstacle | None, reason: str
) -> None:
    request = a_request(a_phase(2, WEEKLY), free={MONDAY: list(free)})
    planned = PlannedSession(1, 0, slot(1), None)
    missed = list_missed_slots(request, [planned], [slot(-7)], lambda _phase, _day: obstacle)
    assert missed == {1: MissedSlot(slot(0), reason)}
