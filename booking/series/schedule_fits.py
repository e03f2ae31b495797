"""Whether sessions as long as a schedule's fit into a week at each location, were nothing else booked."""

from collections.abc import Sequence
from datetime import date, timedelta

from booking.calendars import availability
from booking.calendars.location_calendars import LocationCalendar
from booking.calendars.rules import compute_start_cells
from booking.series.rules import Phase
from booking.series.series_calendars import INFUSION

WEEK = 7  # days


def is_fitting_day(phases: Sequence[Phase], location: LocationCalendar, day: date) -> bool:
    """Tell whether the longest session could take place at a location on a local day, were it all free.

    Only hours, shifts, chairs and nurses count.
    """
    catalogue = availability.current_catalogue()
    service = availability.get_service(catalogue, INFUSION)
    longest = max(phases, key=lambda phase: phase.appointment_minutes)
    demand = service.infusion_demand(*longest.parts, location)
    return bool(compute_start_cells(demand, location.free_day(day)))


def count_fitting_days(phases: Sequence[Phase], first_day: date) -> dict[str, int]:
    """Return, by a location's name, on how many days of the week from `first_day` on sessions fit."""
    days = [first_day + timedelta(days=n) for n in range(WEEK)]
    return {
        location.name: sum(is_fitting_day(phases, location, day) for day in days)
        for location in availability.current_catalogue().locations.values()
    }
