"""What is closed, broken or away on a location's day."""

from datetime import date

from booking.calendars.location_calendars import LocationCalendar
from booking.locations.models import Outage
from booking.outages.affected import list_outage_locations
from booking.outages.models import OutageCase
from booking.outages.queries import list_cases_between


def list_outages_on(
    location: LocationCalendar, local_date: date
) -> list[tuple[OutageCase, Outage]]:
    """Return the outages that are felt at a location on a day, with what is done about each."""
    day = location.local_day(local_date)
    return [
        (case, outage)
        for case, outage in list_cases_between(day.starts_at, day.ends_at)
        if location.id in list_outage_locations(outage)
    ]
