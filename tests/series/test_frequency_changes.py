"""Another frequency counts from its day: every second visit stays, others are cancelled, nothing moves."""

from datetime import date, datetime, timedelta

import pytest

from booking.appointments import operations as appointment_operations
from booking.appointments.rules import Status
from booking.series import frequency_changes
from booking.series.booking_ahead import book_sessions_ahead
from booking.series.frequencies import FREQUENCIES
from booking.series.operations import BOOK_AHEAD_INTERVAL
from booking.series.progress import SessionState
from booking.series.queries import get_phases, list_sessions
from booking.series.refusals import InvalidChange, PlanChanged, PractitionerRequired
from booking.series.revisions import list_revisions
from booking.series.work_list import list_unattended_sessions
from booking.tasks.models import TaskKind
from tests.builders import NOW, TOMORROW, Clinic, a_closure
from tests.series.ongoing import (
    Ongoing,
    an_ongoing_series,
    gaps,
    starts,
    weekday_and_minute,
)
from tests.series.prescribed import RECOMMENDED, a_booked_series, tasks_of
from tests.series.test_life import take_place

LATER = NOW + BOOK_AHEAD_INTERVAL


@pytest.fixture
def booked(clinic: Clinic) -> Ongoing:
    return an_ongoing_series(clinic)


def change(booked: Ongoing, days: int, first_day: date | None = None, now: datetime = NOW) -> None:
    day = first_day or booked.weekly[0].local_date
    key = frequency_changes.preview_frequency(booked.row, days, day, now).key
    frequency_changes.change_frequency(
        booked.series.id, days, day, booked.practitioner, now, reason="Better", expected_key=key
    )


def test_weekly_to_every_two_weeks_keeps_every_second_appointment_and_moves_nothing(
    booked: Ongoing,
) -> None:
    weekly = booked.weekly
    change(booked, 14)
    coming = booked.coming()
    kept = [each for each in coming if each in weekly]
    assert starts(kept) == starts(weekly[1::2])
    assert [each.status for each in weekly[::2]] == [Status.CANCELLED] * len(weekly[::2])
    assert all(FREQUENCIES[14].allows(days) for days in gaps(coming))
    assert len(coming) == 4  # four sessions ahead are more than six weeks


def test_sessions_are_numbered_by_day_and_count_in_the_new_phase(booked: Ongoing) -> None:
    change(booked, 14)
    sessions = list_sessions(booked.series.id)
    standing = [each for each in sessions if each.session.state is SessionState.BOOKED]
    days = [each.appointment.local_date for each in standing if each.appointment]
    assert days == sorted(days)
    assert [each.session.phase for each in standing] == [0] * 6 + [1] * 4
    assert get_phases(booked.row)[-1].gap == FREQUENCIES[14]
    (revision,) = list_revisions(booked.series.id)
    assert (revision.reason, revision.first_day) == ("Better", booked.weekly[0].local_date)


def test_a_frequency_counts_from_its_day_on(booked: Ongoing) -> None:
    weekly = booked.weekly
    change(booked, 14, weekly[3].local_date)
    coming = booked.coming()
    assert starts(coming[:3]) == starts(weekly[:3])
    assert gaps(coming[2:]) == [14] * (len(coming) - 3)
    assert [phase.sessions for phase in get_phases(booked.row)] == [6, 3, None]


def test_every_two_weeks_back_to_weekly_keeps_all_and_fills_between(booked: Ongoing) -> None:
    change(booked, 14)
    every_two = booked.coming()
    change(booked, 7)
    coming = booked.coming()
    assert set(starts(every_two)) <= set(starts(coming))
    assert set(gaps(coming)) == {7}
    assert {weekday_and_minute(each) for each in coming} == {weekday_and_minute(every_two[0])}
    assert get_phases(booked.row)[-1].gap == RECOMMENDED[-1].gap


def test_every_four_weeks_keeps_every_fourth(booked: Ongoing) -> None:
    weekly = booked.weekly
    change(booked, 28)
    coming = booked.coming()
    assert starts(coming[:1]) == starts([weekly[3]])
    assert gaps(coming) == [28, 28, 28]


def test_an_appointment_at_another_time_stays_where_its_gaps_suit(booked: Ongoing) -> None:
    second = booked.weekly[1]
    moved = appointment_operations.move(
        second.id, second.starts_at - timedelta(days=1, hours=-1), NOW, "staff:1"
    )
    change(booked, 14)
    assert moved in booked.coming()


def test_booking_ahead_goes_on_at_the_new_frequency(booked: Ongoing) -> None:
    change(booked, 14)
    later = booked.coming()[1].starts_at
    book_sessions_ahead(later)
    assert set(gaps(booked.coming())) == {14}
    assert len([each for each in booked.coming() if each.starts_at > later]) == 4


def test_what_has_no_place_between_is_somebodys_task(booked: Ongoing) -> None:
    change(booked, 14)
    second, third = booked.coming()[1:3]
    for number in range(1, 14):
        a_closure(booked.clinic.location, second.local_date + timedelta(days=number))
    change(booked, 7)
    assert second in booked.coming()
    assert third in booked.coming()
    (task,) = tasks_of(TaskKind.PLACE_SESSION)
    session = next(
        each.session
        for each in list_sessions(booked.series.id)
        if each.session.id == task.subject_id
    )
    numbers = {
        each.appointment.id: each.session.number
        for each in list_sessions(booked.series.id)
        if each.appointment
    }
    assert numbers[second.id] < session.number < numbers[third.id]
    assert list_unattended_sessions() == []


def test_a_session_without_a_time_that_is_not_needed_any_more_is_given_up(booked: Ongoing) -> None:
    first = booked.weekly[0]
    by = f"staff:{booked.practitioner}"
    appointment_operations.cancel(first.id, NOW, by, by_patient=False, reason="Closed")
    assert len(tasks_of(TaskKind.PLACE_SESSION)) == 1
    change(booked, 14)
    assert len(tasks_of(TaskKind.PLACE_SESSION)) <= 1
    states = {each.session.state for each in list_sessions(booked.series.id)}
    assert list_unattended_sessions() == []
    assert (SessionState.UNPLACED in states) is bool(tasks_of(TaskKind.PLACE_SESSION))


def test_only_what_was_shown_is_done(booked: Ongoing) -> None:
    day = booked.weekly[0].local_date
    tail = frequency_changes.preview_frequency(booked.row, 14, day, NOW)
    shown = tail.key
    a_closure(booked.clinic.location, tail.added[0].planned.day)
    with pytest.raises(PlanChanged):
        frequency_changes.change_frequency(
            booked.series.id, 14, day, booked.practitioner, NOW, reason="x", expected_key=shown
        )
    assert starts(booked.coming()) == starts(booked.weekly)


def test_only_a_practitioner_changes_a_frequency(booked: Ongoing) -> None:
    with pytest.raises(PractitionerRequired):
        frequency_changes.change_frequency(
            booked.series.id,
            14,
            TOMORROW,
            booked.clinic.front_desk.id,
            NOW,
            reason="x",
            expected_key="",
        )


@pytest.mark.parametrize(
    ("days", "offset", "field"),
    [(10, 7, "days"), (7, 7, "days"), (14, -1, "first_day"), (14, 200, "first_day")],
)
def test_what_can_not_be_a_frequency_is_refused_by_its_field(
    booked: Ongoing, days: int, offset: int, field: str
) -> None:
    with pytest.raises(InvalidChange) as refusal:
        frequency_changes.preview_frequency(
            booked.row, days, NOW.date() + timedelta(days=offset), NOW
        )
    assert refusal.value.field == field


def test_a_series_that_ends_has_no_frequency(clinic: Clinic) -> None:
    series = a_booked_series(clinic)
    with pytest.raises(InvalidChange, match="not_open_ended"):
        frequency_changes.preview_frequency(series, 14, TOMORROW, NOW)


def test_reviews_are_counted_by_the_phase_however_often_its_frequency_changes(
    booked: Ongoing,
) -> None:
    first, second = booked.weekly[:2]
    for appointment in (*booked.dense, first, second):
        take_place(appointment)
    assert tasks_of(TaskKind.REVIEW_SERIES) == []
    change(booked, 14, second.local_date + timedelta(days=7), now=second.ends_at)
    third, fourth = booked.coming()[-4:-2]
    for appointment in (third, fourth):
        take_place(appointment)
    (task,) = tasks_of(TaskKind.REVIEW_SERIES)
    assert task.details["why"] == "review_due"
