"""What the clinic's policy says is kept no longer: erased by the scheduler, so much at a time.

Without a number in the settings nothing is.
"""

from datetime import datetime

import structlog
from sqlalchemy import ColumnElement, Select, and_, cast, delete, or_, select, update

from booking.appointments.models import Appointment
from booking.audit import operations as audit
from booking.db.transactions import transaction
from booking.erasure.models import LegalHold
from booking.erasure.obstacles import ON_THE_WAY, ErasureRefused
from booking.erasure.operations import erase_patient
from booking.erasure.removal import clear_message_words
from booking.erasure.rules import RetentionPolicy, years_before
from booking.extensions import db
from booking.messaging.models import InboundMessage, Message
from booking.patients.models import CallRequest, Patient, PatientChange, StaffNote, TextConsent
from booking.reminders.persons import PATIENT
from booking.staff.models import StaffSession
from booking.tasks.models import Task

ACTOR = "scheduler"
MOST_RECORDS, MOST_LOOKED_AT, MOST_ROWS = 20, 200, 500  # each time

log = structlog.get_logger()


def apply_policy(now: datetime, policy: RetentionPolicy) -> None:
    """Erase a part of what is past its time; the next time another."""
    if policy.record_years:
        erase_old_records(years_before(now, policy.record_years), now)
    if policy.message_years:
        clear_old_words(years_before(now, policy.message_years), now)
    if policy.draft_years:
        delete_old_drafts(years_before(now, policy.draft_years), now)


def erase_old_records(before: datetime, now: datetime) -> int:
    """Erase the records without a contact since an instant, each by itself; return how many.

    One that has to stay, as something of it is still to do, is left for another time.
    """
    count = 0
    for patient_id in db.session.scalars(_find_silent(before).limit(MOST_LOOKED_AT)).all():
        try:
            erase_patient(patient_id, now, ACTOR)
            count += 1
        except ErasureRefused as refusal:
            log.info("record_not_erased", patient=patient_id, why=str(refusal))
        if count == MOST_RECORDS:
            break
    return count


def _find_silent(before: datetime) -> Select[int]:
    """Return the records that nothing was heard of or done for since an instant, those held left out."""
    of_patient = Appointment.patient_id == Patient.id
    contacts = (
        select(Appointment.id).where(of_patient, Appointment.starts_at >= before),
        select(TextConsent.id).where(
            TextConsent.patient_id == Patient.id, TextConsent.given_at >= before
        ),
        select(StaffNote.id).where(
            StaffNote.patient_id == Patient.id, StaffNote.written_at >= before
        ),
        select(PatientChange.id).where(
            PatientChange.patient_id == Patient.id, PatientChange.changed_at >= before
        ),
        select(Message.id).where(_is_to_patient(), Message.created_at >= before),
        select(InboundMessage.id).where(
            InboundMessage.sender == Patient.phone, InboundMessage.received_at >= before
        ),
        _holds(),
    )
    is_theirs = Patient.erased_at.is_(None), Patient.merged_into_id.is_(None)
    silent = [~contact.exists() for contact in contacts]
    oldest_first = select(Patient.id).where(*is_theirs, Patient.created_at < before, *silent)
    return oldest_first.order_by(Patient.created_at, Patient.id)


def _holds() -> Select[int]:
    return select(LegalHold.id).where(
        LegalHold.patient_id == Patient.id, LegalHold.lifted_at.is_(None)
    )


def _is_to_patient() -> ColumnElement[bool]:
    return Message.person == PATIENT + cast(Patient.id, Message.person.type)


@transaction()
def clear_old_words(before: datetime, now: datetime) -> None:
    """Take the words out of messages and texts older than an instant; whose record is held keeps them."""
    held_messages = select(Patient.id).where(_is_to_patient(), _holds().exists())
    old = (
        select(Message.id)
        .where(
            *(Message.created_at < before, Message.status.not_in(ON_THE_WAY), Message.body != ""),
            ~held_messages.exists(),
        )
        .order_by(Message.id)
    )
    message_ids = db.session.scalars(old.limit(MOST_ROWS)).all()
    clear_message_words(Message.id.in_(message_ids))
    held_texts = select(Patient.id).where(Patient.phone == InboundMessage.sender, _holds().exists())
    texts = (
        select(InboundMessage.id)
        .where(
            *(InboundMessage.received_at < before, InboundMessage.body != ""),
            *(InboundMessage.read_at.is_not(None), ~held_texts.exists()),
        )
        .order_by(InboundMessage.id)
    )
    text_ids = db.session.scalars(texts.limit(MOST_ROWS)).all()
    cleared = update(InboundMessage).where(InboundMessage.id.in_(text_ids))
    db.session.execute(cleared.values(body=""))
    _record_cleaning("clear_old_words", now, messages=len(message_ids), texts=len(text_ids))


@transaction()
def delete_old_drafts(before: datetime, now: datetime) -> None:
    """Delete what came of nothing: calls asked for that nobody has to make now, sign-ins that are over."""
    to_do = select(Task.id).where(
        and_(Task.subject_kind == "call_request", Task.subject_id == CallRequest.id),
        Task.done_at.is_(None),
    )
    requests = select(CallRequest.id).where(CallRequest.created_at < before, ~to_do.exists())
    sessions = select(StaffSession.id).where(
        or_(StaffSession.seen_at < before, StaffSession.ended_at < before)
    )
    counts = {}
    for name, table, rows in (
        ("call_requests", CallRequest, requests),
        ("sign_ins", StaffSession, sessions),
    ):
        ids = db.session.scalars(rows.limit(MOST_ROWS)).all()
        db.session.execute(delete(table).where(table.id.in_(ids)))
        counts[name] = len(ids)
    _record_cleaning("delete_old_drafts", now, **counts)


def _record_cleaning(action: str, now: datetime, **counts: int) -> None:
    """Write down how many rows of each kind lost their words, or went; nothing where none did."""
    if any(counts.values()):
        audit.record(ACTOR, action, "retention", 0, now, **counts)
