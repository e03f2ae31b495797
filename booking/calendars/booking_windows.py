"""From when until when an appointment that is booked online may start: notice and horizon."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from booking.calendars.local_days import LocalDay

MICROSECOND = timedelta(microseconds=1)  # the clock's own grain


@dataclass(frozen=True, slots=True)
class BookingWindow:
    """When an appointment that is booked online may start: from `opens_at` until before `closes_at`, UTC."""

    opens_at: datetime
    closes_at: datetime

    @classmethod
    def open_at(cls, now: datetime, notice: int, horizon: int, zone: ZoneInfo) -> "BookingWindow":
        """Return the window as it is `now`: `notice` in minutes, `horizon` in local days after today."""
        last_day = now.astimezone(zone).date() + timedelta(days=horizon)
        return cls(now + timedelta(minutes=notice), LocalDay.for_date(last_day, zone).ends_at)

    def allows(self, starts_at: datetime) -> bool:
        """Tell whether an appointment may start then."""
        return self.opens_at <= starts_at < self.closes_at

    def cells_of(self, day: LocalDay) -> int:
        """Return the cells of a day at which an appointment may start: those that `allows` is true of."""
        return day.cells_beginning(self.opens_at, self.closes_at)

    def first_day(self, zone: ZoneInfo) -> date:
        """Return the first local day on which an appointment may start."""
        return self.opens_at.astimezone(zone).date()

    def last_day(self, zone: ZoneInfo) -> date:
        """Return the last local day on which an appointment may start."""
        return (self.closes_at - MICROSECOND).astimezone(zone).date()
