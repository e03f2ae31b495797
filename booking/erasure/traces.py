"""By what a patient is found in all tables: their records, what is theirs, and the words they left."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select

from booking.appointments.models import Appointment, AppointmentContact
from booking.extensions import db
from booking.messaging.models import InboundMessage, Message
from booking.patients import operations as patients
from booking.patients.models import CallRequest, Patient, PatientChange, TextConsent
from booking.patients.rules import normalize_name, strip_extension
from booking.reminders.persons import PATIENT
from booking.screening.models import Flag
from booking.series.models import InfusionSeries

NAMES = ("given_name", "family_name", "preferred_name")


@dataclass(frozen=True, slots=True)
class PatientTraces:
    """A patient's records (the kept one first), what hangs on them by id, and their words.

    `phones` (E.164) and `emails` are theirs alone; at the shared ones somebody else is reached, too.
    """

    record_ids: list[int]
    appointment_ids: list[int]
    series_ids: list[int]
    names: frozenset[str]
    family_keys: frozenset[str]
    phones: frozenset[str]
    emails: frozenset[str]
    shared_phones: frozenset[str]
    shared_emails: frozenset[str]

    @property
    def persons(self) -> list[str]:
        """What messages know the person by."""
        return [f"{PATIENT}{record_id}" for record_id in self.record_ids]


def read_traces(patient_id: int) -> PatientTraces:
    """Read by what a patient, and each record merged into theirs, is found."""
    record_ids = patients.list_record_ids(patient_id)
    appointments = select(Appointment.id).where(Appointment.patient_id.in_(record_ids))
    appointment_ids = list(db.session.scalars(appointments.order_by(Appointment.id)))
    series = select(InfusionSeries.id).where(InfusionSeries.patient_id.in_(record_ids))
    rows = _read_rows(record_ids, appointment_ids)
    changes = list(
        db.session.scalars(select(PatientChange).where(PatientChange.patient_id.in_(record_ids)))
    )
    phones = {strip_extension(each) for each in _values(rows, changes, "phone")}
    phones |= _list_consented(record_ids)
    emails = _values(rows, changes, "email")
    names = {word for name in NAMES for word in _values(rows, changes, name)}
    families = _values(rows, changes, "family_name")
    shared_phones = _filter_shared_phones(phones, record_ids)
    shared_emails = _filter_shared_emails(emails, record_ids)
    return PatientTraces(
        record_ids,
        appointment_ids,
        list(db.session.scalars(series)),
        frozenset(names),
        frozenset(normalize_name(family) for family in families),
        frozenset(phones - shared_phones),
        frozenset(emails - shared_emails),
        frozenset(shared_phones),
        frozenset(shared_emails),
    )


def _read_rows(
    record_ids: list[int], appointment_ids: list[int]
) -> list[Patient | AppointmentContact]:
    contacts = select(AppointmentContact).where(
        AppointmentContact.appointment_id.in_(appointment_ids)
    )
    records = select(Patient).where(Patient.id.in_(record_ids))
    return [*db.session.scalars(records), *db.session.scalars(contacts)]


def _values(
    rows: Iterable[Patient | AppointmentContact], changes: Iterable[PatientChange], field: str
) -> set[str]:
    """Return what a field says on any record, of any appointment, or said before a correction."""
    now = {getattr(row, field, None) for row in rows}
    before = {value for each in changes if each.field == field for value in (each.old, each.new)}
    return {value for value in now | before if value}


def _list_consented(record_ids: list[int]) -> set[str]:
    rows = select(TextConsent.phone).where(TextConsent.patient_id.in_(record_ids))
    return {strip_extension(phone) for phone in db.session.scalars(rows)}


def _filter_shared_phones(phones: set[str], record_ids: list[int]) -> set[str]:
    others = select(Patient.phone).where(
        patients.matches_phone(Patient.phone, phones), Patient.id.not_in(record_ids)
    )
    entered = (
        select(AppointmentContact.phone)
        .join(Appointment, Appointment.id == AppointmentContact.appointment_id)
        .where(
            patients.matches_phone(AppointmentContact.phone, phones),
            Appointment.patient_id.not_in(record_ids),
        )
    )
    numbers = [*db.session.scalars(others), *db.session.scalars(entered)]
    return {strip_extension(phone) for phone in numbers if phone}


def _filter_shared_emails(emails: set[str], record_ids: list[int]) -> set[str]:
    others = select(Patient.email).where(Patient.email.in_(emails), Patient.id.not_in(record_ids))
    entered = (
        select(AppointmentContact.email)
        .join(Appointment, Appointment.id == AppointmentContact.appointment_id)
        .where(AppointmentContact.email.in_(emails), Appointment.patient_id.not_in(record_ids))
    )
    return {email for email in (*db.session.scalars(others), *db.session.scalars(entered)) if email}


def list_message_ids(traces: PatientTraces) -> list[int]:
    """Return the messages that are owed, or were, to the person: by who they are, or where they went."""
    addresses = traces.phones | traces.emails
    theirs = Message.person.in_(traces.persons) | Message.recipient.in_(addresses)
    return list(db.session.scalars(select(Message.id).where(theirs)))


def list_inbound_ids(traces: PatientTraces) -> list[int]:
    """Return the texts that came from numbers that are theirs alone."""
    sent = select(InboundMessage.id).where(InboundMessage.sender.in_(traces.phones))
    return list(db.session.scalars(sent))


def list_call_request_ids(traces: PatientTraces) -> list[int]:
    """Return the calls asked for at their number; where others share it, in their name."""
    numbers = traces.phones | traces.shared_phones
    rows = select(CallRequest).where(patients.matches_phone(CallRequest.phone, numbers))
    return [
        row.id
        for row in db.session.scalars(rows)
        if strip_extension(row.phone) in traces.phones
        or any(key in normalize_name(row.name) for key in traces.family_keys)
    ]


def list_erased_flag_ids(traces: PatientTraces) -> list[int]:
    """Return their flags, and those that nobody's record has which say that they are theirs."""
    by_phone = patients.matches_phone(Flag.phone, traces.phones | traces.shared_phones)
    by_email = Flag.email.in_(traces.emails | traces.shared_emails)
    says_so = Flag.family_key.in_(traces.family_keys) & (by_phone | by_email)
    theirs = Flag.patient_id.in_(traces.record_ids) | (Flag.patient_id.is_(None) & says_so)
    return list(db.session.scalars(select(Flag.id).where(theirs)))
