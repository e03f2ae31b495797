"""Who books online, and how many coming consultations one person may have."""

from datetime import date, datetime

from sqlalchemy import false, func, or_, select

from booking.appointments.models import Appointment
from booking.appointments.rules import (
    MOST_CONSULTATIONS,
    MOST_ON_ONE_CONTACT,
    Origin,
    Status,
)
from booking.appointments.visits import TooManyAppointments
from booking.db import transaction
from booking.extensions import db
from booking.patients import operations as patients
from booking.patients.models import Patient
from booking.patients.operations import Identified
from booking.patients.rules import Contact, name_key
from booking.statements import lock_name


@transaction()
def identify_booker(
    contact: Contact, birth_date: date, now: datetime, origin: Origin
) -> Identified:
    """Return the record of who books; one person's bookings are made one after the other.

    Raises `TooManyAppointments`.
    """
    lock_name(f"person {birth_date} {name_key(contact.family_name)}")
    identified = patients.identify(contact, birth_date, now, origin)
    own, shared = _count_coming(identified.patient, contact, now)
    if own >= MOST_CONSULTATIONS or shared >= MOST_ON_ONE_CONTACT:
        raise TooManyAppointments
    return identified


def _count_coming(patient: Patient, contact: Contact, now: datetime) -> tuple[int, int]:
    """Return how many coming consultations were booked online: by the person, and under their contacts."""
    is_own = Appointment.patient_id == patient.id
    shares = or_(
        *(Patient.phone == phone for phone in [contact.phone] if phone),
        *(Patient.email == email for email in [contact.email] if email),
        false(),
    )
    coming = (
        select(func.count().filter(is_own), func.count())
        .join(Patient, Patient.id == Appointment.patient_id)
        .where(
            is_own | shares,
            Appointment.status == Status.BOOKED,
            Appointment.starts_at > now,
            Appointment.origin.in_((Origin.ONLINE, Origin.API)),
        )
    )
    own, shared = db.session.execute(coming).one()
    return own, shared
