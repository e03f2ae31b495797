"""Sessions keep to the days of their series; what was asked for and authorised is said, and binds no desk."""

from datetime import date, time, timedelta

import pytest

from booking.appointments import operations as appointment_operations
from booking.appointments.guards import ChangeRefused
from booking.appointments.models import Appointment
from booking.audit.models import AuditEntry
from booking.calendars import availability
from booking.calendars.overrides import OverriddenBy
from booking.calendars.ruled_days import Blocker
from booking.db.transactions import transaction
from booking.extensions import db
from booking.series import operations as series_operations
from booking.series.authorisation_records import record_authorisation
from booking.series.authorisations import AuthorisedSessions
from booking.series.gap_rules import SeriesRule
from booking.series.models import InfusionSeries, PatientAbsence, Session
from booking.series.pause_rules import PauseDays
from booking.series.pauses import pause_series
from booking.series.preferences import Preferences, TimeWindow
from booking.series.queries import list_sessions
from booking.series.ruled_starts import read_session_move_rules
from booking.series.span_rules import SeriesSpan
from tests.builders import NOW, Clinic, a_clinic
from tests.series.prescribed import a_booked_series, appointments, doctor

A_DAY = timedelta(days=1)


def last_two(clinic: Clinic) -> tuple[InfusionSeries, Appointment, Appointment]:
    series = a_booked_series(clinic)
    fifth, sixth = appointments(series)[-2:]
    return series, fifth, sixth


def change(series: InfusionSeries, **values: object) -> None:
    with transaction():
        for name, value in values.items():
            setattr(db.session.get_one(InfusionSeries, series.id), name, value)


def test_a_session_is_not_placed_while_its_series_rests_but_for_a_reason(clinic: Clinic) -> None:
    series, _, sixth = last_two(clinic)
    start, day = sixth.starts_at, sixth.local_date
    pause_series(series.id, PauseDays(day, day), clinic.practitioner.id, NOW, reason="Travels")
    session: Session = list_sessions(series.id)[-1].session
    with pytest.raises(ChangeRefused, match="paused"):
        series_operations.place_session(session.id, start, NOW, f"staff:{clinic.front_desk.id}")
    series_operations.place_session(session.id, start, NOW, doctor(clinic), reason="Came back")
    entry = db.session.scalars(db.select(AuditEntry).filter_by(action="override_gap")).one()
    assert (entry.subject_id, entry.facts) == (session.id, {})


@pytest.mark.parametrize(
    ("name", "days", "rule"), [("first_day", 1, "before_start"), ("last_day", -1, "after_end")]
)
def test_a_session_is_not_moved_out_of_its_series_days(
    clinic: Clinic, name: str, days: int, rule: str
) -> None:
    series, fifth, _ = last_two(clinic)
    change(series, **{name: fifth.local_date + timedelta(days=days)})
    later = fifth.starts_at + timedelta(minutes=15)
    assert appointment_operations.move(fifth.id, later, NOW, "staff:1").sequence == 1
    away = later - A_DAY if days > 0 else later + A_DAY
    with pytest.raises(ChangeRefused, match=rule):
        appointment_operations.move(fifth.id, away, NOW, "staff:1")


def test_a_session_that_was_outside_already_is_no_new_problem() -> None:
    span = SeriesSpan(date(2026, 12, 1), date(2026, 12, 31), [PauseDays(date(2026, 12, 10), None)])
    assert span.list_new_problems([], []) == []


def notes_on(appointment: Appointment, day: date, slug: str = "ahwatukee") -> list[Blocker]:
    """Return what binds plans alone, of a session's move to a day, at its own time of day."""
    appointment = db.session.get_one(Appointment, appointment.id)
    location = availability.current_catalogue().locations[slug]
    start = appointment.starts_at + (day - appointment.local_date)
    (ruled,) = read_session_move_rules(appointment, location, day, day, NOW)
    notes = [each for each in ruled.blockers_at(start) if each.override is OverriddenBy.FRONT_DESK]
    return [each for each in notes if isinstance(each.rule, SeriesRule)]


def test_days_and_times_asked_for_bind_plans_and_no_desk(clinic: Clinic) -> None:
    series, fifth, _ = last_two(clinic)
    day = fifth.local_date + A_DAY
    only = TimeWindow(frozenset({(day + A_DAY).weekday()}), time(13), time(15))
    change(series, preferences=Preferences(only=only).to_dict())
    weekday, hour = sorted(notes_on(fifth, day), key=lambda each: each.rule, reverse=True)
    assert (weekday.rule, weekday.facts) == (
        SeriesRule.OTHER_WEEKDAY,
        {"weekdays": ((day + A_DAY).weekday(),)},
    )
    assert (hour.rule, hour.facts["at"]) == (SeriesRule.OTHER_TIME, time(9))
    appointment_operations.move(fifth.id, fifth.starts_at + timedelta(hours=1), NOW, "staff:1")


def test_a_location_that_was_not_asked_for_is_said(clinic: Clinic) -> None:
    a_clinic(slug="scottsdale")
    series, fifth, _ = last_two(clinic)
    assert [each.rule for each in notes_on(fifth, fifth.local_date, "scottsdale")] == [
        SeriesRule.OTHER_LOCATION
    ]
    change(series, preferences=Preferences(locations=("scottsdale",)).to_dict())
    assert notes_on(fifth, fifth.local_date, "scottsdale") == []


def test_an_absence_and_what_is_not_authorised_are_said(clinic: Clinic) -> None:
    series, fifth, _ = last_two(clinic)
    day = fifth.local_date
    covered = AuthorisedSessions(6, day - timedelta(days=30), day)
    record_authorisation(series.id, covered, "A-1", clinic.front_desk.id, NOW)
    with transaction():
        db.session.add(
            PatientAbsence(
                patient_id=series.patient_id, first_day=day + A_DAY, last_day=day + A_DAY,
                recorded_at=NOW, recorded_by_id=clinic.front_desk.id,
            )
        )  # fmt: skip
    assert notes_on(fifth, day) == []
    away, unauthorised = notes_on(fifth, day + A_DAY)
    assert away.rule is SeriesRule.AWAY
    assert unauthorised.rule is SeriesRule.NOT_AUTHORISED
    assert unauthorised.facts["windows"] == [(covered.first_day, covered.last_day, 2)]
