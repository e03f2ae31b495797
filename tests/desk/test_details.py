"""A wrong number is corrected at the desk: with its history, its consent, and where messages go."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from booking.appointments.contacts import get_contact
from booking.audit.models import AuditEntry
from booking.db.transactions import transaction
from booking.extensions import db
from booking.messaging.models import Message
from booking.messaging.opt_outs import is_opted_out, record_opt_out
from booking.messaging.rules import Channel, MessageStatus
from booking.patients import operations as patients
from booking.patients.models import Patient, PatientChange
from booking.reminders import operations as reminders
from booking.reminders.models import ReminderPolicy
from booking.screening import flags
from booking.screening.models import FlagKind
from booking.tasks import operations as tasks
from booking.tasks.models import Owner, TaskKind
from tests.builders import NOW, Clinic, a_booking, a_contact, a_patient, answers, local
from tests.desk.page_forms import form_on, send
from tests.reminders.test_rules import RULES

OLD, NEW = "+16025550142", "+16025550143"


def correct(desk: FlaskClient, patient_id: int, **typed: str) -> tuple[int, str]:
    """Correct a record by its page; return the answer's status and text."""
    patient = db.session.get_one(Patient, patient_id)
    page = f"/desk/patients/{patient_id}/details"
    on_file: dict[str, object] = {
        "given_name": patient.given_name, "family_name": patient.family_name,
        "birth_date": patient.birth_date.strftime("%m/%d/%Y"), "phone": patient.phone or "",
        "email": patient.email or "", "language": "en", "safe_to_text": "yes",
    }  # fmt: skip
    response = send(desk, form_on(desk, page, page), {**on_file, **typed})
    return response.status_code, response.text


def planned_texts(number: str) -> list[str]:
    """Return the kinds of texts that still go to a number."""
    texts = select(Message.kind).where(
        Message.recipient == number,
        Message.channel == Channel.SMS,
        Message.status == MessageStatus.PLANNED,
    )
    return list(db.session.scalars(texts))


def test_a_number_is_mended_and_the_task_is_done(desk: FlaskClient, clinic: Clinic) -> None:
    rules = [rule.to_dict() for rule in RULES]
    with transaction():
        db.session.add(ReminderPolicy(version=1, digest="0" * 64, rules=rules, created_at=NOW))
    appointment = a_booking(
        local(10, day=NOW.date() + timedelta(days=9)), contact=a_contact(phone=OLD)
    )
    patient_id = appointment.patient_id
    assert patient_id is not None
    reminders.derive_messages(NOW)
    assert planned_texts(OLD)
    tasks.open_task(TaskKind.MEND_CONTACT, Owner.FRONT_DESK, "patient", patient_id, NOW, NOW)
    assert f"/desk/patients/{patient_id}/details" in desk.get("/desk/tasks").text
    assert correct(desk, patient_id, phone="(602) 555-0143", texts="yes")[0] == 302
    assert tasks.list_open_tasks(TaskKind.MEND_CONTACT) == []
    assert patients.has_text_consent(patient_id, NEW)
    reminders.derive_messages(NOW)
    assert planned_texts(OLD) == []
    assert planned_texts(NEW)


def test_a_new_number_asks_for_consent_anew(desk: FlaskClient) -> None:
    patient = a_patient(phone=OLD)
    patients.record_consent(patient, OLD, "Text me", NOW, granted=True)
    status, text = correct(desk, patient.id, phone=NEW)
    assert status == 422
    assert "The number is new: ask, and choose yes or no." in text
    assert db.session.get_one(Patient, patient.id).phone == OLD
    assert correct(desk, patient.id, phone=NEW, texts="no")[0] == 302
    assert not patients.has_text_consent(patient.id, NEW)


def test_what_stood_there_is_kept_with_who_changed_it(desk: FlaskClient, clinic: Clinic) -> None:
    patient = a_patient(given_name="Ana", phone=OLD, email="old@example.com")
    status, _text = correct(
        desk, patient.id, given_name="Anna", email="new@example.com", birth_date="03/01/1980"
    )
    assert status == 302
    rows = db.session.scalars(select(PatientChange).order_by(PatientChange.field))
    assert [(row.field, row.old, row.new, row.changed_by_id) for row in rows] == [
        ("birth_date", "1980-02-29", "1980-03-01", clinic.front_desk.id),
        ("email", "old@example.com", "new@example.com", clinic.front_desk.id),
        ("given_name", "Ana", "Anna", clinic.front_desk.id),
    ]
    page = desk.get(f"/desk/patients/{patient.id}").text
    assert "old@example.com" in page
    assert clinic.front_desk.name in page


def test_invariant_12_the_audit_trail_names_fields_and_nothing_in_them(desk: FlaskClient) -> None:
    patient = a_patient(email="old@example.com")
    assert correct(desk, patient.id, email="new@example.com")[0] == 302
    (entry,) = db.session.scalars(select(AuditEntry).filter_by(action="edit_patient"))
    assert entry.facts == {"fields": "email"}


def test_a_corrected_name_is_found_and_matched(desk: FlaskClient) -> None:
    patient = a_patient(family_name="Ruis")
    assert correct(desk, patient.id, family_name="Ruiz")[0] == 302
    assert "Ruiz, Test" in desk.get("/desk/patients?q=ruiz").text


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"phone": "123"}, "Enter a phone number"),
        ({"email": "nobody"}, "Enter an e-mail address"),
        ({"phone": "", "email": ""}, "Enter a phone number or an e-mail address."),
        ({"birth_date": "13/45/1980"}, "Enter a birth date"),
        ({"birth_date": "01/01/2020"}, "The clinic treats adults only."),
        ({"given_name": " "}, "Enter the first name."),
        ({"language": "xx"}, "Choose from what is offered"),
    ],
)
def test_what_cannot_be_right_is_refused_and_kept(
    desk: FlaskClient, typed: dict[str, str], said: str
) -> None:
    patient = a_patient(phone=OLD)
    status, text = correct(desk, patient.id, **typed)
    assert status == 422
    assert said in text
    assert db.session.scalars(select(PatientChange)).all() == []


def test_a_flag_still_stands_against_someone_whose_birth_date_was_corrected(
    desk: FlaskClient,
) -> None:
    contact = a_contact(family_name="Ruiz")
    flags.raise_flag(
        FlagKind.CALL_FIRST, ("psychosis",), answers().birth_date, NOW, "api", contact=contact
    )
    patient = a_patient(family_name="Ruiz")
    assert len(flags.list_open_flags(patient.id)) == 1
    assert correct(desk, patient.id, birth_date="03/01/1980", family_name="Rojas")[0] == 302
    assert len(flags.list_open_flags(patient.id)) == 1


def test_a_number_that_said_stop_is_shown_as_such(desk: FlaskClient) -> None:
    patient = a_patient(phone=OLD)
    assert not is_opted_out(OLD)
    page = f"/desk/patients/{patient.id}/details"
    assert "said STOP" not in desk.get(page).text
    record_opt_out(OLD, "inbound", NOW)
    assert "said STOP" in desk.get(page).text


def test_another_language_holds_for_what_was_booked_online_too(
    desk: FlaskClient, clinic: Clinic
) -> None:
    appointment = a_booking(local(10), contact=a_contact(language="es"))
    patient = db.session.get_one(Patient, appointment.patient_id)
    assert correct(desk, patient.id, language="en")[0] == 302
    db.session.expire_all()
    assert (patient.language, get_contact(appointment, patient).language) == ("en", "en")


def test_a_possible_duplicate_is_named_before_anything_is_kept(desk: FlaskClient) -> None:
    a_patient(given_name="Maria", family_name="Ruiz")
    patient = a_patient(given_name="Maria", family_name="Rojas", phone=OLD)
    status, text = correct(desk, patient.id, family_name="Ruiz")
    assert status == 422
    assert "There may be a record already" in text
    assert "Ruiz, Maria" in text
    assert db.session.get_one(Patient, patient.id).family_name == "Rojas"
    assert correct(desk, patient.id, family_name="Ruiz", is_new="y")[0] == 302
    assert correct(desk, patient.id, family_name="Ruiz", given_name="Marie")[0] == 302


def test_what_they_allow_on_their_phone_is_shown_wherever_they_are_called(
    desk: FlaskClient, clinic: Clinic
) -> None:
    appointment = a_booking(local(10), contact=a_contact(given_name="Ana", phone=OLD))
    patient_id = appointment.patient_id or 0
    tasks.open_task(TaskKind.CALL_BACK, Owner.FRONT_DESK, "patient", patient_id, NOW, NOW)
    allowed = {"safe_to_text": "no", "leave_voicemail": "no", "preferred_name": "Annie"}
    assert correct(desk, patient_id, **allowed)[0] == 302
    pages = (f"/desk/patients/{patient_id}", f"/desk/visits/{appointment.id}", "/desk/tasks")
    for page in pages:
        text = desk.get(page).text
        for shown in ("Ana “Annie”", "Not safe to text", "No voicemail"):
            assert shown in text, page
    page = desk.get(f"/desk/patients/{patient_id}").text
    assert "Safe to text: <bdi>yes</bdi> → <bdi>no</bdi>" in page
    assert "Leave voicemail: <bdi>not asked</bdi> → <bdi>no</bdi>" in page


def test_consents_are_part_of_the_history_with_what_was_asked(desk: FlaskClient) -> None:
    patient = a_patient(phone=OLD)
    patients.record_consent(patient, OLD, "May we?", NOW, granted=True)
    assert correct(desk, patient.id, texts="no")[0] == 302
    page = desk.get(f"/desk/patients/{patient.id}").text
    assert "Texts to (602) 555-0142: <bdi>agreed</bdi> → <bdi>declined</bdi>" in page
    assert "“May we?”" in page


def test_where_they_live_is_kept_with_its_history(desk: FlaskClient) -> None:
    patient = a_patient(phone=OLD)
    assert correct(desk, patient.id, time_zone="Pacific/Honolulu")[0] == 302
    page = desk.get(f"/desk/patients/{patient.id}").text
    assert "<dt>Time zone</dt><dd>Hawaii (Honolulu)</dd>" in page
    assert "Time zone: <bdi>The clinic&#39;s</bdi> → <bdi>Hawaii (Honolulu)</bdi>" in page
    status, page = correct(desk, patient.id, time_zone="Mars/Base")
    assert status == 422
    assert db.session.get_one(Patient, patient.id).time_zone == "Pacific/Honolulu"
    assert correct(desk, patient.id, time_zone="")[0] == 302
    assert db.session.get_one(Patient, patient.id).time_zone is None
