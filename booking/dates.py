"""Which days and instants anybody may type. Beyond them arithmetic leaves the calendar."""

from datetime import UTC, date, datetime, timedelta

EARLIEST, LATEST = date(2000, 1, 1), date(2200, 1, 1)
MAX_AHEAD = timedelta(days=730)  # how far from today anything is planned or promised


def latest_plannable_date(today: date) -> date:
    """Return the last day that a form takes for something to come."""
    return today + MAX_AHEAD


def is_plausible_date(day: date) -> bool:
    """Tell whether a day lies where a clinic's calendar can."""
    return EARLIEST <= day <= LATEST


def parse_day(text: str | None) -> date | None:
    """Return the day written as 2026-12-01; None for anything else, or beyond the calendar."""
    try:
        day = date.fromisoformat(text or "")
    except ValueError:
        return None
    is_written_so = day.isoformat() == text  # not as 20261201 or by its week
    return day if is_written_so and is_plausible_date(day) else None


def parse_instant(text: str | None) -> datetime | None:
    """Return the instant written with its offset from UTC, in UTC; None as for `parse_day`."""
    try:
        instant = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    if instant.tzinfo is None or not EARLIEST <= instant.date() < LATEST:
        return None
    return instant.astimezone(UTC)
