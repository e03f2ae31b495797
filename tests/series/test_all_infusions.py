"""Gaps look at all infusions of a person: other series', those booked by themselves, merged records'."""

from datetime import date, datetime, timedelta

import pytest

from booking.appointments import attendance
from booking.appointments import operations as appointment_operations
from booking.appointments.guards import ChangeRefused
from booking.appointments.models import Appointment
from booking.appointments.patient_booking import PatientBusy, book_for_patient
from booking.appointments.rules import Origin, Outcome
from booking.calendars import availability
from booking.db.transactions import transaction
from booking.extensions import db
from booking.patients.models import Patient
from booking.series import operations as series_operations
from booking.series.models import InfusionSeries
from booking.series.preferences import Preferences
from booking.series.progress import SeriesStatus
from booking.series.proposals import propose_plans
from booking.series.queries import list_series, list_sessions
from booking.series.refusals import SeriesInProgress
from booking.series.spacing import Infusion, list_too_close
from tests.builders import NOW, TOMORROW, Clinic, a_patient, local
from tests.series.prescribed import (
    SIX,
    TWICE,
    a_booked_series,
    a_series,
    a_template,
    appointments,
    doctor,
    starts,
)


def an_infusion(patient: Patient, starts_at: datetime, now: datetime = NOW) -> Appointment:
    """Book an infusion that no series has."""
    catalogue = availability.current_catalogue()
    location, service = catalogue.locations["ahwatukee"], catalogue.services["infusion"]
    demand = service.infusion_demand(15, 45, 30, location)
    return book_for_patient(
        patient, location, service, demand, starts_at, now, origin=Origin.DESK, actor="test"
    )


def merge(into: Patient) -> Patient:
    other = a_patient()
    with transaction():
        db.session.get_one(Patient, other.id).merged_into_id = into.id
    return other


def days(series: InfusionSeries) -> list[date]:
    return [session.planned.day for session in propose_plans(series, NOW).plans[0].sessions]


def test_a_session_needs_its_phases_least_gap_after_any_other_infusion() -> None:
    other = Infusion(1, date(2026, 12, 3), None)
    assert list_too_close(Infusion(0, date(2026, 12, 4), TWICE), [other])
    assert list_too_close(Infusion(0, date(2026, 12, 2), TWICE), [other])
    assert list_too_close(Infusion(0, date(2026, 12, 5), TWICE), [other]) == []


def test_a_plan_keeps_away_from_an_infusion_booked_by_itself(clinic: Clinic) -> None:
    patient = a_patient(clinic)
    an_infusion(patient, local(10, day=date(2026, 12, 3)))
    planned = days(a_series(clinic, patient=patient))
    assert all(abs((day - date(2026, 12, 3)).days) >= TWICE.min_days for day in planned)


def test_a_plan_keeps_away_from_infusions_of_a_merged_record(clinic: Clinic) -> None:
    patient = a_patient(clinic)
    other = a_patient(clinic)
    an_infusion(other, local(10, day=date(2026, 12, 3)))
    with transaction():
        db.session.get_one(Patient, other.id).merged_into_id = patient.id
    planned = days(a_series(clinic, patient=patient))
    assert all(abs((day - date(2026, 12, 3)).days) >= TWICE.min_days for day in planned)


def test_a_patient_treated_today_is_not_planned_for_today(clinic: Clinic) -> None:
    patient = a_patient(clinic)
    appointment = an_infusion(patient, local(9, day=date(2026, 11, 30)))
    attendance.check_in(appointment.id, appointment.starts_at, "staff:1")
    attendance.fulfil(appointment.id, Outcome.TREATED, appointment.ends_at, "staff:1")
    series = series_operations.prescribe_series(
        patient, a_template().id, SIX, Preferences(), "ahwatukee", date(2026, 11, 30),
        clinic.practitioner.id, appointment.ends_at,
    )  # fmt: skip
    plan = propose_plans(series, appointment.ends_at).plans[0].sessions
    assert plan[0].planned.day >= date(2026, 11, 30) + timedelta(days=TWICE.min_days)


def test_an_infusion_by_itself_keeps_away_from_sessions(clinic: Clinic) -> None:
    series = a_booked_series(clinic)
    patient = db.session.get_one(Patient, series.patient_id)
    first = appointments(series)[0]
    with pytest.raises(ChangeRefused, match="infusion_too_close"):
        an_infusion(patient, first.starts_at + timedelta(days=1))


def test_an_infusion_by_itself_moves_next_to_a_session_only_for_a_reason(clinic: Clinic) -> None:
    patient = a_patient(clinic)
    appointment = an_infusion(patient, local(10, day=date(2027, 1, 20)))
    series = a_series(clinic, patient=patient)
    series_operations.book_plan(series.id, starts(propose_plans(series, NOW)), NOW, "staff:1")
    near = appointments(series)[-1].starts_at - timedelta(days=1)
    with pytest.raises(ChangeRefused) as refusal:
        appointment_operations.move(appointment.id, near, NOW, doctor(clinic))
    assert refusal.value.accepts_reason
    assert appointment_operations.move(
        appointment.id, near, NOW, doctor(clinic), reason="Asked for"
    ).note


def test_a_session_is_placed_next_to_an_infusion_by_itself_only_for_a_reason(
    clinic: Clinic,
) -> None:
    series = a_booked_series(clinic)
    last = appointments(series)[-1]
    appointment_operations.cancel(last.id, NOW, "online", by_patient=True)
    an_infusion(db.session.get_one(Patient, series.patient_id), last.starts_at - timedelta(days=1))
    session = list_sessions(series.id)[-1].session
    with pytest.raises(ChangeRefused, match="infusion_too_close"):
        series_operations.place_session(session.id, last.starts_at, NOW, doctor(clinic))
    series_operations.place_session(
        session.id, last.starts_at, NOW, doctor(clinic), reason="Asked for"
    )


def test_nobody_is_in_two_places_by_two_records(clinic: Clinic) -> None:
    patient = a_patient(clinic)
    other = merge(patient)
    an_infusion(patient, local(10))
    with pytest.raises(PatientBusy):
        an_infusion(other, local(13))


def test_prescribed_twice_alike_a_series_is_made_once(clinic: Clinic) -> None:
    patient, template = a_patient(clinic), a_template(SIX)
    for _ in range(2):
        series_operations.prescribe_series(
            patient, template.id, SIX, Preferences(), "ahwatukee", TOMORROW,
            clinic.practitioner.id, NOW,
        )  # fmt: skip
    assert len(list_series(patient.id)) == 1


def test_another_prescription_withdraws_the_one_not_booked(clinic: Clinic) -> None:
    patient, template = a_patient(clinic), a_template(SIX)
    for later in range(2):
        series_operations.prescribe_series(
            patient, template.id, SIX, Preferences(), "ahwatukee",
            TOMORROW + timedelta(days=later), clinic.practitioner.id, NOW,
        )  # fmt: skip
    newest, before = list_series(patient.id)
    assert (newest.status, before.status) == (SeriesStatus.PROPOSED, SeriesStatus.WITHDRAWN)


def test_beside_a_series_that_goes_on_none_is_prescribed(clinic: Clinic) -> None:
    series = a_booked_series(clinic)
    patient = merge(db.session.get_one(Patient, series.patient_id))
    with pytest.raises(SeriesInProgress):
        series_operations.prescribe_series(
            patient, series.template_id, SIX, Preferences(), "ahwatukee", TOMORROW,
            clinic.practitioner.id, NOW,
        )  # fmt: skip


def test_a_prescription_not_booked_is_withdrawn_with_its_reason(clinic: Clinic) -> None:
    series = a_series(clinic)
    series_operations.withdraw_prescription(series.id, NOW, doctor(clinic), reason="Patient's wish")
    (found,) = list_series(series.patient_id)
    assert (found.status, found.note) == (SeriesStatus.WITHDRAWN, "Patient's wish")
