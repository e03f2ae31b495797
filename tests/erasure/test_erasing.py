"""A record is erased where nothing forbids it: no word is left, counts and the trail are as they were."""

from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from booking.appointments.models import Appointment
from booking.audit import operations as audit
from booking.audit.models import AuditEntry
from booking.audit.rules import SealKeys
from booking.calendars.models import Claim
from booking.db.transactions import transaction
from booking.erasure.obstacles import ErasureRefused
from booking.erasure.operations import erase_patient, lift_hold, place_hold
from booking.erasure.retention import apply_policy
from booking.erasure.rules import ErasureObstacle, RetentionPolicy, years_before
from booking.extensions import db
from booking.merging import operations as merging
from booking.messaging.models import InboundMessage, Message
from booking.patients import notes
from booking.patients.models import Patient
from booking.patients.searching import search_patients_by_text
from booking.reminders.conversations import get_conversation_state
from booking.tasks import operations as tasks
from booking.tasks.models import Owner, TaskKind
from tests.builders import NOW, Clinic, a_booking, a_clinic, a_contact, a_patient, local
from tests.desk.text_scenarios import a_text

ANA = {"given_name": "Anastasia", "family_name": "Quillfeather", "phone": "+16025550142",
       "email": "ana@quillfeather.example"}  # fmt: skip
WORDS = ("anastasia", "quillfeather", "6025550142")
LATER = NOW + timedelta(days=2)
KEYS = SealKeys.from_settings("key", "secret")


@pytest.fixture
def clinic(app: Flask) -> Clinic:
    return a_clinic()


def a_former_patient(clinic: Clinic) -> Patient:
    """Return somebody who booked online, came, wrote, and of whom nothing is left to do."""
    appointment = a_booking(local(10), contact=a_contact(**ANA))
    patient = db.session.get_one(Patient, appointment.patient_id)
    notes.write_note(patient.id, "Anastasia hums", clinic.practitioner.id, NOW)
    a_text("Thank you, Anastasia Quillfeather", phone=ANA["phone"])
    settle(patient.id)
    return patient


def settle(patient_id: int) -> None:
    with transaction():
        for statement in (
            f"UPDATE appointment SET status = 'fulfilled' WHERE patient_id = {patient_id}",
            "UPDATE task SET done_at = created_at",
            "UPDATE message SET status = 'skipped', reason = 'test' WHERE status = 'planned'",
        ):
            db.session.execute(text(statement))


def tables_with(*words: str) -> set[str]:
    """Return the columns of all tables in which any of these words stands."""
    db.session.rollback()
    return {
        f"{table.name}.{column.name}"
        for table in db.metadata.sorted_tables
        for column in table.columns
        for value in db.session.scalars(select(column))
        if any(word in str(value).casefold() for word in words)
    }


def count(table: type[Appointment] | type[Claim] | type[Message] | type[InboundMessage]) -> int:
    return db.session.scalar(select(func.count()).select_from(table)) or 0


def test_no_word_is_left_and_what_is_counted_is(clinic: Clinic) -> None:
    patient = a_former_patient(clinic)
    counted = [count(table) for table in (Appointment, Claim, Message, InboundMessage)]
    assert len(tables_with(*WORDS)) > 5
    assert search_patients_by_text("Quillfeather", NOW.date(), 5)
    erase_patient(patient.id, LATER, "staff:1")
    assert tables_with(*WORDS) == set()
    assert [count(table) for table in (Appointment, Claim, Message, InboundMessage)] == counted
    assert search_patients_by_text("Quillfeather", NOW.date(), 5) == []
    assert get_conversation_state(ANA["phone"]).inbound_id is None


def test_invariant_12_the_trail_is_what_it_was_and_still_verifies(clinic: Clinic) -> None:
    patient = a_former_patient(clinic)
    audit.seal_entries(LATER, KEYS)
    before = db.session.scalars(select(AuditEntry.facts).order_by(AuditEntry.id)).all()
    erase_patient(patient.id, LATER, "staff:1")
    assert audit.verify_trail(KEYS).unsealed
    after = db.session.scalars(select(AuditEntry.facts).order_by(AuditEntry.id)).all()
    assert after[:-1] == before
    assert after[-1] == {"records": 1, "appointments": 1}


def test_what_was_merged_into_it_goes_with_it(clinic: Clinic) -> None:
    patient = a_former_patient(clinic)
    other = a_patient(given_name="Nastya", family_name="Quillfeather", phone="+16025550143")
    merging.merge_patients(patient.id, other.id, ("phone",), clinic.front_desk.id, NOW.date(), NOW)
    with pytest.raises(ErasureRefused) as refused:
        erase_patient(other.id, LATER, "staff:1")
    assert refused.value.obstacles == [ErasureObstacle.MERGED]
    settle(patient.id)
    erase_patient(patient.id, LATER, "staff:1")
    assert tables_with(*WORDS, "nastya", "6025550143") == set()


def test_a_number_that_somebody_else_has_keeps_its_texts(clinic: Clinic) -> None:
    patient = a_former_patient(clinic)
    a_patient(phone=ANA["phone"])
    erase_patient(patient.id, LATER, "staff:1")
    assert tables_with("6025550142") == {
        *("inbound.sender", "message.recipient", "message.person", "patient.phone")
    }


def test_what_is_to_come_to_do_or_to_be_preserved_forbids_it(clinic: Clinic) -> None:
    patient = a_former_patient(clinic)
    coming = a_booking(local(14), contact=a_contact(**ANA))
    with transaction():
        appointment = db.session.get_one(Appointment, coming.id)
        appointment.patient_id = patient.id
    tasks.open_task(TaskKind.CALL_BACK, Owner.FRONT_DESK, "patient", patient.id, NOW, NOW)
    place_hold(patient.id, "A claim", clinic.front_desk.id, NOW, "staff:1")
    before = tables_with(*WORDS)
    with pytest.raises(ErasureRefused) as refused:
        erase_patient(patient.id, LATER, "staff:1")
    assert refused.value.obstacles[:3] == [
        ErasureObstacle.LEGAL_HOLD, ErasureObstacle.COMING_APPOINTMENT, ErasureObstacle.OPEN_TASK,
    ]  # fmt: skip
    assert tables_with(*WORDS) == before


def test_twice_is_refused(clinic: Clinic) -> None:
    patient = a_former_patient(clinic)
    erase_patient(patient.id, LATER, "staff:1")
    with pytest.raises(ErasureRefused) as refused:
        erase_patient(patient.id, LATER, "staff:1")
    assert refused.value.obstacles == [ErasureObstacle.ERASED_ALREADY]


def in_years(years: int) -> datetime:
    return NOW.replace(year=NOW.year + years)


def test_by_policy_nothing_is_erased_unless_a_number_is_set(clinic: Clinic) -> None:
    a_former_patient(clinic)
    before = tables_with(*WORDS)
    apply_policy(in_years(50), RetentionPolicy())
    assert tables_with(*WORDS) == before


@pytest.mark.parametrize(("years", "is_left"), [(7, False), (6, True)])
def test_by_policy_a_record_goes_so_many_years_after_the_last_contact(
    clinic: Clinic, years: int, is_left: bool
) -> None:
    a_former_patient(clinic)
    apply_policy(
        in_years(years) + timedelta(days=2 if years == 7 else 0), RetentionPolicy(record_years=7)
    )
    assert bool(tables_with(*WORDS)) is is_left


def test_a_legal_hold_stops_the_policy_until_it_is_lifted(clinic: Clinic) -> None:
    patient = a_former_patient(clinic)
    place_hold(patient.id, "A claim", clinic.front_desk.id, NOW, "staff:1")
    policy = RetentionPolicy(record_years=7, message_years=1, draft_years=1)
    apply_policy(in_years(9), policy)
    words = db.session.scalars(select(InboundMessage.body)).all()
    assert [bool(body) for body in words] == [True]
    assert "patient.family_name" in tables_with(*WORDS)
    lift_hold(patient.id, clinic.front_desk.id, NOW, "staff:1")
    apply_policy(in_years(9), policy)
    assert tables_with(*WORDS) == set()


def test_by_policy_the_words_of_texts_go_before_the_record(clinic: Clinic) -> None:
    a_former_patient(clinic)
    with transaction():
        db.session.execute(text("UPDATE inbound SET read_at = received_at"))
    apply_policy(in_years(2), RetentionPolicy(message_years=1))
    assert db.session.scalars(select(InboundMessage.body)).all() == [""]
    (entry,) = db.session.scalars(select(AuditEntry).filter_by(action="clear_old_words"))
    assert (entry.actor, entry.facts["texts"]) == ("scheduler", 1)
    assert "patient.family_name" in tables_with(*WORDS)


def test_a_leap_day_has_a_day_before() -> None:
    assert years_before(datetime(2028, 2, 29), 1) == datetime(2027, 2, 28)  # noqa: DTZ001
