"""Appointments whose room, chair or seat is gone, while another of its kind is free at their time.

Nobody needs to be called for that: what is interchangeable is exchanged, the time and the practitioner stay.
"""

from dataclasses import dataclass
from datetime import datetime

from booking.appointments.misfits import (
    Impossible,
    Impossibles,
    demand_of,
    find_impossible,
    minutes_of,
    settle_calls,
)
from booking.appointments.models import Appointment
from booking.appointments.rules import Status
from booking.audit import operations as audit
from booking.calendars import offering
from booking.calendars import operations as calendars
from booking.calendars.catalogue import Catalogue
from booking.calendars.fitting import Misfit
from booking.db import transaction
from booking.extensions import db

ACTOR = "scheduler"
INTERCHANGEABLE = (Misfit.RESOURCE_GONE, Misfit.TOO_FEW_NURSES)


@dataclass(frozen=True, slots=True)
class Exchanged:
    """An appointment that keeps its time with other resources; ids of what is gone, and of what is new."""

    was: Impossible
    gone: frozenset[int]
    new: frozenset[int]


@transaction()
def exchange_gone(
    catalogue: Catalogue, impossible: Impossibles, now: datetime, actor: str
) -> list[Exchanged]:
    """Exchange what is gone wherever another of its kind is free; return those that can take place now."""
    tried = [one for one in impossible.values() if one.why in INTERCHANGEABLE]
    done = [_exchange(catalogue, one, now, actor) for one in tried]
    return [exchanged for exchanged in done if exchanged]


def _exchange(catalogue: Catalogue, one: Impossible, now: datetime, actor: str) -> Exchanged | None:
    visit = db.session.get_one(Appointment, one.appointment_id, with_for_update=True)
    demand = demand_of(visit, catalogue.offers_by_id[visit.service_id])
    is_as_judged = visit.status is Status.BOOKED and visit.sequence == one.sequence
    if not is_as_judged or demand.minutes > minutes_of(visit):
        return None
    held = frozenset(calendars.resources_of(visit.id))
    place = catalogue.places_by_id[visit.location_id]
    taken = calendars.exchange(visit.id, place, demand, visit.starts_at, now)
    if taken is None:
        return None
    visit.needs = [need.as_data() for need in demand.needs]
    audit.record(actor, "exchange", "appointment", visit.id, now)
    return Exchanged(one, held.difference(taken), frozenset(taken) - held)


@transaction()
def look_for_impossible(now: datetime) -> int:
    """Exchange what can be, and have somebody call about the rest that nobody was asked to see to; how many.

    The clinic file names each as it is loaded; this finds what became so, or is free, in any other way.
    """
    catalogue = offering.catalogue()
    exchange_gone(catalogue, find_impossible(catalogue, now), now, ACTOR)
    impossible = find_impossible(catalogue, now)
    settle_calls(impossible, impossible, now)
    return len(impossible)
