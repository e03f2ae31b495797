"""From a visit to what its messages are about, and to whom they go."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from email.utils import parseaddr
from zoneinfo import ZoneInfo

from flask import current_app
from sqlalchemy import select

from booking.appointments.models import Appointment
from booking.appointments.rules import Status
from booking.extensions import db
from booking.locations import operations as locations
from booking.locations.models import Location
from booking.messaging.rules import Channel
from booking.patients import operations as patients
from booking.patients.contacts import show_phone
from booking.patients.models import Patient
from booking.reminders.rules import VisitFacts
from booking.reminders.texts import Wording
from booking.series.models import Session


@dataclass(frozen=True, slots=True)
class Recipient:
    """Whom a visit's messages go to: an address for each channel that may be used."""

    patient: Patient
    addresses: Mapping[Channel, str]


def recipient(patient_id: int) -> Recipient:
    """Return how a patient may be reached: a text only with consent for that number."""
    patient = patients.survivor(db.session.get_one(Patient, patient_id))
    found: dict[Channel, str] = {}
    if patient.phone and patients.may_text(patient.id, patient.phone):
        found[Channel.SMS] = patient.phone
    if patient.email:
        found[Channel.EMAIL] = patient.email
    return Recipient(patient, found)


def organizer() -> str:
    """Return who invites in calendar files: the sender of our mail, as discreet there as here."""
    return parseaddr(current_app.config["MAIL_FROM"])[1]


def link_to(visit: Appointment) -> str:
    """Return the address of a visit's own page."""
    return f"{current_app.config['PUBLIC_URL'].rstrip('/')}/a/{visit.token}"


def wording(
    visit: Appointment,
    patient: Patient,
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
        language=patient.language,
        given_name=patient.given_name,
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
