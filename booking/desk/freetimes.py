"""Free times at one location for choosing by hand: notice and horizon don't bind the desk."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from booking.calendars import offering
from booking.calendars.days import bits
from booking.calendars.places import Place
from booking.calendars.rules import Demand

DAYS = 14  # shown to choose among


@dataclass(frozen=True, slots=True)
class FreeDays:
    """Two weeks beginning at `first`, with the free starts (UTC) of each local day."""

    place: Place
    first: date
    starts: dict[date, Sequence[datetime]]

    @property
    def first_open(self) -> date | None:
        """The first of these days on which anything is free."""
        return next((day for day, starts in self.starts.items() if starts), None)

    @property
    def before(self) -> date:
        """The first day of the two weeks before."""
        return self.first - timedelta(days=DAYS)

    @property
    def after(self) -> date:
        """The first day of the two weeks after."""
        return self.first + timedelta(days=DAYS)


def free_days(place: Place, demand: Demand, first: date, now: datetime) -> FreeDays:
    """Return when a visit could start from local day `first` on, none of it in the past."""
    last = first + timedelta(days=DAYS - 1)
    starts: dict[date, Sequence[datetime]] = {}
    for _, answer in offering.starts_by_day([(place, demand)], first, last, now):
        day = answer.free.day
        instants = [day.instant(cell) for cell in bits(answer.starts)]
        starts[day.local_date] = [instant for instant in instants if instant > now]
    return FreeDays(place, first, starts)
