"""A second time, held for somebody who has an appointment: a hold of nobody, until they say yes or no."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta

from booking.appointments.conflicts import conflicts_with, list_occupying_appointments
from booking.appointments.holds import record_hold_action
from booking.appointments.impossible import get_demand
from booking.appointments.models import Appointment
from booking.appointments.operations import location_of
from booking.appointments.patient_booking import PatientBusy
from booking.appointments.pending import build_pending_appointment
from booking.calendars import availability
from booking.calendars import operations as calendars
from booking.calendars.location_calendars import LocationCalendar
from booking.calendars.overrides import NO_RULES, Rules
from booking.calendars.rules import ResourceDemand
from booking.db.transactions import transaction
from booking.extensions import db

A_DAY = timedelta(days=1)


@transaction()
def hold_slot(
    appointment: Appointment,
    location: LocationCalendar,
    starts_at: datetime,
    now: datetime,
    expires_at: datetime,
    moved_with: Collection[int] = (),
    *,
    actor: str,
) -> Appointment:
    """Claim a time to which an appointment may be moved, until `expires_at`; return the hold.

    `moved_with` are ids of the patient's other appointments that move with it. Raises `SlotTaken`, and
    `PatientBusy` when the patient has something else then, or another infusion.
    """
    hold, demand = _build_hold(appointment, location, starts_at, now)
    hold.expires_at = expires_at
    if not _is_patient_free(appointment, hold, moved_with):
        raise PatientBusy
    db.session.add(hold)
    db.session.flush()
    calendars.claim_resources(hold.id, location, demand, starts_at, now, expires_at=expires_at)
    record_hold_action("hold", hold, now, actor)
    return hold


def is_slot_free(
    appointment: Appointment,
    location: LocationCalendar,
    starts_at: datetime,
    now: datetime,
    moved_with: Collection[int] = (),
    exempt: Rules = NO_RULES,
) -> bool:
    """Tell whether a time could be held for an appointment; surely so under the lock of its day.

    `exempt` are rules of the calendar that don't bind it.
    """
    hold, demand = _build_hold(appointment, location, starts_at, now)
    try:
        calendars.require_slot_free(location, demand, starts_at, now, exempt)
    except calendars.SlotTaken:
        return False
    return _is_patient_free(appointment, hold, moved_with)


def _build_hold(
    appointment: Appointment, location: LocationCalendar, starts_at: datetime, now: datetime
) -> tuple[Appointment, ResourceDemand]:
    """Return a hold for what an appointment occupies, with the practitioner its patient chose; and that."""
    service = availability.current_catalogue().services_by_id[appointment.service_id]
    demand = replace(get_demand(appointment, service), practitioner_id=appointment.practitioner_id)
    return (
        build_pending_appointment(location, service, demand, starts_at, now, appointment.origin),
        demand,
    )


def _is_patient_free(
    appointment: Appointment, hold: Appointment, moved_with: Collection[int]
) -> bool:
    """Tell whether an appointment's patient has nothing else at a hold's time, and no infusion that day."""
    if appointment.patient_id is None:
        return True
    day = hold.local_date
    others = list_occupying_appointments(appointment.patient_id, day - A_DAY, day + A_DAY)
    return not any(
        other.id not in (appointment.id, *moved_with)
        and conflicts_with(
            other, hold.starts_at, hold.ends_at, day, is_infusion=appointment.is_infusion
        )
        for other in others
    )


@transaction()
def release_slot(hold_id: int, now: datetime, actor: str) -> None:
    """Free a time that was held and delete the hold, if it is still there."""
    hold = db.session.get(Appointment, hold_id)
    if hold is not None:
        calendars.release_claims(hold.id, location_of(hold), hold.local_date)
        record_hold_action("release_hold", hold, now, actor)
        db.session.delete(hold)
