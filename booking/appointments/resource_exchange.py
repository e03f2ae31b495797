"""Appointments whose room, chair or seat is gone, while another of its kind is free at their time.

Nobody needs to be called for that: what is interchangeable is exchanged, the time and the practitioner stay.
"""

from dataclasses import dataclass
from datetime import datetime

from booking.appointments.exemptions import get_exempt_rules
from booking.appointments.impossible import (
    Impossibles,
    MisfitAppointment,
    get_demand,
    get_minutes,
    list_impossible_appointments,
    update_call_tasks,
)
from booking.appointments.models import Appointment
from booking.appointments.rules import Status
from booking.audit import operations as audit
from booking.calendars import availability
from booking.calendars import operations as calendars
from booking.calendars.catalogue import Catalogue
from booking.calendars.misfits import MisfitReason
from booking.db.transactions import transaction
from booking.db.versions import lock_row

ACTOR = "scheduler"
INTERCHANGEABLE = (MisfitReason.RESOURCE_GONE, MisfitReason.TOO_FEW_NURSES)


@dataclass(frozen=True, slots=True)
class ResourceExchange:
    """An appointment that keeps its time with other resources; ids of what is gone, and of what is new."""

    was: MisfitAppointment
    removed_ids: frozenset[int]
    added_ids: frozenset[int]


@transaction()
def exchange_missing_resources(
    catalogue: Catalogue, impossibles: Impossibles, now: datetime, actor: str
) -> list[ResourceExchange]:
    """Exchange what is gone wherever another of its kind is free; return those that can take place now."""
    movable = [
        impossible for impossible in impossibles.values() if impossible.reason in INTERCHANGEABLE
    ]
    exchanges = [_exchange(catalogue, impossible, now, actor) for impossible in movable]
    return [exchange for exchange in exchanges if exchange]


def _exchange(
    catalogue: Catalogue, impossible: MisfitAppointment, now: datetime, actor: str
) -> ResourceExchange | None:
    appointment = lock_row(Appointment, impossible.appointment_id)
    demand = get_demand(appointment, catalogue.services_by_id[appointment.service_id])
    is_as_judged = (
        appointment.status is Status.BOOKED and appointment.sequence == impossible.sequence
    )
    if not is_as_judged or demand.minutes > get_minutes(appointment):
        return None
    resource_ids = frozenset(calendars.claimed_resource_ids(appointment.id))
    location = catalogue.locations_by_id[appointment.location_id]
    new_ids = calendars.replace_missing_resources(
        *(appointment.id, location, demand, appointment.starts_at, now),
        get_exempt_rules(appointment),
    )
    if new_ids is None:
        return None
    appointment.needs = [need.to_dict() for need in demand.needs]
    audit.record(actor, "exchange", "appointment", appointment.id, now)
    return ResourceExchange(
        impossible, resource_ids.difference(new_ids), frozenset(new_ids) - resource_ids
    )


@transaction()
def open_missing_call_tasks(now: datetime) -> int:
    """Exchange what can be, and have somebody call about the rest that nobody was asked to see to; how many.

    The clinic file names each as it is loaded; this finds what became so, or is free, in any other way.
    """
    catalogue = availability.current_catalogue()
    exchange_missing_resources(catalogue, list_impossible_appointments(catalogue, now), now, ACTOR)
    impossibles = list_impossible_appointments(catalogue, now)
    update_call_tasks(impossibles, impossibles, now)
    return len(impossibles)
