"""What fits a session, or what is moved; and where nothing does, the smallest changes by which it would."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from booking.appointments.models import Appointment
from booking.appointments.patient_rules import PATIENT_PRICES
from booking.calendars import availability
from booking.calendars.local_days import iter_bits
from booking.calendars.location_calendars import LocationCalendar
from booking.calendars.overrides import OverriddenBy
from booking.calendars.relaxations import (
    CALENDAR_PRICES,
    DayPoints,
    RelaxedStart,
    RuleKind,
    RulePrice,
    drop_online_rules,
    list_start_relaxations,
)
from booking.calendars.ruled_days import Facts, RuledDay
from booking.series.gap_rules import SeriesRule
from booking.series.gaps import read_series_gaps
from booking.series.models import Session
from booking.series.queries import find_session_of_appointment
from booking.series.ruled_starts import read_placing_rules, read_session_move_rules

OUT_OF_ORDER = 100  # points: a session before one that is to come first, or after one that follows
LEAST_DAYS, MOST_DAYS = 28, 84  # looked through
BEYOND_GAP = timedelta(days=14)  # how far past the longest gap of a session
MOVE_DAYS = timedelta(days=13)  # after the first day shown, of what no series has


def count_days_beyond(facts: Facts) -> int:
    """Return by how many days two sessions are nearer or further than their series allows."""
    days, most = facts["days"], facts.get("most", facts["days"])
    return int(max(facts["least"] - days, days - most, 0))


def count_minutes_beyond(facts: Facts) -> int:
    """Return how many minutes before or after the times asked for a session starts."""
    earliest, latest, at = (_minute(facts[name]) for name in ("earliest", "latest", "at"))
    return max(earliest - at, at - latest, 0)


def _minute(at: time) -> int:
    return at.hour * 60 + at.minute


PRICES: Mapping[StrEnum, RulePrice] = {
    **CALENDAR_PRICES,
    **PATIENT_PRICES,
    SeriesRule.GAP_TOO_SHORT: RulePrice(RuleKind.GAP, 0, 10, count_days_beyond),
    SeriesRule.GAP_TOO_LONG: RulePrice(RuleKind.GAP, 0, 10, count_days_beyond),
    SeriesRule.INFUSION_TOO_CLOSE: RulePrice(RuleKind.GAP, 0, 10, count_days_beyond),
    SeriesRule.OTHER_WEEKDAY: RulePrice(RuleKind.WEEKDAY, 15),
    SeriesRule.OTHER_TIME: RulePrice(RuleKind.TIME, 5, 1, count_minutes_beyond),
    SeriesRule.OTHER_LOCATION: RulePrice(RuleKind.LOCATION, 15),
    SeriesRule.NOT_AUTHORISED: RulePrice(RuleKind.AUTHORISATION, 25),
    SeriesRule.PAUSED: RulePrice(RuleKind.ORDER, 100),
    SeriesRule.BEFORE_START: RulePrice(RuleKind.ORDER, 100),
    SeriesRule.AFTER_END: RulePrice(RuleKind.ORDER, 100),
}


@dataclass(frozen=True, slots=True)
class FittingStarts:
    """The starts (UTC) that keep every rule on local days [first, last] at one location, in order.

    Without any, `relaxations` are the smallest changes, at any location; the first names what binds.
    `unwanted_starts` go against what binds plans alone: the desk may book them.
    """

    first_day: date
    last_day: date
    starts: Sequence[datetime]
    relaxations: Sequence[RelaxedStart] = ()
    unwanted_starts: Sequence[datetime] = ()

    @property
    def first(self) -> datetime | None:
        """The first of these starts."""
        return self.starts[0] if self.starts else None


Reader = Callable[[LocationCalendar], list[RuledDay]]


def find_placing_fit(session: Session, location: LocationCalendar, now: datetime) -> FittingStarts:
    """Return what fits a session without a time at a location, from today on."""
    first, last = _span_of(session, location, now)
    return _find_fit(
        location,
        lambda each: read_placing_rules(session, each, first, last, now),
        _order_points(session),
    )


def list_fitting_move_starts(
    appointment: Appointment, location: LocationCalendar, first: date, now: datetime
) -> FittingStarts:
    """Return what fits an appointment that is moved, besides its own time.

    A session's from today on, anything else in two weeks from local day `first`.
    """
    session, last = find_session_of_appointment(appointment.id), first + MOVE_DAYS
    if session is not None:
        first, last = _span_of(session, location, now)
    return _find_fit(
        location,
        lambda each: read_session_move_rules(appointment, each, first, last, now),
        _order_points(session),
        (appointment.location_id, appointment.starts_at),
    )


def _order_points(session: Session | None) -> DayPoints:
    """Return what a local day costs a session for coming out of its series' order."""
    if session is None:
        return lambda _day: 0
    standing, number = read_series_gaps(session).sessions, session.number
    before = max((each.day for each in standing if each.number < number), default=date.min)
    after = min((each.day for each in standing if each.number > number), default=date.max)
    return lambda day: 0 if before < day < after else OUT_OF_ORDER


def _span_of(session: Session, location: LocationCalendar, now: datetime) -> tuple[date, date]:
    """Return the local days to look through: to some days past the longest gap after its series' sessions."""
    gaps, today = read_series_gaps(session), now.astimezone(location.zone).date()
    longest = timedelta(days=gaps.phases[session.phase].gap.max_days)
    days = [standing.day for standing in gaps.sessions]
    last = max([*days, today]) + longest + BEYOND_GAP
    earliest, latest = (today + timedelta(days=days) for days in (LEAST_DAYS, MOST_DAYS))
    return today, min(max(last, earliest), latest)


def _find_fit(
    location: LocationCalendar,
    read_days: Reader,
    day_points: DayPoints,
    own_time: tuple[int, datetime] | None = None,
) -> FittingStarts:
    days = read_days(location)
    own_start = own_time[1] if own_time and own_time[0] == location.id else None
    starts = _list_starts(map(drop_online_rules, days), own_start)
    at_desk = _list_starts(map(_drop_desk_rules, days), own_start)
    unwanted_starts = sorted(set(at_desk) - set(starts))
    first, last = days[0].day.local_date, days[-1].day.local_date
    if starts:
        return FittingStarts(first, last, starts, unwanted_starts=unwanted_starts)
    others = availability.current_catalogue().locations.values()
    elsewhere = [day for each in others if each.id != location.id for day in read_days(each)]
    relaxations = list_start_relaxations([*days, *elsewhere], location, PRICES, day_points)
    return FittingStarts(first, last, (), relaxations, unwanted_starts)


def _list_starts(days: Iterable[RuledDay], own_start: datetime | None) -> list[datetime]:
    """Return the starts that every rule of some days allows, but for an appointment's own."""
    starts = (ruled.day.cell_start(cell) for ruled in days for cell in iter_bits(ruled.starts))
    return [starts_at for starts_at in starts if starts_at != own_start]


def _drop_desk_rules(ruled: RuledDay) -> RuledDay:
    """Return a day without the rules against which the front desk may book."""
    binding = [rule for rule in ruled.rules if rule.override is not OverriddenBy.FRONT_DESK]
    return RuledDay(ruled.location, ruled.day, tuple(binding))
