"""Taking a patient's words out of every table. What is counted or proved stays, and is anybody's.

Rows that are words and nothing else go; appointments, series, messages and texts stay without theirs. The
audit trail is not touched: it never had any.
"""

from collections.abc import Collection
from datetime import date, datetime

from sqlalchemy import ColumnElement, String, cast, delete, literal, select, update

from booking.adaptive.models import SpacingOrder, SpacingProposal
from booking.appointments.models import (
    Appointment,
    AppointmentChange,
    AppointmentContact,
    BookingDraft,
    LateArrival,
    PatientNote,
    ReadinessResponse,
)
from booking.appointments.rules import new_token
from booking.erasure import traces as finding
from booking.erasure.kept_forms import delete_kept_forms
from booking.erasure.models import LegalHold
from booking.erasure.rules import ERASED_NAME
from booking.erasure.subjects import list_all_task_ids
from booking.erasure.traces import PatientTraces
from booking.extensions import Model, db
from booking.merging.models import PatientMerge
from booking.messaging.models import Attempt, EmailPreference, InboundMessage, Message, OptOut
from booking.mood.models import MoodForm, MoodSchedule
from booking.outages.models import AffectedPatient
from booking.patients.models import (
    CallRequest,
    DistinctRecords,
    Patient,
    PatientChange,
    StaffNote,
    TextConsent,
)
from booking.screening.models import Flag, ScreeningResponse, ScreeningSubmission, Suitability
from booking.series.models import (
    InfusionSeries,
    PatientAbsence,
    SeriesAuthorisation,
    SeriesDecision,
    SeriesPause,
    SeriesRevision,
)
from booking.tasks.models import Task
from booking.waitlist.models import WaitlistEntry
from booking.webhooks.models import WebhookDelivery

NO_BIRTH_DATE = date(1900, 1, 1)
ERASED_ADDRESS = "erased-"  # and the row's number: what is owed once stays so
OF_APPOINTMENTS: tuple[type[Model], ...] = (
    *(BookingDraft, AppointmentContact, PatientNote, LateArrival, ReadinessResponse),
    *(AppointmentChange, ScreeningResponse, StaffNote, WaitlistEntry, WebhookDelivery),
)
OF_SERIES: tuple[type[Model], ...] = (  # those that others refer to last
    *(SpacingProposal, SpacingOrder, MoodForm, MoodSchedule, SeriesAuthorisation),
    *(SeriesDecision, SeriesPause, SeriesRevision),
)
OF_RECORDS: tuple[type[Model], ...] = (
    *(TextConsent, PatientChange, PatientAbsence, Suitability, StaffNote, ScreeningResponse),
)


def remove_words(traces: PatientTraces, now: datetime) -> None:
    """Take all that tells who a patient is, or was written by or about them, out of all tables."""
    _clear_tasks(traces)
    _clear_messages(traces)
    _clear_texts(traces)
    _delete_requests(traces)
    _delete_rows(traces)
    _clear_series_and_appointments(traces)
    delete_kept_forms(traces)
    _clear_records(traces, now)


def _clear_tasks(traces: PatientTraces) -> None:
    task_ids = list_all_task_ids(traces)
    db.session.execute(update(Task).where(Task.id.in_(task_ids)).values(note=""))


def _clear_messages(traces: PatientTraces) -> None:
    """Leave of each message that it was sent, when, and what became of it."""
    message_ids = finding.list_message_ids(traces)
    clear_message_words(Message.id.in_(message_ids))
    address = literal(ERASED_ADDRESS) + cast(Message.id, String)
    nobody_known = update(Message).where(
        Message.id.in_(message_ids), Message.person == Message.recipient
    )
    db.session.execute(nobody_known.values(person=address))
    theirs = update(Message).where(Message.id.in_(message_ids))
    db.session.execute(theirs.values(recipient=address))


def clear_message_words(which: ColumnElement[bool]) -> None:
    """Take the words out of some messages, and of the attempts to send them."""
    message_ids = select(Message.id).where(which).scalar_subquery()
    attempts = update(Attempt).where(Attempt.message_id.in_(message_ids))
    db.session.execute(attempts.values(subject=None, body=None))
    messages = update(Message).where(which)
    db.session.execute(messages.values(body="", subject="", details={}, attachment=None))


def _clear_texts(traces: PatientTraces) -> None:
    inbound_ids = finding.list_inbound_ids(traces)
    sender = literal(ERASED_ADDRESS) + cast(InboundMessage.id, String)
    texts = update(InboundMessage).where(InboundMessage.id.in_(inbound_ids))
    db.session.execute(texts.values(body="", sender=sender))
    db.session.execute(delete(OptOut).where(OptOut.phone.in_(traces.phones)))
    db.session.execute(delete(EmailPreference).where(EmailPreference.address.in_(traces.emails)))


def _delete_requests(traces: PatientTraces) -> None:
    for table, ids in (
        (CallRequest, finding.list_call_request_ids(traces)),
        (Flag, finding.list_erased_flag_ids(traces)),
    ):
        db.session.execute(delete(table).where(table.id.in_(ids)))


def _delete_rows(traces: PatientTraces) -> None:
    """Delete what hangs on appointments, series and records, and says nothing without its words."""
    answers = select(ScreeningResponse.history_key).where(
        ScreeningResponse.patient_id.in_(traces.record_ids)
        | ScreeningResponse.appointment_id.in_(traces.appointment_ids)
    )
    keys = [key for key in db.session.scalars(answers) if key]
    submissions = delete(ScreeningSubmission).where(ScreeningSubmission.history_key.in_(keys))
    db.session.execute(submissions)
    for tables, column, ids in (
        (OF_APPOINTMENTS, "appointment_id", traces.appointment_ids),
        (OF_SERIES, "series_id", traces.series_ids),
        (OF_RECORDS, "patient_id", traces.record_ids),
    ):
        for table in tables:
            db.session.execute(delete(table).where(getattr(table, column).in_(ids)))
    _delete_pairs(traces.record_ids)


def _delete_pairs(record_ids: Collection[int]) -> None:
    """Delete what is kept of two records of which one is the patient's."""
    for table, columns in (
        (PatientMerge, (PatientMerge.survivor_id, PatientMerge.merged_id)),
        (DistinctRecords, (DistinctRecords.lower_id, DistinctRecords.higher_id)),
    ):
        for column in columns:
            db.session.execute(delete(table).where(column.in_(record_ids)))


def _clear_series_and_appointments(traces: PatientTraces) -> None:
    """Keep that they were, and when; their links answer no longer."""
    series = update(InfusionSeries).where(InfusionSeries.id.in_(traces.series_ids))
    db.session.execute(series.values(note="", preferences={}))
    for appointment_id in traces.appointment_ids:
        appointment = update(Appointment).where(Appointment.id == appointment_id)
        version = Appointment.version + 1
        db.session.execute(
            appointment.values(note="", token=new_token(), held_from=None, version=version)
        )
    affected = select(AffectedPatient).where(AffectedPatient.patient_id.in_(traces.record_ids))
    for row in db.session.scalars(affected):
        row.token = new_token()


def _clear_records(traces: PatientTraces, now: datetime) -> None:
    records = update(Patient).where(Patient.id.in_(traces.record_ids))
    number = cast(Patient.id, String)
    db.session.execute(
        records.values(
            given_name=ERASED_NAME,
            family_name=literal("record ") + number,
            family_key=literal("erased ") + number,
            birth_date=NO_BIRTH_DATE,
            phone=None,
            email=None,
            language="en",
            preferred_name=None,
            safe_to_text=False,
            leave_voicemail=False,
            time_zone=None,
            erased_at=now,
        )
    )
    holds = update(LegalHold).where(LegalHold.patient_id.in_(traces.record_ids))
    db.session.execute(holds.values(reason=""))
