"""Where an appointment could start in each single room, chair or practitioner's time."""

from collections.abc import Mapping
from datetime import date, datetime

from booking.appointments.impossible import get_demand
from booking.appointments.models import Appointment
from booking.calendars import availability
from booking.calendars.location_calendars import LocationCalendar
from booking.calendars.rules import FreeCells, ResourceDemand, compute_span_starts
from booking.locations.rules import ResourceKind


def read_starts_by_resource(
    appointment: Appointment, location: LocationCalendar, first: date, last: date, now: datetime
) -> dict[date, Mapping[int, int]]:
    """Return, for each local day in [first, last], resource id → cells at which it could start there.

    By the resource alone: whatever else it needs. One of a kind that it doesn't need allows none.
    """
    service = availability.current_catalogue().services_by_id[appointment.service_id]
    demand = get_demand(appointment, service)
    days = availability.list_free_days_besides([appointment.id], [location], first, last, now)
    return {free.day.local_date: compute_starts_by_resource(demand, free) for _, free in days}


def compute_starts_by_resource(demand: ResourceDemand, free: FreeCells) -> dict[int, int]:
    """Return resource id → cells at which a demand could start there, by the resource alone."""
    return {
        resource_id: compute_span_starts(need, cells)
        for need in demand.needs
        if need.kind is not ResourceKind.SEAT
        for resource_id, cells in free.by_kind(need.kind).items()
    }
