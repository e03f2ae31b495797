"""Readiness for an infusion, in green and red, with the reason in words and nothing clinical."""

from datetime import timedelta

from flask import Flask
from flask.testing import FlaskClient

from booking.appointments import attendance
from booking.appointments import operations as appointment_operations
from booking.appointments.day_rules import TreatmentStep
from booking.appointments.treatments import record_step
from booking.patients.operations import record_consent
from booking.screening import flags
from booking.screening.models import FlagKind
from booking.screening.operations import record_finding
from booking.screening.rules import Finding
from booking.series.queries import list_sessions
from tests.builders import NOW, Clinic, a_patient, an_infusion
from tests.desk.signed_in import sign_in
from tests.series.prescribed import a_booked_series, appointments

DAY = f"/desk/day/ahwatukee/{NOW.date()}"
SOON = NOW + timedelta(hours=1)


def test_what_is_missing_is_red_until_it_is_there(clinic: Clinic, desk: FlaskClient) -> None:
    patient = a_patient(clinic)
    appointment = an_infusion(clinic, SOON, patient)
    text = desk.get(DAY).text
    assert "Ride not named: ask" in text
    assert "Never asked whether texts are welcome" in text
    assert "cleared, no flags, phone" in text
    attendance.check_in(appointment.id, NOW, "staff:1")
    record_step(appointment.id, TreatmentStep.RIDE, NOW, "staff:1")
    record_consent(patient, patient.phone or "", "May we text?", NOW, granted=False)
    text = desk.get(DAY).text
    assert "mark-stop" not in text
    assert "In order" in text


def test_the_front_desk_is_told_that_a_practitioner_decides_and_not_what(
    app: Flask, clinic: Clinic
) -> None:
    patient = a_patient(clinic)
    an_infusion(clinic, SOON, patient)
    flags.raise_flag(
        FlagKind.CALL_FIRST, ("psychosis",), patient.birth_date, NOW, "test", patient_id=patient.id
    )
    record_finding(patient, Finding.NOT_SUITABLE, clinic.practitioner.id, NOW)
    text = sign_in(app, clinic.front_desk).get(DAY).text
    assert "Flag: practitioner decides" in text
    assert "Not cleared for infusions: a practitioner decides." in text
    assert "finding is no" not in text
    assert "psychosis" not in text


def test_a_missed_sessions_task_offers_what_can_be_done_beside_done(
    app: Flask, clinic: Clinic
) -> None:
    browser = sign_in(app, clinic.practitioner)
    series = a_booked_series(clinic)
    third = appointments(series)[2]
    appointment_operations.cancel(third.id, NOW, "online", by_patient=True)
    session_id = list_sessions(series.id)[2].session.id
    address = f"/desk/sessions/{session_id}/heal?way=as_they_are"
    text = browser.get("/desk/tasks").text
    assert f'href="{address}"' in text
    assert "Go on without it: nothing else changes" in text
    assert 'value="as_they_are" checked' in browser.get(address).text
