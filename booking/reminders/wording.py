"""From a visit to what its messages are about, and to whom they go."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from email.utils import parseaddr
from zoneinfo import ZoneInfo

from flask import current_app
from sqlalchemy import select

from booking.appointments.contacts import contact_of
from booking.appointments.models import Appointment
from booking.appointments.rules import Status
from booking.extensions import db
from booking.locations import operations as locations
from booking.locations.models import Location
from booking.messaging.rules import Channel
from booking.patients import operations as patients
from booking.patients.contacts import can_be_texted, show_phone, text_countries
from booking.patients.models import Patient
from booking.patients.rules import Contact, without_extension
from booking.reminders.rules import VisitFacts
from booking.reminders.texts import Wording
from booking.series.models import Session


@dataclass(frozen=True, slots=True)
class Recipient:
    """Whom an appointment's messages address, as they were named, and where, by channel."""

    patient: Patient
    contact: Contact
    addresses: Mapping[Channel, str]


def recipient(visit: Appointment) -> Recipient:
    """Return where a visit's messages go: what was typed for it, else what is on file.

    A text only with consent for that very number, and where the clinic texts to (`TEXT_COUNTRIES`).
    """
    patient = patients.survivor(db.session.get_one(Patient, visit.patient_id))
    contact = contact_of(visit, patient)
    addresses: dict[Channel, str] = {}
    if contact.phone and is_texted(contact.phone) and patients.may_text(patient.id, contact.phone):
        addresses[Channel.SMS] = without_extension(contact.phone)
    if contact.email:
        addresses[Channel.EMAIL] = contact.email
    return Recipient(patient, contact, addresses)


def is_texted(phone: str) -> bool:
    """Tell whether the clinic texts to numbers like this one."""
    return can_be_texted(phone, text_countries(str(current_app.config["TEXT_COUNTRIES"])))


def organizer() -> str:
    """Return who invites in calendar files: the sender of our mail, as discreet there as here."""
    return parseaddr(current_app.config["MAIL_FROM"])[1]


def link_to(visit: Appointment) -> str:
    """Return the address of a visit's own page."""
    return f"{current_app.config['PUBLIC_URL'].rstrip('/')}/a/{visit.token}"


def wording(
    visit: Appointment,
    contact: Contact,
    visits: Sequence[Appointment] = (),
    *,
    today: date,
    called: str = "",
    new_place: bool = False,
) -> Wording:
    """Return what the words need to know of a visit, or of several; `today` at its location."""
    place = locations.by_id(visit.location_id)
    return Wording(
        clinic=place.neutral_name,
        address=place.address,
        phone=show_phone(place.phone),
        zone=ZoneInfo(place.time_zone),
        language=contact.language,
        given_name=contact.given_name,
        reference=visit.reference,
        starts_at=visit.starts_at,
        link=link_to(visit),
        today=today,
        called=called,
        new_place=new_place,
        visits=tuple((one.starts_at, _neutral_name(one, place)) for one in visits),
    )


def _neutral_name(visit: Appointment, near: Location) -> str:
    place = near if visit.location_id == near.id else locations.by_id(visit.location_id)
    return place.neutral_name


def facts(visit: Appointment, to: Recipient, told_at: datetime) -> VisitFacts:
    """Return what decides a booked visit's messages."""
    return VisitFacts(
        starts_at=visit.starts_at,
        told_at=told_at,
        time_zone=locations.by_id(visit.location_id).time_zone,
        is_first=_is_first(visit),
        is_confirmed=visit.confirmed_at is not None,
        was_moved=visit.sequence > 0,
        only_the_clocks_changed=visit.sequence == visit.clocks_sequence,
        in_list=series_id_of(visit) is not None,
        channels=frozenset(to.addresses),
    )


def _is_first(visit: Appointment) -> bool:
    earlier = select(Appointment.id).where(
        Appointment.patient_id == visit.patient_id,
        Appointment.starts_at < visit.starts_at,
        Appointment.status.in_((Status.BOOKED, Status.ARRIVED, Status.FULFILLED)),
    )
    return db.session.scalar(earlier.limit(1)) is None


def series_id_of(visit: Appointment) -> int | None:
    """Return the id of the series a visit is a session of."""
    return db.session.scalar(select(Session.series_id).filter_by(appointment_id=visit.id))
