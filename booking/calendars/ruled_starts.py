"""Reading what the calendar and the clock say of some days' starts, rule by rule."""

from datetime import date, datetime, timedelta

from booking.calendars.location_calendars import LocationCalendar
from booking.calendars.overrides import ALL_SHIFTS, NO_RULES
from booking.calendars.queries import read_claims_besides
from booking.calendars.ruled_days import RuledDay
from booking.calendars.rules import ResourceDemand
from booking.calendars.start_rules import list_calendar_rules, past_rule


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
    own_ids = () if besides is None else (besides,)
    claims = read_claims_besides(own_ids, [location], first, last, now)
    ruled_days = []
    for local_date in (first + timedelta(days=n) for n in range((last - first).days + 1)):
        free, called_in = (
            claims.subtract_from(location.day_if_open(local_date, exempt))[0]
            for exempt in (NO_RULES, ALL_SHIFTS)
        )
        rules = list_calendar_rules(location, demand, free, called_in)
        rules.insert(0, past_rule(free.day, now))
        ruled_days.append(RuledDay(location, free.day, tuple(rules)))
    return ruled_days
