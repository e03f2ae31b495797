"""Whether a time can be booked online now, looked at without a lock: claiming it decides."""

from datetime import datetime

from booking.appointments.models import Appointment
from booking.calendars import availability
from booking.calendars import operations as calendars
from booking.calendars.catalogue import BookableService
from booking.calendars.location_calendars import LocationCalendar
from booking.calendars.slots import is_bookable_online


def require_slot_offered(
    location: LocationCalendar,
    service: BookableService,
    starts_at: datetime,
    now: datetime,
    practitioner_id: int | None = None,
) -> None:
    """Raise `SlotTaken` unless a time is offered online and free. Reads only."""
    if not is_bookable_online(location, service, starts_at, now):
        raise calendars.SlotTaken
    demand = service.demand_of(practitioner_id)
    calendars.require_slot_free(location, demand, starts_at, now)


def require_hold_time_free(hold: Appointment, now: datetime) -> None:
    """Raise `SlotTaken` unless a hold has its time still, or could take it again. Reads only."""
    if hold.expires_at is None or hold.expires_at <= now:
        catalogue = availability.current_catalogue()
        location, service = (
            catalogue.locations_by_id[hold.location_id],
            catalogue.services_by_id[hold.service_id],
        )
        require_slot_offered(location, service, hold.starts_at, now, hold.practitioner_id)
