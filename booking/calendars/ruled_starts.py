"""Reading what the calendar and the clock say of some days' starts, rule by rule."""

from datetime import date, datetime, timedelta

from booking.calendars.location_calendars import LocationCalendar
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
        free, _ = claims.subtract_from(location.day_if_open(local_date))
        rules = (past_rule(free.day, now), *list_calendar_rules(location, demand, free))
        ruled_days.append(RuledDay(location, free.day, rules))
    return ruled_days
