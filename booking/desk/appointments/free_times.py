"""Free times at one location for choosing by hand: notice and horizon don't bind the desk."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from booking.appointments.models import Appointment
from booking.calendars import availability
from booking.calendars.local_days import iter_bits
from booking.calendars.location_calendars import LocationCalendar
from booking.calendars.rules import ResourceDemand
from booking.calendars.slot_cache import DayStarts

DAYS = 14  # shown to choose among


@dataclass(frozen=True, slots=True)
class FreeTimes:
    """Two weeks beginning at `first`, with the free starts (UTC) of each local day."""

    location: LocationCalendar
    first: date
    starts: dict[date, Sequence[datetime]]

    @property
    def first_free_day(self) -> date | None:
        """The first of these days on which anything is free."""
        return next((day for day, starts in self.starts.items() if starts), None)

    @property
    def previous_first(self) -> date:
        """The first day of the two weeks before."""
        return self.first - timedelta(days=DAYS)

    @property
    def next_first(self) -> date:
        """The first day of the two weeks after."""
        return self.first + timedelta(days=DAYS)


def list_free_times(
    location: LocationCalendar, demand: ResourceDemand, first: date, now: datetime
) -> FreeTimes:
    """Return when an appointment could start from local day `first` on, none of it in the past."""
    last = first + timedelta(days=DAYS - 1)
    days = availability.list_starts_by_day([(location, demand)], first, last, now)
    return _list_free_times(location, first, [starts for _, starts in days], now)


def list_times_to_move(
    appointment: Appointment,
    location: LocationCalendar,
    demand: ResourceDemand,
    first: date,
    now: datetime,
) -> FreeTimes:
    """Return the same of an appointment that moves: what it has is free, its own start no choice."""
    last = first + timedelta(days=DAYS - 1)
    days = availability.list_starts_besides(appointment.id, location, demand, first, last, now)
    own_start = appointment.starts_at if appointment.location_id == location.id else None
    return _list_free_times(location, first, days, now, own_start)


def _list_free_times(
    location: LocationCalendar,
    first: date,
    days: Iterable[DayStarts],
    now: datetime,
    own_start: datetime | None = None,
) -> FreeTimes:
    starts: dict[date, Sequence[datetime]] = {}
    for day_starts in days:
        day = day_starts.free.day
        instants = [day.cell_start(cell) for cell in iter_bits(day_starts.starts)]
        starts[day.local_date] = [
            instant for instant in instants if instant > now and instant != own_start
        ]
    return FreeTimes(location, first, starts)
