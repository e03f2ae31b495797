"""A booked appointment that takes longer, or less time, from its own start: what it claims follows."""

from datetime import datetime, timedelta

from booking.appointments.attendance import is_its_day
from booking.appointments.changes import keep_change
from booking.appointments.exemptions import get_exempt_rules
from booking.appointments.impossible import reopen_call_task
from booking.appointments.length_options import get_length_demand, list_kept_ids
from booking.appointments.models import Appointment
from booking.appointments.operations import location_of, lock_for_change
from booking.appointments.patient_booking import save_appointment
from booking.appointments.rules import (
    Action,
    Status,
    require_action_allowed,
    require_length_allowed,
)
from booking.audit import operations as audit
from booking.calendars import operations as calendars
from booking.calendars.allocation import StartNotFree
from booking.calendars.choosing import choose_instead
from booking.calendars.rules import ResourceDemand
from booking.db.transactions import transaction
from booking.db.versions import lock_row


@transaction()
def set_extra_minutes(
    appointment_id: int,
    extra_minutes: int,
    now: datetime,
    actor: str,
    *,
    expected_version: int | None = None,
) -> Appointment:
    """Set how many minutes an appointment takes beyond those of its service, or prescribed; 0 is as usual.

    Its start stays, so nobody is told; whoever is here keeps their room or chair. Raises `StaleVersion`,
    `ActionNotAllowed`, `SlotTaken`, `PatientBusy`.
    """
    appointment = lock_for_change(appointment_id, expected_version)
    require_action_allowed(
        Action.CHANGE_LENGTH, appointment.status, appointment.starts_at, now,
        is_its_day=is_its_day(appointment, now),
    )  # fmt: skip
    usual = get_length_demand(appointment, 0)
    usual_end = appointment.starts_at + timedelta(minutes=usual.minutes)
    require_length_allowed(extra_minutes, usual_end, now)
    demand = usual.lengthened(extra_minutes)
    if extra_minutes != appointment.extra_minutes:
        keep_change(
            *(appointment, Action.CHANGE_LENGTH, now, actor),
            lambda: _change_length(appointment, demand, extra_minutes, now, actor),
        )
    return appointment


def _change_length(
    appointment: Appointment, demand: ResourceDemand, extra_minutes: int, now: datetime, actor: str
) -> None:
    location, own_ids = location_of(appointment), calendars.claimed_resource_ids(appointment.id)
    kept_ids = list_kept_ids(appointment)
    calendars.release_claims(appointment.id, location, appointment.local_date)
    appointment.extra_minutes = extra_minutes
    _write_demand(appointment, demand)
    resource_ids = calendars.claim_resources(
        *(appointment.id, location, demand, appointment.starts_at, now),
        preferred_ids=own_ids,
        exempt=get_exempt_rules(appointment),
    )
    if not set(kept_ids) <= set(resource_ids):
        raise calendars.SlotTaken
    if appointment.status is Status.ARRIVED:
        calendars.pin_claims(appointment.id, location, appointment.local_date)
    reopen_call_task(appointment.id, now)
    facts = {"minutes": demand.minutes, "extra_minutes": extra_minutes}
    audit.record(actor, "change_length", "appointment", appointment.id, now, **facts)


def _write_demand(appointment: Appointment, demand: ResourceDemand) -> None:
    appointment.needs = [need.to_dict() for need in demand.needs]
    appointment.ends_at = appointment.starts_at + timedelta(minutes=demand.minutes)
    save_appointment(appointment)


def has_demand(appointment: Appointment, demand: ResourceDemand) -> bool:
    """Tell whether an appointment is as long, and occupies what, `demand` says, with its extra minutes."""
    demand = demand.lengthened(appointment.extra_minutes)
    needs = [need.to_dict() for need in demand.needs]
    length = timedelta(minutes=demand.minutes)
    return bool(appointment.needs == needs) and (
        appointment.ends_at - appointment.starts_at == length
    )


def can_have_demand(appointment: Appointment, demand: ResourceDemand, now: datetime) -> bool:
    """Tell whether an appointment can occupy what `demand` says at its own start, with its extra minutes."""
    location, demand = location_of(appointment), demand.lengthened(appointment.extra_minutes)
    try:
        choose_instead(
            *(appointment.id, location, demand, appointment.starts_at, now),
            get_exempt_rules(appointment),
        )
    except StartNotFree:
        return False
    return True


@transaction()
def change_demand(appointment_id: int, demand: ResourceDemand, now: datetime, actor: str) -> bool:
    """Let a booked appointment occupy what `demand` says, from its own start; tell whether that is free.

    Its extra minutes it keeps. Where it is not free, the appointment keeps what it claims, and somebody is
    asked to call: it can't take place so. Nobody is told of another length: its start stays. Raises
    `PatientBusy`.
    """
    appointment = lock_row(Appointment, appointment_id)
    if appointment.status is not Status.BOOKED or has_demand(appointment, demand):
        return True
    demand = demand.lengthened(appointment.extra_minutes)
    _write_demand(appointment, demand)
    resource_ids = calendars.replace_missing_resources(
        *(appointment.id, location_of(appointment), demand, appointment.starts_at, now),
        get_exempt_rules(appointment),
    )
    audit.record(
        actor, "change_length", "appointment", appointment.id, now,
        minutes=demand.minutes, is_free=resource_ids is not None,
    )  # fmt: skip
    reopen_call_task(appointment.id, now)
    return resource_ids is not None
