"""A booked appointment in a room or chair, or with a practitioner, that somebody chose; all or nothing."""

from datetime import datetime

from booking.appointments.exemptions import ClaimTerms, get_exempt_rules
from booking.appointments.impossible import get_minutes
from booking.appointments.models import Appointment
from booking.appointments.operations import location_of, lock_for_change, move
from booking.appointments.rules import Action, require_action_allowed
from booking.appointments.versions import increment_version
from booking.audit import operations as audit
from booking.calendars import availability
from booking.calendars import operations as calendars
from booking.calendars.overrides import NO_RULES, Rules
from booking.calendars.rules import ResourceDemand, ResourceNeed
from booking.db.transactions import transaction


@transaction()
def move_to_resource(
    appointment_id: int,
    starts_at: datetime,
    resource_id: int | None,
    location: str,
    now: datetime,
    actor: str,
    *,
    reason: str = "",
    exempt: Rules = NO_RULES,
    expected_version: int | None = None,
) -> Appointment:
    """Move an appointment to a start and, where one is named, into a room or chair or to a practitioner.

    At its own start and location nothing but the resource changes, and nobody is told. Raises what
    `operations.move` does, and `SlotTaken` where the resource isn't free.
    """
    appointment = lock_for_change(appointment_id, expected_version)
    if resource_id is not None and _is_at(appointment, starts_at, location):
        _change_resource(appointment, resource_id, now, actor)
    else:
        preferred_ids = () if resource_id is None else (resource_id,)
        terms = ClaimTerms(preferred_ids, exempt, reason)
        move(appointment_id, starts_at, now, actor, location=location, reason=reason, terms=terms)
    claimed_ids = calendars.claimed_resource_ids(appointment_id)
    if resource_id is not None and resource_id not in claimed_ids:
        raise calendars.SlotTaken
    return appointment


def _is_at(appointment: Appointment, starts_at: datetime, location: str) -> bool:
    return appointment.starts_at == starts_at and location_of(appointment).slug == location


def _change_resource(appointment: Appointment, resource_id: int, now: datetime, actor: str) -> None:
    """Take another resource at an appointment's own time; it keeps the others it has."""
    require_action_allowed(Action.MOVE, appointment.status, appointment.starts_at, now)
    location, own_ids = location_of(appointment), calendars.claimed_resource_ids(appointment.id)
    demand = _get_own_demand(appointment)
    calendars.release_claims(appointment.id, location, appointment.local_date)
    preferred_ids = (resource_id, *own_ids)
    calendars.claim_resources(
        *(appointment.id, location, demand, appointment.starts_at, now),
        preferred_ids=preferred_ids,
        exempt=get_exempt_rules(appointment),
    )
    increment_version(appointment)
    audit.record(actor, "change_resource", "appointment", appointment.id, now, resource=resource_id)


def _get_own_demand(appointment: Appointment) -> ResourceDemand:
    """Return what an appointment occupies as it is booked."""
    service = availability.current_catalogue().services_by_id[appointment.service_id]
    needs = tuple(map(ResourceNeed.from_dict, appointment.needs))
    return ResourceDemand(
        needs, get_minutes(appointment), service.step, prescriber=appointment.is_infusion
    )
