"""What fits a session, and where nothing does: what binds, and changes that are enough."""

from datetime import date, timedelta

import pytest
from flask import Flask

from booking.appointments import operations as appointment_operations
from booking.appointments.models import Appointment
from booking.calendars import availability
from booking.calendars.location_calendars import LocationCalendar
from booking.calendars.overrides import CalendarRule
from booking.db.transactions import transaction
from booking.extensions import db
from booking.locations.models import Closure, Location
from booking.series import operations as series_operations
from booking.series.gap_rules import SeriesRule
from booking.series.models import InfusionSeries, Session
from booking.series.preferences import Preferences
from booking.series.queries import list_sessions
from booking.series.relaxations import FittingStarts, find_placing_fit, list_fitting_move_starts
from tests.builders import NOW, Clinic, a_booking, a_clinic, local
from tests.series.prescribed import a_booked_series, appointments, doctor

LAST_DAY = date(2027, 12, 31)


@pytest.fixture
def clinic(app: Flask) -> Clinic:
    """A clinic with two locations."""
    clinic = a_clinic()
    a_clinic(slug="scottsdale")
    return clinic


def home() -> LocationCalendar:
    return availability.current_catalogue().locations["ahwatukee"]


def close(first: date, last: date, *slugs: str) -> None:
    """Close locations on local days, both ends included."""
    with transaction():
        for slug in slugs or ("ahwatukee", "scottsdale"):
            location_id = db.session.scalars(db.select(Location.id).filter_by(slug=slug)).one()
            db.session.add(
                Closure(location_id=location_id, first_day=first, last_day=last, name="Renovation")
            )
        availability.increment_catalogue_version()


def last_session_lost(clinic: Clinic) -> tuple[Session, date]:
    """Book a series of six, and let its last session lose its time; return when the fifth is, too."""
    series = a_booked_series(clinic)
    last = appointments(series)[-1]
    appointment_operations.cancel(last.id, NOW, "online", by_patient=True)
    return list_sessions(series.id)[-1].session, appointments(series)[-2].local_date


def fit_of(session: Session) -> FittingStarts:
    return find_placing_fit(db.session.get_one(Session, session.id), home(), NOW)


def test_what_fits_is_counted_and_the_first_can_be_booked(clinic: Clinic) -> None:
    session, fifth = last_session_lost(clinic)
    fit = fit_of(session)
    assert fit.relaxations == ()
    assert fit.first is not None
    assert len(fit.starts) > 20
    series_operations.place_session(session.id, fit.first, NOW, "staff:1")
    placed = list_sessions(session.series_id)[-1].appointment
    assert placed is not None
    assert abs((placed.local_date - fifth).days) >= 2


def going_to_both(session: Session) -> None:
    """Let the patient go to both locations."""
    with transaction():
        series = db.session.get_one(InfusionSeries, session.series_id)
        series.preferences = Preferences(locations=("scottsdale",)).to_dict()


def test_the_other_location_comes_before_a_longer_gap(clinic: Clinic) -> None:
    session, fifth = last_session_lost(clinic)
    going_to_both(session)
    close(NOW.date(), fifth + timedelta(days=6), "ahwatukee")
    elsewhere, gap, *_ = fit_of(session).relaxations
    assert (elsewhere.location.slug, elsewhere.blockers) == ("scottsdale", ())
    series_operations.place_session(
        session.id, elsewhere.starts_at, NOW, "staff:1", location="scottsdale"
    )
    assert [blocker.rule for blocker in gap.blockers] == [SeriesRule.GAP_TOO_LONG]


def test_the_smallest_gap_beyond_the_longest_is_named_and_a_practitioner_may_allow_it(
    clinic: Clinic,
) -> None:
    session, fifth = last_session_lost(clinic)
    close(NOW.date(), fifth + timedelta(days=6))
    fit = fit_of(session)
    (blocker,) = fit.relaxations[0].blockers
    assert (len(fit.starts), blocker.rule) == (0, SeriesRule.GAP_TOO_LONG)
    assert (blocker.facts["days"], blocker.facts["most"]) == (7, 5)
    start = fit.relaxations[0].starts_at
    series_operations.place_session(session.id, start, NOW, doctor(clinic), reason="Renovation")


def test_with_every_day_closed_what_binds_is_the_closure(clinic: Clinic) -> None:
    session, fifth = last_session_lost(clinic)
    close(NOW.date(), LAST_DAY)
    (closed, *_) = fit_of(session).relaxations
    assert {blocker.rule for blocker in closed.blockers} == {CalendarRule.CLOSED}
    assert closed.starts_at > local(0, day=fifth)


def test_a_session_comes_before_the_one_that_follows_it(clinic: Clinic) -> None:
    series = a_booked_series(clinic)
    fourth, fifth = appointments(series)[3:5]
    appointment_operations.cancel(fourth.id, NOW, "online", by_patient=True)
    close(NOW.date(), LAST_DAY)
    session = list_sessions(series.id)[3].session
    third = appointments(series)[2]
    first = fit_of(session).relaxations[0]
    assert third.starts_at < first.starts_at < fifth.starts_at


def test_an_appointment_that_is_moved_has_its_own_time_already(clinic: Clinic) -> None:
    appointment = a_booking(local(10, day=date(2026, 12, 3)))
    close(date(2026, 12, 1), date(2026, 12, 2))
    close(date(2026, 12, 4), LAST_DAY)
    appointment = db.session.get_one(Appointment, appointment.id)
    fit = list_fitting_move_starts(appointment, home(), date(2026, 12, 1), NOW)
    assert fit.first == local(9, day=date(2026, 12, 3))
    assert len(fit.starts) == 28  # of the 29 of that day


def test_a_month_is_looked_through_of_a_series_without_another_session(clinic: Clinic) -> None:
    series = a_booked_series(clinic)
    for appointment in appointments(series):
        appointment_operations.cancel(appointment.id, NOW, "online", by_patient=True)
    fit = fit_of(list_sessions(series.id)[0].session)
    assert (fit.first_day, fit.last_day) == (NOW.date(), NOW.date() + timedelta(days=28))
