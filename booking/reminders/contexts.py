"""From an appointment to what its messages are about, and to whom they go."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from email.utils import parseaddr
from zoneinfo import ZoneInfo

from flask import current_app
from sqlalchemy import select

from booking.appointments.contacts import get_contact
from booking.appointments.models import Appointment
from booking.appointments.readiness import readiness_asked_at
from booking.appointments.rules import STANDING_OR_KEPT, Status
from booking.extensions import db
from booking.locations import operations as locations
from booking.locations.models import Location
from booking.messaging.rules import Channel
from booking.patients import operations as patients
from booking.patients.contacts import can_be_texted, format_phone, parse_text_countries
from booking.patients.models import Patient
from booking.patients.rules import Contact, strip_extension
from booking.reminders.rules import AppointmentFacts
from booking.reminders.texts import ListedAppointment, MessageContext, MoveChanges
from booking.series.models import ReplacedAppointment, Session

UNMOVED = MoveChanges(time=False)


@dataclass(frozen=True, slots=True)
class AppointmentRecipient:
    """Whom an appointment's messages address, as they were named, and where, by channel."""

    patient: Patient
    contact: Contact
    addresses: Mapping[Channel, str]


def get_recipient(appointment: Appointment) -> AppointmentRecipient:
    """Return where an appointment's messages go: what was typed for it, else what is on file.

    A text only with consent for that very number, and where the clinic texts to (`TEXT_COUNTRIES`).
    One that isn't safe is owed all the same, and stays on record as not sent.
    """
    patient = patients.get_merged_patient(db.session.get_one(Patient, appointment.patient_id))
    contact = get_contact(appointment, patient)
    return AppointmentRecipient(patient, contact, list_agreed_addresses(patient, contact))


def list_addresses(patient: Patient, contact: Contact) -> dict[Channel, str]:
    """Return where a patient may be written to at a contact, by channel: by text only where that is safe."""
    addresses = list_agreed_addresses(patient, contact)
    if not patient.safe_to_text:
        addresses.pop(Channel.SMS, None)
    return addresses


def list_agreed_addresses(patient: Patient, contact: Contact) -> dict[Channel, str]:
    """Return where a patient agreed to be written to at a contact, by channel."""
    addresses: dict[Channel, str] = {}
    if (
        contact.phone
        and is_textable(contact.phone)
        and patients.has_text_consent(patient.id, contact.phone)
    ):
        addresses[Channel.SMS] = strip_extension(contact.phone)
    if contact.email:
        addresses[Channel.EMAIL] = contact.email
    return addresses


def is_textable(phone: str) -> bool:
    """Tell whether the clinic texts to numbers like this one."""
    return can_be_texted(phone, parse_text_countries(str(current_app.config["TEXT_COUNTRIES"])))


def calendar_organizer() -> str:
    """Return who invites in calendar files: the sender of our mail, as discreet there as here."""
    return parseaddr(current_app.config["MAIL_FROM"])[1]


def appointment_url(appointment: Appointment) -> str:
    """Return the address of an appointment's own page."""
    return public_address(f"/a/{appointment.token}")


def offer_url(token: str) -> str:
    """Return the address at which a sooner time is taken or let go; short, as it stands in texts."""
    return public_address(f"/o/{token}")


def choice_url(token: str) -> str:
    """Return the address at which new times are chosen among; short, as it stands in texts."""
    return public_address(f"/c/{token}")


def form_url(token: str) -> str:
    """Return the address of a form; short, as it stands in texts."""
    return public_address(f"/q/{token}")


def feed_url(token: str) -> str:
    """Return the address that a calendar program subscribes to."""
    return public_address(f"/feeds/{token}.ics")


def desk_tasks_url() -> str:
    """Return the address of the desk's work list."""
    return public_address("/desk/tasks")


def public_address(path: str) -> str:
    """Return the address of a path of ours, as patients see it."""
    return f"{current_app.config['PUBLIC_URL'].rstrip('/')}{path}"


def build_message_context(
    appointment: Appointment,
    contact: Contact,
    appointments: Sequence[Appointment] = (),
    *,
    today: date,
    recipient_name: str = "",
    changes: MoveChanges = UNMOVED,
    moved_ids: Collection[int] = (),
) -> MessageContext:
    """Return what the words need to know of an appointment, or of several; `today` at its location."""
    location = locations.get_location(appointment.location_id)
    return MessageContext(
        clinic=location.neutral_name,
        address=location.address,
        phone=format_phone(location.phone),
        zone=ZoneInfo(location.time_zone),
        language=contact.language,
        given_name=contact.greeting_name,
        reference=appointment.reference,
        starts_at=appointment.starts_at,
        link=appointment_url(appointment),
        today=today,
        recipient_name=recipient_name,
        changes=changes,
        asks_readiness=appointment.is_infusion,
        appointments=tuple(
            _list_appointment(appointment, location, appointment.id in moved_ids)
            for appointment in appointments
        ),
    )


def _list_appointment(
    appointment: Appointment, first_location: Location, is_moved: bool
) -> ListedAppointment:
    location = first_location
    if appointment.location_id != first_location.id:
        location = locations.get_location(appointment.location_id)
    return ListedAppointment(
        appointment.starts_at,
        location.neutral_name,
        appointment_url(appointment),
        appointment.status is Status.CANCELLED,
        is_moved,
        ZoneInfo(location.time_zone),
    )


def appointment_facts(
    appointment: Appointment, recipient: AppointmentRecipient, told_at: datetime
) -> AppointmentFacts:
    """Return what decides a booked appointment's messages."""
    return AppointmentFacts(
        starts_at=appointment.starts_at,
        informed_at=told_at,
        time_zone=locations.get_location(appointment.location_id).time_zone,
        is_first=_is_first(appointment),
        is_confirmed=appointment.confirmed_at is not None,
        was_moved=appointment.sequence > 0,
        only_the_clocks_changed=appointment.sequence == appointment.clocks_sequence,
        in_list=find_series_id(appointment) is not None,
        channels=frozenset(recipient.addresses),
        readiness_asked_at=readiness_asked_at(appointment) if appointment.is_infusion else None,
    )


def _is_first(appointment: Appointment) -> bool:
    earlier_bookings = select(Appointment.id).where(
        Appointment.patient_id == appointment.patient_id,
        Appointment.starts_at < appointment.starts_at,
        Appointment.status.in_(STANDING_OR_KEPT),
    )
    return db.session.scalar(earlier_bookings.limit(1)) is None


def find_series_id(appointment: Appointment) -> int | None:
    """Return the id of the series an appointment is a session of, or was before another replaced it."""
    own = select(Session.series_id).where(Session.appointment_id == appointment.id)
    replaced = (
        select(Session.series_id)
        .join(ReplacedAppointment, ReplacedAppointment.session_id == Session.id)
        .where(ReplacedAppointment.appointment_id == appointment.id)
    )
    return db.session.scalar(own.union_all(replaced))
