"""Prescribing a series, seeing its plan, booking it whole, and changing one session."""

import re
from datetime import date, timedelta
from html import unescape

import pytest
from flask.testing import FlaskClient

from booking.appointments import queries
from booking.appointments.models import Appointment
from booking.appointments.rules import Status
from booking.db.transactions import transaction
from booking.extensions import db
from booking.patients.models import Patient
from booking.series.models import InfusionSeries, ScheduleTemplate
from booking.series.progress import SeriesStatus, SessionState
from booking.series.queries import get_phases, list_series, list_sessions
from booking.series.rules import Gap, Phase
from booking.series.templates import Template
from tests.builders import NOW, Clinic, a_patient, local

DENSE = Phase("Twice a week", 4, Gap(2, 3, 4, 5), 15, 45, 30)
TYPED = {
    "location": "ahwatukee", "first_day": "2026-12-01", "weekdays": ["0", "3"],
    "earliest": "09:00", "latest": "12:00", "note": "Rides with a sister",
    "phases-0-sessions": "4", "phases-0-min_days": "2", "phases-0-ideal_min_days": "3",
    "phases-0-ideal_max_days": "4", "phases-0-max_days": "5", "phases-0-setup": "15",
    "phases-0-infusion": "40", "phases-0-recovery": "30",
}  # fmt: skip
PLAN = re.compile(r'name="plan" value="([^"]+)"')


@pytest.fixture
def patient(clinic: Clinic) -> Patient:
    return a_patient(clinic, given_name="Ana", family_name="Ruiz")


@pytest.fixture
def template(clinic: Clinic) -> ScheduleTemplate:
    made = Template("short", {"en": "Short"}, 1, "Dr. Test", (DENSE,))
    with transaction():
        row = ScheduleTemplate(
            slug="short", version=1, digest="0" * 64, approved_by="Dr. Test", data=made.to_dict(),
            position=1, created_at=NOW,
        )  # fmt: skip
        db.session.add(row)
    return row


def prescribe(
    browser: FlaskClient, patient: Patient, template: ScheduleTemplate, **changed: object
) -> InfusionSeries:
    path = f"/desk/patients/{patient.id}/prescribe/{template.id}"
    answer = browser.post(path, data={**TYPED, **changed})
    assert answer.status_code == 302, answer.text
    (found,) = list_series(patient.id)
    assert answer.location == f"/desk/series/{found.id}/plan"
    return found


def plans(browser: FlaskClient, series: InfusionSeries) -> list[str]:
    return [
        unescape(key) for key in PLAN.findall(browser.get(f"/desk/series/{series.id}/plan").text)
    ]


def book(browser: FlaskClient, series: InfusionSeries) -> list[Appointment]:
    key = plans(browser, series)[0]
    assert browser.post(f"/desk/series/{series.id}/plan", data={"plan": key}).status_code == 302
    return [one.appointment for one in list_sessions(series.id) if one.appointment is not None]


def test_the_templates_are_shown_in_words(
    practitioner: FlaskClient, patient: Patient, template: ScheduleTemplate
) -> None:
    text = practitioner.get(f"/desk/patients/{patient.id}/prescribe").text
    assert "4 sessions, 3–4 days apart (2–5 allowed), 15 + 45 + 30 minutes" in text
    assert "approved by Dr. Test" in text


def test_without_a_finding_the_page_says_what_stands_in_the_way(
    practitioner: FlaskClient, template: ScheduleTemplate
) -> None:
    nobody = a_patient()
    assert (
        "has to record a finding" in practitioner.get(f"/desk/patients/{nobody.id}/prescribe").text
    )
    answer = practitioner.post(f"/desk/patients/{nobody.id}/prescribe/{template.id}", data=TYPED)
    assert answer.status_code == 422
    assert list_series(nobody.id) == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_stands_in_the_way_leads_to_where_it_is_mended(
    practitioner: FlaskClient, template: ScheduleTemplate
) -> None:
    nobody, child = a_patient(), a_patient(birth_date=date(2015, 5, 22))
    for patient, anchor, words in (
        (nobody, f"/desk/patients/{nobody.id}#finding", "Record a finding on the patient"),
        (child, f"/desk/patients/{child.id}/details", "Check the birth date: May 22, 2015"),
    ):
        for page in ("", f"/{template.id}"):
            text = practitioner.get(f"/desk/patients/{patient.id}/prescribe{page}").text
            assert f'<a href="{anchor}">{words}' in text


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"weekdays_asked": "never"}, "weekdays_asked"),
        ({"times_asked": "never"}, "times_asked"),
        ({"location": "nowhere"}, "location"),
        ({"phases-0-min_days": "9"}, "phases-0-"),
        ({"note": "x" * 1001}, "note"),
    ],
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_field_is_marked_where_marked_fields_are_spoken_of(
    practitioner: FlaskClient,
    patient: Patient,
    template: ScheduleTemplate,
    wrong: dict[str, object],
    field: str,
) -> None:
    path = f"/desk/patients/{patient.id}/prescribe/{template.id}"
    text = practitioner.post(path, data={**TYPED, **wrong}).text
    assert "Please look at the marked fields" in text
    assert re.search(rf'id="{field}[^>]*aria-invalid="true"', text)
    other = practitioner.post(path, data={**TYPED, "phases-1-sessions": "3"}).text
    assert "Please look at the marked fields" not in other
    assert "The template has other phases" in other


def test_the_numbers_are_made_the_patients_own(
    practitioner: FlaskClient, patient: Patient, template: ScheduleTemplate
) -> None:
    found = prescribe(practitioner, patient, template)
    assert get_phases(found)[0].infusion == 40
    assert found.preferences["rather"]["weekdays"] == [0, 3]
    assert found.preferences["only"]["weekdays"] == [*range(7)]
    assert found.note == "Rides with a sister"


@pytest.mark.parametrize(
    "wrong",
    [
        {"phases-0-sessions": ""}, {"phases-0-sessions": "many"}, {"phases-0-sessions": "0"},
        {"phases-0-min_days": "9"}, {"phases-0-infusion": "41"}, {"phases-0-max_days": "9999"},
        {"weekdays": []}, {"weekdays": ["9"]}, {"first_day": "2026-11-29"}, {"first_day": "soon"},
        {"earliest": "13:00"}, {"latest": "noon"}, {"location": "nowhere"}, {"note": "x" * 1001},
        {"phases-1-sessions": "3"},
    ],
)  # fmt: skip
def test_numbers_that_make_no_schedule_are_refused_and_kept(
    practitioner: FlaskClient,
    patient: Patient,
    template: ScheduleTemplate,
    wrong: dict[str, object],
) -> None:
    path = f"/desk/patients/{patient.id}/prescribe/{template.id}"
    answer = practitioner.post(path, data={**TYPED, **wrong})
    assert answer.status_code == 422
    assert list_series(patient.id) == []
    if "note" not in wrong:
        assert "Rides with a sister" in answer.text


def test_the_front_desk_does_not_prescribe(
    desk: FlaskClient, patient: Patient, template: ScheduleTemplate
) -> None:
    path = f"/desk/patients/{patient.id}/prescribe/{template.id}"
    assert desk.get(path).status_code == 403
    assert desk.post(path, data=TYPED).status_code == 403


def test_the_plan_shows_each_session_and_alternatives(
    practitioner: FlaskClient, patient: Patient, template: ScheduleTemplate
) -> None:
    found = prescribe(practitioner, patient, template)
    text = practitioner.get(f"/desk/series/{found.id}/plan").text
    for shown in (
        "Mondays and Thursdays, early mornings",
        "Thu, Dec 3",
        "9:00 AM",
        "chair 1",
        "4 days later",
    ):
        assert shown in text
    assert len(set(plans(practitioner, found))) >= 3


def test_the_chosen_plan_is_booked_whole(
    practitioner: FlaskClient, desk: FlaskClient, patient: Patient, template: ScheduleTemplate
) -> None:
    found = prescribe(practitioner, patient, template)
    key = plans(practitioner, found)[1]
    answer = desk.post(f"/desk/series/{found.id}/plan", data={"plan": key})
    assert answer.location == f"/desk/patients/{patient.id}#series-{found.id}"
    booked = [
        one.appointment.starts_at.isoformat() for one in list_sessions(found.id) if one.appointment
    ]
    assert booked == [start.partition(" ")[2] for start in key.split(",")]
    text = desk.get(f"/desk/patients/{patient.id}").text
    assert "4 booked" in text


def test_booking_twice_books_once(
    practitioner: FlaskClient, patient: Patient, template: ScheduleTemplate
) -> None:
    found = prescribe(practitioner, patient, template)
    key = plans(practitioner, found)[0]
    for _ in range(2):
        answer = practitioner.post(f"/desk/series/{found.id}/plan", data={"plan": key})
        assert answer.status_code == 302
    assert len(queries.list_appointments_of_patient(patient.id)) == 4


@pytest.mark.parametrize("key", ["", "x", "2026-12-01T16:00:00+00:00", "2026-12-01T16:00,x"])
def test_what_is_no_plan_books_nothing(
    practitioner: FlaskClient, patient: Patient, template: ScheduleTemplate, key: str
) -> None:
    found = prescribe(practitioner, patient, template)
    answer = practitioner.post(f"/desk/series/{found.id}/plan", data={"plan": key})
    assert answer.status_code == 422
    assert queries.list_appointments_of_patient(patient.id) == []
    assert list_series(patient.id)[0].status is SeriesStatus.PROPOSED


def test_a_series_without_room_says_which_session_and_why(
    practitioner: FlaskClient, clinic: Clinic, patient: Patient, template: ScheduleTemplate
) -> None:
    long = {"phases-0-infusion": "475"}  # longer than the clinic is open
    found = prescribe(practitioner, patient, template, **long)
    text = practitioner.get(f"/desk/series/{found.id}/plan").text
    assert "Session 1 has no place" in text


def test_moving_a_session_past_its_gap_asks_for_a_reason(
    practitioner: FlaskClient, desk: FlaskClient, patient: Patient, template: ScheduleTemplate
) -> None:
    appointments = book(practitioner, prescribe(practitioner, patient, template))
    path = f"/desk/visits/{appointments[1].id}/move"
    far = local(9, day=appointments[1].local_date + timedelta(days=2)).isoformat()
    answer = practitioner.post(path, data={"start": far})
    assert answer.status_code == 422
    assert "The series allows 2 to 5." in answer.text
    assert 'name="reason"' in answer.text
    answer = desk.post(path, data={"start": far, "reason": "Travels"})
    assert "or ask a practitioner, who may allow it" in answer.text
    answer = practitioner.post(path, data={"start": far, "reason": "Travels"})
    assert answer.status_code == 302


def test_a_session_without_a_time_is_placed_by_hand(
    practitioner: FlaskClient, desk: FlaskClient, patient: Patient, template: ScheduleTemplate
) -> None:
    found = prescribe(practitioner, patient, template)
    appointments = book(practitioner, found)
    data = {"who": "clinic", "reason": "Fewer chairs that day"}
    assert (
        practitioner.post(f"/desk/visits/{appointments[1].id}/cancel", data=data).status_code == 302
    )
    session = list_sessions(found.id)[1].session
    assert session.state is SessionState.UNPLACED
    path = f"/desk/sessions/{session.id}/place"
    assert f'href="{path}"' in desk.get(f"/desk/patients/{patient.id}").text
    assert desk.get(path).status_code == 200
    too_far = local(9, day=appointments[3].local_date + timedelta(days=20)).isoformat()
    answer = practitioner.post(path, data={"start": too_far})
    assert answer.status_code == 422
    assert 'name="reason"' in answer.text
    fits = local(13, day=appointments[1].local_date).isoformat()
    assert desk.post(path, data={"start": fits}).status_code == 302
    assert list_sessions(found.id)[1].session.state is SessionState.BOOKED
    assert desk.get(path).status_code == 302


def test_what_is_no_series_is_not_found(desk: FlaskClient) -> None:
    assert desk.get("/desk/series/99/plan").status_code == 404
    assert desk.get("/desk/sessions/99/place").status_code == 404


def test_a_practitioner_stops_a_series_with_a_reason(
    practitioner: FlaskClient, desk: FlaskClient, patient: Patient, template: ScheduleTemplate
) -> None:
    found = prescribe(practitioner, patient, template)
    book(practitioner, found)
    path = f"/desk/series/{found.id}/stop"
    assert "4 coming visits" in practitioner.get(path).text
    assert practitioner.post(path, data={"reason": ""}).status_code == 422
    assert desk.post(path, data={"reason": "x"}).status_code == 403
    assert practitioner.post(path, data={"reason": "Moved away"}).status_code == 302
    statuses = {
        appointment.status for appointment in queries.list_appointments_of_patient(patient.id)
    }
    assert statuses == {Status.CANCELLED}
    assert practitioner.get(path).status_code == 302
