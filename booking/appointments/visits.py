"""What every booked visit keeps to, wherever it was booked; and booking for a known patient."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from booking.appointments.guards import NewInfusion, review_infusion
from booking.appointments.holds import new_visit
from booking.appointments.models import Appointment
from booking.appointments.occupied import is_free_on_other_records
from booking.appointments.rules import Origin, Status
from booking.audit import operations as audit
from booking.calendars import operations as calendars
from booking.calendars.catalogue import Offer
from booking.calendars.places import Place
from booking.calendars.rules import Demand
from booking.db import transaction
from booking.extensions import db
from booking.patients.models import Patient
from booking.screening import operations as screening
from booking.screening.rules import Clearance
from booking.statements import write


class NotBookable(Exception):
    """Why a time is not booked for someone, when nobody outside may learn it (invariant 14).

    Whoever asked online is answered as if the time had been taken.
    """


class PatientBusy(NotBookable):
    """The patient has another visit at that time, or another infusion on that day (invariant 2)."""


class FlagOpen(NotBookable):
    """An earlier answer asks for a clinician's call before this person books."""


class TooManyAppointments(NotBookable):
    """The person, or their number or address, has as many coming consultations as may be booked online."""


class NotCleared(Exception):
    """No infusion may be booked for, or given to, this patient (invariant 7); `clearance` says why.

    `reason_helps` tells whether whoever was refused may go on by giving a reason.
    """

    def __init__(self, clearance: Clearance, *, reason_helps: bool = False) -> None:
        super().__init__(clearance.value)
        self.clearance, self.reason_helps = clearance, reason_helps


def settle_on(visit: Appointment, patient: Patient, now: datetime, actor: str) -> None:
    """Make a visit the patient's and booked; its time is claimed for good in the same transaction.

    Raises `PatientBusy`.
    """
    visit.patient_id, visit.status = patient.id, Status.BOOKED
    visit.expires_at, visit.held_from, visit.booked_at = None, None, now
    write_for_patient(visit)
    audit.record(
        actor,
        "book",
        "appointment",
        visit.id,
        now,
        patient=patient.id,
        starts_at=visit.starts_at.isoformat(),
        location=visit.location_id,
    )


def write_for_patient(visit: Appointment) -> None:
    """Write a visit; the database refuses one that its patient can't be at. Raises `PatientBusy`."""
    try:  # a question to the database writes what has changed so far, and may be refused already
        is_free = visit.patient_id is None or is_free_on_other_records(visit, visit.patient_id)
        write(visit)
    except IntegrityError as error:
        raise PatientBusy from error
    if not is_free:
        raise PatientBusy


@transaction()
def book_visit(
    patient: Patient,
    place: Place,
    offer: Offer,
    demand: Demand,
    starts_at: datetime,
    now: datetime,
    *,
    origin: Origin,
    actor: str,
    prefer: tuple[int, ...] = (),
) -> Appointment:
    """Book a visit for a known patient, as the desk and a series do; notice and horizon don't bind them.

    An infusion needs the practitioner's clearance, and one that no series books keeps away from those that
    one did. Raises `SlotTaken`, `PatientBusy`, `NotCleared`, `ChangeRefused`.
    """
    if starts_at <= now:
        raise calendars.SlotTaken
    local_date = starts_at.astimezone(place.zone).date()
    if offer.is_infusion:
        require_clearance(patient.id, place, starts_at)
    if offer.is_infusion and origin is not Origin.SERIES:
        review_infusion(NewInfusion(patient.id, local_date, actor, now))
    visit = new_visit(place, offer, demand, starts_at, now, origin)
    settle_on(visit, patient, now, actor)
    calendars.claim(visit.id, place, demand, starts_at, now, prefer=prefer)
    return visit


def visit_at(
    patient_id: int, location_id: int, service_id: int, starts_at: datetime
) -> Appointment | None:
    """Return the very visit that is booked for a patient already, if it is."""
    return db.session.scalar(
        select(Appointment).filter_by(
            patient_id=patient_id, location_id=location_id, service_id=service_id,
            starts_at=starts_at, status=Status.BOOKED,
        )
    )  # fmt: skip


def require_clearance(patient_id: int, place: Place, starts_at: datetime) -> None:
    """Raise `NotCleared` unless the patient may be given an infusion on that local day."""
    found = screening.clearance_of(patient_id, starts_at.astimezone(place.zone).date())
    if found is not Clearance.CLEARED:
        raise NotCleared(found)
