"""Finding a patient, and the patient's page."""

from datetime import datetime, timedelta
from html import unescape

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from booking.appointments.models import Appointment
from booking.db.transactions import transaction
from booking.extensions import db
from booking.messaging import operations as messaging
from booking.messaging.models import InboundMessage, Message
from booking.messaging.operations import MessageDraft
from booking.messaging.opt_outs import record_opt_out
from booking.messaging.rules import Channel, ReplyMeaning
from booking.patients.models import Patient
from booking.screening import flags
from booking.screening import operations as screening
from booking.screening.models import FlagKind
from booking.screening.rules import Clearance, Finding
from tests.builders import (
    NOW,
    TOMORROW,
    Clinic,
    a_booking,
    a_contact,
    a_patient,
    an_infusion,
    answers,
    local,
)
from tests.desk.page_forms import form_on, send


@pytest.mark.parametrize(
    "text",
    [
        "de la cr", "De La Cruz", "josé de la cruz", "de la Cruz, José", "jos",
        "(602) 555-0142", "602.555.0142", "Jose@Example.com", "02/29/1980", "1980-02-29",
    ],
)  # fmt: skip
def test_a_patient_is_found_by_what_the_caller_says(desk: FlaskClient, text: str) -> None:
    a_patient(
        given_name="José", family_name="de la Cruz", phone="+16025550142", email="jose@example.com"
    )
    found = desk.get("/desk/patients", query_string={"q": text}).text
    assert "de la Cruz, José" in found
    assert "1 patient found" in found


@pytest.mark.parametrize("text", ["Nobody", "%", "__", "602", "13/45/1980", "@", "'", "--", ",,"])
def test_nobody_is_found_by_what_fits_no_one(desk: FlaskClient, text: str) -> None:
    a_patient(given_name="Ana", family_name="Ruiz")
    response = desk.get("/desk/patients", query_string={"q": text})
    assert response.status_code == 200
    assert "Ruiz" not in response.text


def test_a_merged_record_leads_to_the_one_it_was_merged_into(desk: FlaskClient) -> None:
    patient, merged = a_patient(), a_patient()
    with transaction():
        db.session.get_one(Patient, merged.id).merged_into_id = patient.id
    assert desk.get(f"/desk/patients/{merged.id}").location == f"/desk/patients/{patient.id}"


def a_text_about(appointment: Appointment, send_at: datetime = NOW) -> Message:
    """Owe a text about an appointment and return it."""
    draft = MessageDraft(
        topic=f"appointment:{appointment.id}",
        revision=0,
        kind="confirmation",
        channel=Channel.SMS,
        recipient="+16025550142",
        body="See you on Tuesday.",
        send_at=send_at,
        expires_at=appointment.starts_at,
        time_zone="America/Phoenix",
        language="en",
    )
    messaging.enqueue(draft, NOW)
    return db.session.scalars(select(Message)).one()


def test_the_patients_page_shows_contact_appointments_and_texts(desk: FlaskClient) -> None:
    appointment = a_booking(
        contact=a_contact(given_name="Ana", family_name="Ruiz", phone="+16025550142")
    )
    a_text_about(appointment)
    text = desk.get(f"/desk/patients/{appointment.patient_id}").text
    for shown in (
        "(602) 555-0142",
        "Agreed to texts",
        "Consultation",
        "See you on Tuesday.",
        "Planned",
    ):
        assert shown in text


def test_the_page_title_says_nothing_of_the_patient(desk: FlaskClient, clinic: Clinic) -> None:
    patient = a_patient(clinic, given_name="Ana", family_name="Ruiz")
    assert "<title>Patient" in desk.get(f"/desk/patients/{patient.id}").text


def test_a_practitioner_clears_a_flag(practitioner: FlaskClient) -> None:
    appointment = a_booking(answers=answers(pregnancy=True))
    patient_id = appointment.patient_id
    assert "Are you pregnant?" in practitioner.get(f"/desk/patients/{patient_id}").text
    (flag,) = flags.list_open_flags(patient_id or 0)
    practitioner.post(f"/desk/patients/{patient_id}/flags/{flag.id}/clear")
    assert flags.list_open_flags(patient_id or 0) == []


def test_a_flag_raised_before_there_was_a_record_can_be_cleared(practitioner: FlaskClient) -> None:
    patient = a_patient()
    contact = a_contact(family_name=patient.family_name)
    flag = flags.raise_flag(
        FlagKind.CALL_FIRST, ("psychosis",), patient.birth_date, NOW, "online", contact=contact
    )
    assert "Psychosis, ever?" in practitioner.get(f"/desk/patients/{patient.id}").text
    practitioner.post(f"/desk/patients/{patient.id}/flags/{flag.id}/clear")
    assert not flags.requires_call_first(contact, patient.birth_date)


def test_another_patients_flag_is_not_cleared_by_its_number(practitioner: FlaskClient) -> None:
    other = a_patient()
    appointment = a_booking(answers=answers(pregnancy=True))
    (flag,) = flags.list_open_flags(appointment.patient_id or 0)
    practitioner.post(f"/desk/patients/{other.id}/flags/{flag.id}/clear")
    assert flags.list_open_flags(appointment.patient_id or 0) != []


def test_a_practitioner_records_a_finding(practitioner: FlaskClient, clinic: Clinic) -> None:
    patient = a_patient()
    response = practitioner.post(
        f"/desk/patients/{patient.id}/finding",
        data={"finding": "suitable", "valid_until": "2027-05-31", "note": "Rides with a sister"},
    )
    assert response.status_code == 302
    suitability = screening.newest_finding(patient.id)
    assert suitability is not None
    assert (suitability.finding, suitability.note) == (Finding.SUITABLE, "Rides with a sister")
    assert screening.get_clearance(patient.id, TOMORROW) is Clearance.CLEARED
    text = practitioner.get(f"/desk/patients/{patient.id}").text
    assert "valid until May 31, 2027" in text


@pytest.mark.parametrize(
    "wrong",
    [
        {"finding": ""}, {"finding": "maybe"}, {"valid_until": "2026-11-29"},
        {"valid_until": "soon"}, {"note": "x" * 1001},
    ],
)  # fmt: skip
def test_a_finding_that_makes_no_sense_keeps_what_was_typed(
    practitioner: FlaskClient, wrong: dict[str, str]
) -> None:
    patient = a_patient()
    typed = {"finding": "suitable", "valid_until": "", "note": "Rides with a sister", **wrong}
    response = practitioner.post(f"/desk/patients/{patient.id}/finding", data=typed)
    assert response.status_code == 422
    assert typed["note"] in response.text
    assert screening.newest_finding(patient.id) is None


def test_the_front_desk_neither_decides_nor_clears(desk: FlaskClient) -> None:
    appointment = a_booking(answers=answers(pregnancy=True))
    (flag,) = flags.list_open_flags(appointment.patient_id or 0)
    path = f"/desk/patients/{appointment.patient_id}"
    assert "Record a finding" not in desk.get(path).text
    assert desk.post(f"{path}/finding", data={"finding": "suitable"}).status_code == 403
    assert desk.post(f"{path}/flags/{flag.id}/clear").status_code == 403
    assert flags.list_open_flags(appointment.patient_id or 0) != []


def test_texts_from_the_patients_number_are_shown(desk: FlaskClient) -> None:
    patient = a_patient(phone="+16025550142")
    with transaction():
        db.session.add(
            InboundMessage(
                provider_id="SM1", sender="+16025550142", recipient="+16025550100",
                body="Running late", received_at=NOW, meaning=ReplyMeaning.UNCLEAR,
            )
        )  # fmt: skip
    text = desk.get(f"/desk/patients/{patient.id}").text
    assert "Running late" in text
    assert "to be read" in text


def test_the_desk_lets_a_message_go_at_once(desk: FlaskClient) -> None:
    phone = "+16025550142"
    appointment = a_booking(contact=a_contact(phone=phone))
    message = a_text_about(appointment, NOW + timedelta(hours=6))
    path = f"/desk/patients/{appointment.patient_id}"
    assert "Send now" in desk.get(path).text
    response = desk.post(f"{path}/messages/{message.id}/send-now")
    assert response.location == f"{path}#messages-heading"
    sent = db.session.get_one(Message, message.id, populate_existing=True)
    assert (sent.send_at, sent.immediate) == (NOW, True)


def test_what_was_stopped_meanwhile_is_said_not_to_go_and_goes_by_no_hand(
    desk: FlaskClient,
) -> None:
    phone = "+16025550142"
    appointment = a_booking(contact=a_contact(phone=phone))
    message = a_text_about(appointment, NOW + timedelta(hours=6))
    path = f"/desk/patients/{appointment.patient_id}"
    page = f"{path}/messages/{message.id}/send-now"
    form = form_on(desk, path, page)
    record_opt_out(phone, "inbound", NOW)
    for shown in (path, f"/desk/visits/{appointment.id}"):
        text = unescape(desk.get(shown).text)
        assert "Won't go as things stand: the number said STOP" in text
        assert "Send now" not in text
        assert "Planned for" not in text
    notice = desk.get(send(desk, form, {}).location).text
    assert "Not sent: the number said STOP." in notice
    assert not db.session.get_one(Message, message.id, populate_existing=True).immediate


def test_a_message_to_someone_else_is_not_found(desk: FlaskClient) -> None:
    message = a_text_about(a_booking(), NOW + timedelta(hours=6))
    path = f"/desk/patients/{a_patient().id}/messages/{message.id}/send-now"
    assert desk.post(path).status_code == 404
    assert not db.session.get_one(Message, message.id).immediate


def test_the_next_appointment_comes_first_and_the_past_is_folded(
    desk: FlaskClient, clinic: Clinic
) -> None:
    patient = a_patient(clinic)
    later, sooner, old = (an_infusion(clinic, local(10, day=day), patient) for day in (
        TOMORROW + timedelta(days=21), TOMORROW + timedelta(days=7), TOMORROW
    ))  # fmt: skip
    with transaction():
        row = db.session.get_one(Appointment, old.id)
        row.starts_at, row.ends_at = NOW - timedelta(days=400), NOW - timedelta(days=399)
    text = desk.get(f"/desk/patients/{patient.id}").text
    next_start, past = text.index("Next:"), text.index('id="past-visits"')
    places = [text.index(f'/desk/visits/{each.id}"', next_start) for each in (sooner, later, old)]
    assert places == sorted(places)
    assert places[1] < past < places[2]
    assert "Tue, Dec 8, 2026" in text
    assert "2025" in text[past:]
    assert sooner.reference in text[next_start:past]
