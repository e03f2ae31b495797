"""Booking for a known patient who calls."""

from datetime import date, timedelta

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from booking.appointments import booking, queries
from booking.appointments.rules import Origin
from booking.calendars import availability
from booking.db.transactions import transaction
from booking.extensions import db
from booking.patients.models import Patient
from booking.screening import flags, unverified_flags
from booking.screening import operations as screening
from booking.screening.models import FlagKind
from booking.screening.rules import ScreeningOutcome
from booking.tasks import operations as tasks
from booking.tasks.models import TaskKind
from tests.builders import NOW, Clinic, a_closure, a_patient, a_request, answers, local


def test_a_time_chosen_is_booked(desk: FlaskClient) -> None:
    patient = a_patient()
    path = f"/desk/patients/{patient.id}/book"
    page = desk.get(f"{path}?service=follow-up&date=2026-12-01").text
    assert local(10).isoformat() in page
    answer = desk.post(path, data={"service": "follow-up", "start": local(10).isoformat()})
    (appointment,) = queries.list_appointments_of_patient(patient.id)
    assert answer.location == f"/desk/day/ahwatukee/2026-12-01#visit-{appointment.id}"
    assert (appointment.starts_at, appointment.origin) == (local(10), Origin.DESK)


def asked(**yes: bool) -> dict[str, str]:
    """Return the form's answers: no to every question but those named."""
    questions = availability.current_catalogue().questions.questions
    return {f"q-{one.slug}": "yes" if yes.get(one.slug) else "no" for one in questions}


def call(desk: FlaskClient, patient: Patient, **form: str) -> TestResponse:
    """Book a consultation tomorrow at ten for someone on the phone."""
    data = {"service": "consultation", "start": local(10).isoformat(), **form}
    return desk.post(f"/desk/patients/{patient.id}/book", data=data)


def test_the_first_day_with_a_free_time_is_shown(desk: FlaskClient, clinic: Clinic) -> None:
    a_closure(clinic.location, NOW.date())
    patient = a_patient()
    assert local(10).isoformat() in desk.get(f"/desk/patients/{patient.id}/book").text


def test_safety_questions_are_asked_aloud_and_who_asked_is_kept(
    desk: FlaskClient, clinic: Clinic
) -> None:
    patient = a_patient()
    assert call(desk, patient, **asked()).status_code == 302
    (appointment,) = queries.list_appointments_of_patient(patient.id)
    kept = screening.find_answers(appointment.id)
    assert kept is not None
    assert (kept.asked_by_id, kept.patient_id) == (clinic.front_desk.id, patient.id)
    assert kept.outcome is ScreeningOutcome.GO_ON
    assert flags.list_open_flags(patient.id) == []


def test_pressed_twice_it_is_booked_once(desk: FlaskClient) -> None:
    patient = a_patient()
    first, again = call(desk, patient, **asked()), call(desk, patient, **asked())
    assert (again.status_code, again.location) == (302, first.location)
    assert len(queries.list_appointments_of_patient(patient.id)) == 1


def test_answers_to_questions_that_have_changed_are_asked_for_again(desk: FlaskClient) -> None:
    patient = a_patient()
    assert "Ask every question" in call(desk, patient, **asked(), version="7").text
    assert queries.list_appointments_of_patient(patient.id) == []


def test_nothing_is_booked_before_every_question_is_answered(desk: FlaskClient) -> None:
    patient = a_patient()
    given = asked(pregnancy=True)
    del given["q-psychosis"]
    answer = call(desk, patient, **given)
    assert answer.status_code == 422
    assert "Ask every question" in answer.text
    assert 'name="q-pregnancy" value="yes" checked' in answer.text
    assert queries.list_appointments_of_patient(patient.id) == []


def test_a_follow_up_asks_nothing(desk: FlaskClient) -> None:
    patient = a_patient()
    page = desk.get(f"/desk/patients/{patient.id}/book?service=follow-up").text
    assert "q-psychosis" not in page


def test_what_the_consultation_is_there_for_is_booked_and_flagged(desk: FlaskClient) -> None:
    patient = a_patient()
    assert call(desk, patient, **asked(pregnancy=True)).status_code == 302
    (flag,) = flags.list_open_flags(patient.id)
    assert (flag.kind, flag.questions) == (FlagKind.SEEN_AT_APPOINTMENT, ["pregnancy"])


def test_who_must_be_called_first_is_not_booked_and_becomes_a_clinicians_task(
    desk: FlaskClient,
) -> None:
    patient = a_patient()
    answer = call(desk, patient, **asked(psychosis=True))
    assert answer.status_code == 422
    assert "has to call this patient first" in answer.text
    assert queries.list_appointments_of_patient(patient.id) == []
    (flag,) = flags.list_open_flags(patient.id)
    assert flag.kind is FlagKind.CALL_FIRST
    (task,) = tasks.list_open_tasks()
    assert (task.kind, task.subject_kind, task.subject_id) == (
        TaskKind.CALL_FIRST, "patient", patient.id
    )  # fmt: skip
    assert "Call before booking" in desk.get("/desk/tasks").text


def test_danger_leads_to_the_script_and_to_a_clinician_at_once(desk: FlaskClient) -> None:
    patient = a_patient()
    answer = call(desk, patient, **asked(danger=True))
    assert answer.location == "/desk/crisis"
    assert "call 911 from another phone" in desk.get("/desk/crisis").text
    assert queries.list_appointments_of_patient(patient.id) == []
    (task,) = tasks.list_open_tasks()
    assert (task.kind, task.due_at) == (TaskKind.CRISIS, NOW + timedelta(minutes=15))


def test_an_infusion_is_not_booked_by_itself(desk: FlaskClient, clinic: Clinic) -> None:
    patient = a_patient(clinic)
    data = {"service": "infusion", "start": local(10).isoformat()}
    desk.post(f"/desk/patients/{patient.id}/book", data=data)
    assert not any(
        appointment.is_infusion for appointment in queries.list_appointments_of_patient(patient.id)
    )


@pytest.mark.parametrize(
    "start",
    [
        "",
        "noon",
        "2026-12-01T03:00:00+00:00",
        "2020-01-01T17:00+00:00",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:00:00-14:00",
    ],
)
def test_what_is_no_free_time_is_refused(desk: FlaskClient, start: str) -> None:
    patient = a_patient()
    answer = desk.post(f"/desk/patients/{patient.id}/book", data={"start": start})
    assert answer.status_code == 422
    assert queries.list_appointments_of_patient(patient.id) == []


def test_nothing_is_booked_before_a_clinician_has_called(desk: FlaskClient) -> None:
    patient = a_patient()
    flags.raise_flag(
        FlagKind.CALL_FIRST,
        ("psychosis",),
        patient.birth_date,
        NOW,
        "online",
        patient_id=patient.id,
    )
    answer = call(desk, patient, **asked())
    assert answer.status_code == 422
    assert "has to call this patient first" in answer.text
    assert queries.list_appointments_of_patient(patient.id) == []


def test_nothing_is_booked_for_a_minor(desk: FlaskClient) -> None:
    patient = a_patient()
    with transaction():
        db.session.get_one(Patient, patient.id).birth_date = date(2009, 1, 1)
    assert call(desk, patient, **asked()).status_code == 422
    assert queries.list_appointments_of_patient(patient.id) == []


def a_report(patient: Patient) -> None:
    """A stranger answers online in a patient's name that a clinician should call first."""
    told = a_request(contact=patient.contact, answers=answers(patient.birth_date, psychosis=True))
    booking.book_slot(told, NOW)


def test_an_unverified_report_is_shown_and_the_desk_books(desk: FlaskClient) -> None:
    patient = a_patient()
    a_report(patient)
    assert "not verified: ask" in desk.get(f"/desk/patients/{patient.id}/book").text
    assert call(desk, patient, **asked()).status_code == 302
    assert len(queries.list_appointments_of_patient(patient.id)) == 1


def test_an_unverified_flag_says_what_it_stops(practitioner: FlaskClient) -> None:
    stopped, seen = a_patient(), a_patient(given_name="Other")
    a_report(stopped)
    flags.raise_flag(
        FlagKind.SEEN_AT_APPOINTMENT, ("pregnancy",), seen.birth_date, NOW, "online",
        patient_id=seen.id, is_verified=False,
    )  # fmt: skip
    pages = [practitioner.get(f"/desk/patients/{patient.id}").text for patient in (stopped, seen)]
    assert ["stops new bookings online" in page for page in pages] == [True, False]
    assert ["It stops nothing" in page for page in pages] == [False, True]


def test_what_the_patient_answers_beside_a_report_still_counts(desk: FlaskClient) -> None:
    patient = a_patient()
    a_report(patient)
    assert call(desk, patient, **asked(psychosis=True)).status_code == 422
    assert call(desk, patient, **asked()).status_code == 422
    assert queries.list_appointments_of_patient(patient.id) == []


def test_an_accepted_report_stops_the_desk_too(desk: FlaskClient, clinic: Clinic) -> None:
    patient = a_patient()
    a_report(patient)
    (flag,) = flags.list_open_flags(patient.id)
    unverified_flags.confirm_flag(flag.id, patient.id, clinic.practitioner.id, NOW)
    answer = call(desk, patient, **asked())
    assert "has to call this patient first" in answer.text
    assert "not verified: ask" not in answer.text
    assert queries.list_appointments_of_patient(patient.id) == []
