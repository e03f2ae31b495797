"""What every booked appointment keeps to, wherever it was booked; and booking for a known patient."""

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from booking.appointments.conflicts import is_free_across_records
from booking.appointments.exemptions import (
    USUAL_TERMS,
    ClaimTerms,
    keep_exemption,
    require_exemption,
)
from booking.appointments.guards import StandaloneInfusion, check_standalone_infusion
from booking.appointments.models import Appointment
from booking.appointments.pending import build_pending_appointment
from booking.appointments.rules import Origin, Status
from booking.audit import operations as audit
from booking.calendars import operations as calendars
from booking.calendars.catalogue import BookableService
from booking.calendars.location_calendars import LocationCalendar
from booking.calendars.rules import ResourceDemand
from booking.db.transactions import transaction
from booking.extensions import db
from booking.patients import operations as patients
from booking.patients.models import Patient
from booking.screening import flags
from booking.screening import operations as screening
from booking.screening.rules import Clearance, is_adult


class PatientNotBookable(Exception):
    """Why a time is not booked for someone, when nobody outside may learn it (invariant 14).

    Whoever asked online is answered as if the time had been taken.
    """


class PatientBusy(PatientNotBookable):
    """The patient has another appointment at that time, or another infusion on that day (invariant 2)."""


class OpenFlag(PatientNotBookable):
    """An earlier answer asks for a clinician's call before this person books."""


class NotAnAdult(PatientNotBookable):
    """The person is under age on the day of the appointment (CLINICAL §2)."""


class TooManyAppointments(PatientNotBookable):
    """The person, or their number or address, has as many coming consultations as may be booked online."""


class NotCleared(Exception):
    """No infusion may be booked for, or given to, this patient (invariant 7); `clearance` says why.

    `accepts_reason` tells whether whoever was refused may go on by giving a reason.
    """

    def __init__(self, clearance: Clearance, *, accepts_reason: bool = False) -> None:
        super().__init__(clearance.value)
        self.clearance, self.accepts_reason = clearance, accepts_reason


def find_booking_refusal(patient: Patient, day: date) -> PatientNotBookable | None:
    """Return why staff may book no appointment for a patient on local `day`; None when they may."""
    return next(iter(list_booking_refusals(patient, day)), None)


def list_booking_refusals(patient: Patient, day: date) -> list[PatientNotBookable]:
    """Return everything for which staff may book no appointment for a patient on local `day`.

    A flag that nobody at the clinic has heard stops nobody: online anyone may have raised it.
    """
    refusals: list[PatientNotBookable] = []
    if not is_adult(patient.birth_date, day):
        refusals.append(NotAnAdult())
    if any(flag.is_verified for flag in flags.list_call_first_flags(patient.id)):
        refusals.append(OpenFlag())
    return refusals


def require_bookable(patient: Patient, day: date) -> None:
    """Raise what `find_booking_refusal` returns: `NotAnAdult` or `OpenFlag`."""
    if refusal := find_booking_refusal(patient, day):
        raise refusal


def mark_booked(
    appointment: Appointment, patient: Patient, now: datetime, actor: str, *, is_new: bool = False
) -> None:
    """Make an appointment the patient's and booked; the caller claims its time in the same transaction.

    `is_new` of a patient whose record was made just now: it is their only one. Raises `PatientBusy`.
    """
    appointment.patient_id, appointment.status = patient.id, Status.BOOKED
    appointment.expires_at, appointment.held_from, appointment.booked_at = None, None, now
    save_appointment(appointment, has_one_record=is_new)
    audit.record(
        actor,
        "book",
        "appointment",
        appointment.id,
        now,
        patient=patient.id,
        starts_at=appointment.starts_at.isoformat(),
        location=appointment.location_id,
    )


def save_appointment(appointment: Appointment, *, has_one_record: bool = False) -> None:
    """Write an appointment; the database refuses one that its patient can't be at. Raises `PatientBusy`.

    A patient with `has_one_record` surely has no other that was merged into it. One whose record was merged
    meanwhile has it with the record that was kept.
    """
    db.session.add(appointment)
    patient_id = None if has_one_record else appointment.patient_id
    try:  # the first question to the database writes it, and may be refused already
        record_ids = [] if patient_id is None else patients.list_record_ids(patient_id)
        is_free = is_free_across_records(appointment, record_ids)
        if record_ids:
            appointment.patient_id = record_ids[0]
        db.session.flush()
    except IntegrityError as error:
        raise PatientBusy from error
    if not is_free:
        raise PatientBusy


@transaction()
def book_for_patient(
    patient: Patient,
    location: LocationCalendar,
    service: BookableService,
    demand: ResourceDemand,
    starts_at: datetime,
    now: datetime,
    *,
    origin: Origin,
    actor: str,
    terms: ClaimTerms = USUAL_TERMS,
) -> Appointment:
    """Book for a known patient, as the desk and a series do; notice and horizon don't bind them.

    An infusion needs the practitioner's clearance, and one that no series books keeps away from those that
    one did; anything else is booked for adults without an open flag. Rules of the calendar are overridden
    by who may, with a reason, as `terms` say. Raises `SlotTaken`, `OverrideRefused`, `PatientBusy`,
    `NotCleared`, `NotAnAdult`, `OpenFlag`, `ChangeRefused`.
    """
    if starts_at <= now:
        raise calendars.SlotTaken
    local_date = starts_at.astimezone(location.zone).date()
    if service.is_infusion:
        require_clearance(patient.id, location, starts_at)
    else:
        require_bookable(patient, local_date)
    if service.is_infusion and origin is not Origin.SERIES:
        check_standalone_infusion(StandaloneInfusion(patient.id, local_date, actor, now))
    exempt = require_exemption(terms, location, demand, starts_at, now, actor)
    appointment = build_pending_appointment(location, service, demand, starts_at, now, origin)
    appointment.note = terms.reason
    mark_booked(appointment, patient, now, actor)
    keep_exemption(appointment, exempt, now, actor)
    calendars.claim_resources(
        *(appointment.id, location, demand, starts_at, now),
        preferred_ids=terms.preferred_ids,
        exempt=exempt,
    )
    return appointment


def find_same_appointment(
    patient_id: int, location_id: int, service_id: int, starts_at: datetime
) -> Appointment | None:
    """Return the very appointment that is booked for a patient already, if it is."""
    return db.session.scalar(
        select(Appointment).filter_by(
            patient_id=patient_id, location_id=location_id, service_id=service_id,
            starts_at=starts_at, status=Status.BOOKED,
        )
    )  # fmt: skip


def require_clearance(patient_id: int, location: LocationCalendar, starts_at: datetime) -> None:
    """Raise `NotCleared` unless the patient may be given an infusion on that local day."""
    clearance = screening.get_clearance(patient_id, starts_at.astimezone(location.zone).date())
    if clearance is not Clearance.CLEARED:
        raise NotCleared(clearance)
