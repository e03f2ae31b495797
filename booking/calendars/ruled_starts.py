"""Reading what the calendar and the clock say of some days' starts, rule by rule."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from booking.calendars.location_calendars import LocationCalendar
from booking.calendars.overrides import ALL_SHIFTS, NO_RULES
from booking.calendars.queries import read_claims_besides
from booking.calendars.ruled_days import RuledDay
from booking.calendars.rules import FreeCells, ResourceDemand
from booking.calendars.start_rules import list_calendar_rules, past_rule


@dataclass(frozen=True, slots=True)
class UnclaimedDay:
    """A local day at a location as claims leave it; `called_in`, if everybody came in who isn't away."""

    location: LocationCalendar
    free: FreeCells
    called_in: FreeCells

    def ruled_by(self, demand: ResourceDemand, now: datetime) -> RuledDay:
        """Return the day as each rule of the calendar sees it that decides when a demand may start."""
        rules = list_calendar_rules(self.location, demand, self.free, self.called_in)
        return RuledDay(self.location, self.free.day, (past_rule(self.free.day, now), *rules))


def read_ruled_days(
    location: LocationCalendar,
    demand: ResourceDemand,
    first: date,
    last: date,
    now: datetime,
    *,
    besides: int | None = None,
) -> list[RuledDay]:
    """Return local days [first, last] at a location as each rule of the calendar sees them.

    `besides` is the id of an appointment that would give up what it claims. Read by one query for claims.
    """
    days = read_unclaimed_days(location, first, last, now, besides=besides)
    return [day.ruled_by(demand, now) for day in days]


def read_unclaimed_days(
    location: LocationCalendar,
    first: date,
    last: date,
    now: datetime,
    *,
    besides: int | None = None,
) -> list[UnclaimedDay]:
    """Return what claims leave of local days [first, last] at a location, read by one query for them.

    `besides` is the id of an appointment that would give up what it claims.
    """
    own_ids = () if besides is None else (besides,)
    claims = read_claims_besides(own_ids, [location], first, last, now)
    days = []
    for local_date in (first + timedelta(days=n) for n in range((last - first).days + 1)):
        free, called_in = (
            claims.subtract_from(location.day_if_open(local_date, exempt))[0]
            for exempt in (NO_RULES, ALL_SHIFTS)
        )
        days.append(UnclaimedDay(location, free, called_in))
    return days
