"""A booked appointment that takes longer, or less time, from its own start: what it claims follows."""

from datetime import datetime, timedelta

from booking.appointments.exemptions import get_exempt_rules
from booking.appointments.impossible import reopen_call_task
from booking.appointments.models import Appointment
from booking.appointments.operations import location_of
from booking.appointments.patient_booking import save_appointment
from booking.appointments.rules import Status
from booking.audit import operations as audit
from booking.calendars import operations as calendars
from booking.calendars.allocation import StartNotFree
from booking.calendars.choosing import choose_instead
from booking.calendars.rules import ResourceDemand
from booking.db.transactions import transaction
from booking.db.versions import lock_row


def has_demand(appointment: Appointment, demand: ResourceDemand) -> bool:
    """Tell whether an appointment is as long, and occupies what, `demand` says already."""
    needs = [need.to_dict() for need in demand.needs]
    length = timedelta(minutes=demand.minutes)
    return bool(appointment.needs == needs) and (
        appointment.ends_at - appointment.starts_at == length
    )


def can_have_demand(appointment: Appointment, demand: ResourceDemand, now: datetime) -> bool:
    """Tell whether an appointment can occupy what `demand` says at its own start; changes nothing."""
    location = location_of(appointment)
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

    Where it is not, the appointment keeps what it claims, and somebody is asked to call: it can't take place
    so. Nobody is told of another length: its start stays. Raises `PatientBusy`.
    """
    appointment = lock_row(Appointment, appointment_id)
    if appointment.status is not Status.BOOKED or has_demand(appointment, demand):
        return True
    appointment.needs = [need.to_dict() for need in demand.needs]
    appointment.ends_at = appointment.starts_at + timedelta(minutes=demand.minutes)
    save_appointment(appointment)
    resource_ids = calendars.exchange_resource(
        *(appointment.id, location_of(appointment), demand, appointment.starts_at, now),
        get_exempt_rules(appointment),
    )
    audit.record(
        actor, "change_length", "appointment", appointment.id, now,
        minutes=demand.minutes, is_free=resource_ids is not None,
    )  # fmt: skip
    reopen_call_task(appointment.id, now)
    return resource_ids is not None
