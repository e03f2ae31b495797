"""Who books online, and how many coming consultations one person may have."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import Row, and_, bindparam, or_, select

from booking.appointments.limits import max_appointments_per_contact
from booking.appointments.models import Appointment
from booking.appointments.patient_booking import TooManyAppointments
from booking.appointments.rules import (
    MAX_UPCOMING_CONSULTATIONS,
    Origin,
    Status,
)
from booking.db.statements import lock_names
from booking.db.transactions import transaction
from booking.extensions import db
from booking.patients import operations as patients
from booking.patients.models import Patient
from booking.patients.operations import IdentifiedPatient
from booking.patients.rules import Contact, normalize_given_name, normalize_name

Coming = Row[int, str, str, date, str | None, str | None]

NAMESAKE = and_(
    Patient.birth_date == bindparam("birth_date"), Patient.family_key == bindparam("family_key")
)
SAME_CONTACT = or_(Patient.phone == bindparam("phone"), Patient.email == bindparam("email"))
# The few records first: joined the other way round, each coming appointment would read all patients.
PEOPLE = (
    select(
        Patient.id, Patient.given_name, Patient.family_key, Patient.birth_date, Patient.phone, Patient.email
    )
    .where(or_(Patient.id == bindparam("patient_id"), NAMESAKE, SAME_CONTACT))
    .cte("people")
    .prefix_with("MATERIALIZED")

)  # fmt: skip
COMING = (
    select(PEOPLE)
    .join(Appointment, PEOPLE.c.id == Appointment.patient_id)
    .where(
        Appointment.status == Status.BOOKED,
        Appointment.starts_at > bindparam("now"),
        Appointment.origin.in_((Origin.ONLINE, Origin.API)),
    )
)


@transaction()
def identify_online_patient(
    contact: Contact, birth_date: date, now: datetime, origin: Origin
) -> IdentifiedPatient:
    """Return the record of who books; bookings of one person or one contact are made one after the other.

    Raises `TooManyAppointments`.
    """
    family_key = normalize_name(contact.family_name)
    lock_names([f"person {birth_date} {family_key}", *filter(None, (contact.phone, contact.email))])
    identity = patients.find_or_create_patient(contact, birth_date, now, origin)
    _require_few_coming(identity.patient.id, contact, family_key, birth_date, now)
    return identity


def _require_few_coming(
    patient_id: int, contact: Contact, family_key: str, birth_date: date, now: datetime
) -> None:
    """Raise `TooManyAppointments` when as many were booked online as may be.

    A person is counted by name and birth date too: each other phone makes another record.
    """
    appointments = _coming(patient_id, contact, family_key, birth_date, now)
    given_name = normalize_given_name(contact.given_name)
    same_person = [
        row
        for row in appointments
        if row.id == patient_id
        or (row.family_key, row.birth_date, normalize_given_name(row.given_name))
        == (family_key, birth_date, given_name)
    ]
    shared = [row for row in appointments if row.id == patient_id or _is_reached_by(row, contact)]
    if (
        len(same_person) >= MAX_UPCOMING_CONSULTATIONS
        or len(shared) >= max_appointments_per_contact()
    ):
        raise TooManyAppointments


def _is_reached_by(row: Coming, contact: Contact) -> bool:
    pairs = ((row.phone, contact.phone), (row.email, contact.email))
    return any(left and left == right for left, right in pairs)


def _coming(
    patient_id: int, contact: Contact, family_key: str, birth_date: date, now: datetime
) -> Sequence[Coming]:
    """Return, for each consultation to come that was booked online, who of these people it is for."""
    details = {
        "patient_id": patient_id,
        "birth_date": birth_date,
        "family_key": family_key,
        "phone": contact.phone,
        "email": contact.email,
        "now": now,
    }
    return db.session.connection().execute(COMING, details).all()
