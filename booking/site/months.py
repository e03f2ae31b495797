"""A calendar of five weeks of bookable days: a month that begins with this week, whatever its date."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from booking.calendars.bookable_days import BookableDay, DayState

DAYS = 5 * 7  # a page of the calendar


@dataclass(frozen=True, slots=True)
class Month:
    """Five weeks of days, and the day to show when one turns to the weeks before or after."""

    weeks: Sequence[Sequence[BookableDay]]
    previous_day: date | None
    next_day: date | None

    @property
    def first_day(self) -> date:
        """The first day shown."""
        return self.weeks[0][0].date

    @property
    def last_day(self) -> date:
        """The last day shown."""
        return self.weeks[-1][-1].date


def month_span(today: date, last: date, first_weekday: int) -> tuple[date, date]:
    """Return the days [first, last] of all pages, from today's week to the one with the day `last`.

    Weeks begin on `first_weekday` (Monday is 0).
    """
    first = today - timedelta(days=(today.weekday() - first_weekday) % 7)
    pages = (last - first).days // DAYS + 1
    return first, first + timedelta(days=pages * DAYS - 1)


def build_month(days: Mapping[date, BookableDay], chosen: date) -> Month:
    """Return the page with the `chosen` day; `days` are those of `month_span`, in order."""
    first = next(iter(days))
    begin = first + timedelta(days=(chosen - first).days // DAYS * DAYS)
    page = [days[begin + timedelta(days=n)] for n in range(DAYS)]
    return Month(
        [page[n : n + 7] for n in range(0, DAYS, 7)],
        _first_shown(days, begin - timedelta(days=DAYS)),
        _first_shown(days, begin + timedelta(days=DAYS)),
    )


def _first_shown(days: Mapping[date, BookableDay], begin: date) -> date | None:
    """Return the first free day of a page, or else its first; None for a page out of reach."""
    page = [days[day] for n in range(DAYS) if (day := begin + timedelta(days=n)) in days]
    free_days = (day.date for day in page if day.state is DayState.FREE)
    return next(free_days, page[0].date if page else None)


def choose_day(requested: date | None, days: Mapping[date, BookableDay]) -> date | None:
    """Return the day asked for, or the first that has times; None without any."""
    return requested if requested in days else find_free_day(days)


def find_free_day(days: Mapping[date, BookableDay], after: date = date.min) -> date | None:
    """Return the first day after another that has free times; None without any."""
    free_days = (day for day, each in days.items() if each.state is DayState.FREE and day > after)
    return next(free_days, None)
