"""A series is booked whole or not at all, keeps its gaps, and never loses a session in silence."""

from datetime import date, datetime, time, timedelta

import pytest
from flask import Flask

from booking.appointments.models import Appointment
from booking.appointments.patient_booking import NotCleared, book_for_patient
from booking.appointments.rules import Origin, Status
from booking.calendars import availability
from booking.calendars import operations as calendars
from booking.calendars.models import Claim
from booking.db.transactions import transaction
from booking.extensions import db
from booking.locations import operations as locations
from booking.locations.rules import ResourceKind
from booking.patients.models import Patient
from booking.screening import operations as screening
from booking.screening.rules import Finding
from booking.series import operations as series_operations
from booking.series.booking_ahead import book_sessions_ahead
from booking.series.models import InfusionSeries, Session
from booking.series.preferences import Preferences
from booking.series.progress import SeriesStatus, SessionState
from booking.series.proposals import propose_plans
from booking.series.queries import list_sessions
from booking.series.refusals import PlanChanged, PractitionerRequired
from booking.tasks.models import TaskKind
from tests.builders import NOW, TOMORROW, Clinic, a_clinic, a_closure, a_patient
from tests.series.prescribed import (
    RECOMMENDED,
    SIX,
    a_booked_series,
    a_series,
    a_template,
    appointments,
    count,
    starts,
    tasks_of,
)


def test_a_proposal_shows_day_time_chair_and_gap(clinic: Clinic) -> None:
    best = propose_plans(a_series(clinic), NOW).plans[0]
    assert len(best.sessions) == 6
    assert best.sessions[0].chair == "chair 1"
    assert best.sessions[0].planned.gap is None
    assert {s.planned.gap for s in best.sessions[1:]} <= {3, 4}


def test_sessions_are_booked_in_the_chairs_shown_the_first_ones_where_it_is_free(
    clinic: Clinic,
) -> None:
    series = a_series(clinic)
    first = starts(propose_plans(series, NOW))[0].starts_at
    location, service = (
        availability.current_catalogue().locations["ahwatukee"],
        availability.current_catalogue().services["infusion"],
    )
    book_for_patient(
        a_patient(clinic), location, service, service.infusion_demand(15, 45, 30, location), first, NOW,
        origin=Origin.DESK, actor="test",
    )  # fmt: skip
    best = propose_plans(series, NOW).plans[0]
    assert best.sessions[0].starts_at == first
    assert {session.chair for session in best.sessions} == {"chair 2"}
    series_operations.book_plan(series.id, starts(propose_plans(series, NOW)), NOW, "staff:1")
    chairs = locations.get_resources(
        [r for v in appointments(series) for r in calendars.claimed_resource_ids(v.id)]
    )
    assert {
        resource.name for resource in chairs.values() if resource.kind is ResourceKind.CHAIR
    } == {"chair 2"}


def test_at_least_two_alternatives_are_proposed(clinic: Clinic) -> None:
    assert len(propose_plans(a_series(clinic), NOW).plans) >= 3


def test_proposing_books_nothing(clinic: Clinic) -> None:
    propose_plans(a_series(clinic), NOW)
    assert count(Appointment) == count(Claim) == count(Session) == 0


def test_invariant_6_a_series_is_booked_whole(clinic: Clinic) -> None:
    series = a_booked_series(clinic)
    assert series.status is SeriesStatus.ACTIVE
    assert [v.status for v in appointments(series)] == [Status.BOOKED] * 6
    assert {v.origin for v in appointments(series)} == {Origin.SERIES}


def test_every_alternative_can_be_booked(clinic: Clinic) -> None:
    series = a_series(clinic)
    proposal = propose_plans(series, NOW)
    series_operations.book_plan(
        series.id, starts(proposal, len(proposal.plans) - 1), NOW, "staff:1"
    )
    assert len(appointments(series)) == 6


def test_invariant_6_when_one_time_went_nothing_is_booked(app: Flask) -> None:
    clinic = a_clinic(weekdays=range(5), chairs=1)
    series = a_series(clinic)
    chosen = starts(propose_plans(series, NOW))
    catalogue = availability.current_catalogue()
    location, service = catalogue.locations["ahwatukee"], catalogue.services["infusion"]
    other = a_patient(clinic)
    book_for_patient(
        other,
        location,
        service,
        service.demand,
        chosen[3].starts_at,
        NOW,
        origin=Origin.DESK,
        actor="staff:1",
    )
    with pytest.raises(PlanChanged):
        series_operations.book_plan(series.id, chosen, NOW, "staff:1")
    assert count(Appointment) == 1
    assert db.session.get_one(InfusionSeries, series.id).status is SeriesStatus.PROPOSED


def test_pressed_twice_a_series_is_booked_once(clinic: Clinic) -> None:
    series = a_series(clinic)
    chosen = starts(propose_plans(series, NOW))
    series_operations.book_plan(series.id, chosen, NOW, "staff:1")
    series_operations.book_plan(series.id, chosen, NOW, "staff:1")
    assert count(Appointment) == 6


def test_a_plan_against_the_gaps_is_refused_whoever_made_it(clinic: Clinic) -> None:
    series = a_series(clinic)
    chosen = starts(propose_plans(series, NOW))
    chosen[1] = chosen[0]._replace(starts_at=chosen[0].starts_at + timedelta(days=1))
    with pytest.raises(PlanChanged):
        series_operations.book_plan(series.id, chosen, NOW, "staff:1")
    assert count(Appointment) == 0


def test_only_a_practitioner_prescribes(clinic: Clinic) -> None:
    with pytest.raises(PractitionerRequired):
        series_operations.prescribe_series(
            a_patient(clinic), a_template().id, SIX, Preferences(), "ahwatukee", TOMORROW,
            clinic.front_desk.id, NOW,
        )  # fmt: skip


def test_invariant_7_nobody_is_prescribed_for_who_is_not_found_suitable(clinic: Clinic) -> None:
    with pytest.raises(NotCleared):
        a_series(clinic, patient=a_patient(clinic, cleared=False))


def test_an_open_ended_series_is_booked_four_sessions_ahead_at_first(clinic: Clinic) -> None:
    series = a_booked_series(clinic, RECOMMENDED)
    phases = [session.session.phase for session in list_sessions(series.id)]
    assert phases == [0] * 6 + [1] * 4


def test_top_up_books_six_weeks_ahead(clinic: Clinic) -> None:
    series = a_booked_series(clinic, RECOMMENDED)
    later = appointments(series)[6].starts_at
    book_sessions_ahead(later)
    last = appointments(series)[-1]
    assert last.starts_at >= later + timedelta(weeks=5, days=5)
    assert {session.session.state for session in list_sessions(series.id)} == {SessionState.BOOKED}


def test_top_up_twice_books_nothing_twice(clinic: Clinic) -> None:
    series = a_booked_series(clinic, RECOMMENDED)
    later = appointments(series)[6].starts_at
    book_sessions_ahead(later)
    before = count(Appointment)
    assert book_sessions_ahead(later) == 0
    book_sessions_ahead(later + timedelta(hours=6))
    assert count(Appointment) == before


def test_what_top_up_cannot_place_is_a_task_and_is_tried_again(clinic: Clinic) -> None:
    series = a_booked_series(clinic, RECOMMENDED)
    last_day = appointments(series)[-1].local_date
    closed: list[date] = [last_day + timedelta(days=n) for n in range(5, 10)]
    for day in closed:
        a_closure(clinic.location, day)
    later = appointments(series)[7].starts_at
    book_sessions_ahead(later)
    book_sessions_ahead(later + timedelta(hours=6))
    unplaced = [
        o.session for o in list_sessions(series.id) if o.session.state is SessionState.UNPLACED
    ]
    assert [s.number for s in unplaced] == [11]
    assert [t.subject_id for t in tasks_of(TaskKind.PLACE_SESSION)] == [unplaced[0].id]


def test_invariant_7_a_series_without_clearance_is_not_topped_up(clinic: Clinic) -> None:
    series = a_booked_series(clinic, RECOMMENDED)
    patient = db.session.get_one(Patient, series.patient_id)
    screening.record_finding(patient, Finding.NOT_SUITABLE, clinic.practitioner.id, NOW)
    before = count(Appointment)
    book_sessions_ahead(appointments(series)[7].starts_at)
    assert count(Appointment) == before
    assert len(tasks_of(TaskKind.REVIEW_SERIES)) == 1


def test_gaps_are_local_days_also_where_clocks_change(app: Flask) -> None:
    clinic = a_clinic(zone="America/Denver", weekdays=range(5), closes=time(18))
    series = a_series(clinic)
    before = datetime.combine(date(2026, 10, 26), time(12), NOW.tzinfo)
    with transaction():
        db.session.get_one(InfusionSeries, series.id).first_day = date(2026, 10, 26)
    proposal = propose_plans(db.session.get_one(InfusionSeries, series.id), before)
    clock_times = {s.planned.minute for s in proposal.plans[0].sessions}
    assert len(clock_times) == 1
    assert len({s.starts_at.hour for s in proposal.plans[0].sessions}) == 2
