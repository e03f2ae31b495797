"""What a payer authorised bounds what is planned: how many sessions, and between which days."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.appointments.rules import Status
from booking.series.authorisation_records import (
    end_authorisation,
    list_authorisations,
    list_remaining_authorisations,
    record_authorisation,
)
from booking.series.authorisations import (
    AuthorisedSessions,
    allowed_windows,
    is_day_authorised,
    require_valid_authorisations,
)
from booking.series.booking_ahead import book_sessions_ahead
from booking.series.frequency_changes import change_frequency, preview_frequency
from booking.series.operations import BOOK_AHEAD_INTERVAL, book_plan
from booking.series.progress import SessionState
from booking.series.proposals import propose_plans
from booking.series.queries import list_sessions
from booking.series.rules import InvalidSchedule
from booking.series.session_authorisations import authorised_by_appointment
from booking.tasks.models import TaskKind
from tests.builders import NOW, TOMORROW, Clinic
from tests.series.ongoing import an_ongoing_series
from tests.series.prescribed import (
    RECOMMENDED,
    a_booked_series,
    a_series,
    appointments,
    starts,
    tasks_of,
)

SPRING = AuthorisedSessions(12, TOMORROW, TOMORROW + timedelta(days=90))
DAYS = [TOMORROW + timedelta(days=n) for n in range(12)]


def days_after(authorised: AuthorisedSessions, days: int, sessions: int = 12) -> AuthorisedSessions:
    first = authorised.last_day + timedelta(days=days)
    return AuthorisedSessions(sessions, first, first + timedelta(days=30))


@pytest.mark.parametrize("sessions", [-1, -5])
def test_an_authorisation_has_sessions_and_days(sessions: int) -> None:
    with pytest.raises(InvalidSchedule):
        AuthorisedSessions(sessions, TOMORROW, TOMORROW)
    with pytest.raises(InvalidSchedule):
        AuthorisedSessions(1, TOMORROW, TOMORROW - timedelta(days=1))


def test_one_runs_and_one_renews_it_and_they_do_not_overlap() -> None:
    renewal = days_after(SPRING, 1)
    assert require_valid_authorisations([renewal, SPRING]) == (SPRING, renewal)
    for wrong in ([SPRING, days_after(SPRING, 0)], [SPRING, renewal, days_after(renewal, 1)]):
        with pytest.raises(InvalidSchedule):
            require_valid_authorisations(wrong)


@given(
    st.integers(0, 5), st.integers(0, 5), st.integers(0, 7),
    st.lists(st.integers(0, 11), max_size=7, unique=True).map(sorted),
)  # fmt: skip
def test_what_windows_allow_each_session_is_what_their_counts_allow_all(
    first: int, second: int, split: int, chosen: list[int]
) -> None:
    windows = [
        AuthorisedSessions(first, DAYS[0], DAYS[split]),
        AuthorisedSessions(second, DAYS[split + 1], DAYS[-1]),
    ]
    days = [DAYS[n] for n in chosen]
    counted = all(sum(map(window.covers, days)) <= window.sessions for window in windows)
    allowed = allowed_windows(windows, len(days))
    each = [any(w.covers(day) for w in of_one) for day, of_one in zip(days, allowed, strict=True)]
    assert all(each) is counted


def test_a_plan_lies_in_what_is_authorised(clinic: Clinic) -> None:
    series = a_series(clinic)
    later = AuthorisedSessions(6, date(2026, 12, 14), date(2027, 2, 1))
    record_authorisation(series.id, later, "A-1", clinic.practitioner.id, NOW)
    plan = propose_plans(series, NOW).plans[0]
    assert plan.sessions[0].planned.day >= later.first_day
    book_plan(series.id, starts(propose_plans(series, NOW)), NOW, "staff:1")
    assert list_remaining_authorisations(series.id, ())[0].sessions == 0


def test_what_is_not_authorised_is_not_planned(clinic: Clinic) -> None:
    series = a_series(clinic)
    few = AuthorisedSessions(3, TOMORROW, TOMORROW + timedelta(days=60))
    record = record_authorisation(series.id, few, "A-1", clinic.practitioner.id, NOW)
    proposal = propose_plans(series, NOW)
    assert (proposal.plans, proposal.infeasible and proposal.infeasible.number) == ((), 4)
    end_authorisation(record.id, clinic.practitioner.id, NOW)
    assert propose_plans(series, NOW).plans
    assert list_authorisations(series.id) == []


def test_booking_ahead_stops_where_the_payer_does_and_asks_somebody(clinic: Clinic) -> None:
    series = a_booked_series(clinic, RECOMMENDED)
    booked = sum(s.session.state is SessionState.BOOKED for s in list_sessions(series.id))
    enough = AuthorisedSessions(booked, TOMORROW, TOMORROW + timedelta(days=365))
    record_authorisation(series.id, enough, "A-1", clinic.practitioner.id, NOW)
    later = NOW + timedelta(days=21)
    book_sessions_ahead(later)
    states = [session.session.state for session in list_sessions(series.id)]
    assert states.count(SessionState.BOOKED) == booked
    assert tasks_of(TaskKind.PLACE_SESSION)
    book_sessions_ahead(later + BOOK_AHEAD_INTERVAL)
    assert states == [session.session.state for session in list_sessions(series.id)]


def test_what_comes_between_and_after_at_another_frequency_shares_one_count(
    clinic: Clinic,
) -> None:
    ongoing = an_ongoing_series(clinic)
    first_day = ongoing.weekly[0].local_date

    def change_to(days: int) -> None:
        key = preview_frequency(ongoing.row, days, first_day, NOW).key
        change_frequency(
            ongoing.series.id, days, first_day, ongoing.practitioner, NOW,
            reason="Better", expected_key=key,
        )  # fmt: skip

    change_to(14)
    standing = [each for each in appointments(ongoing.series) if each.status is Status.BOOKED]
    window = AuthorisedSessions(len(standing) + 1, TOMORROW, TOMORROW + timedelta(days=300))
    record_authorisation(ongoing.series.id, window, "A-1", ongoing.practitioner, NOW)
    change_to(7)
    booked = [each for each in appointments(ongoing.series) if each.status is Status.BOOKED]
    assert len(booked) == len(standing) + 1


def test_of_more_sessions_than_are_authorised_the_first_are() -> None:
    days = [TOMORROW + timedelta(days=3 * number) for number in range(3)]
    two = [AuthorisedSessions(2, TOMORROW, TOMORROW + timedelta(days=30))]
    assert [is_day_authorised(two, days, day) for day in days] == [True, True, False]
    assert not is_day_authorised(two, days, TOMORROW + timedelta(days=31))


def test_which_appointments_are_authorised_is_read_for_many_at_once(clinic: Clinic) -> None:
    series = a_booked_series(clinic)
    booked = [appointment.id for appointment in appointments(series)]
    assert authorised_by_appointment(booked) == {}
    first_two = AuthorisedSessions(2, TOMORROW, TOMORROW + timedelta(days=90))
    record_authorisation(series.id, first_two, "A-1", clinic.practitioner.id, NOW)
    authorised = authorised_by_appointment(booked)
    assert [authorised[key] for key in booked] == [True, True] + [False] * (len(booked) - 2)
