"""The only source of "now". Rules take `now` as an argument; operations and views ask here."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo


def now() -> datetime:
    """Return the present instant, aware, in UTC, to the microsecond."""
    return datetime.now(UTC)


def local_date(instant: datetime, time_zone: str) -> date:
    """Return the calendar date that `instant` falls on in the IANA zone `time_zone`."""
    return instant.astimezone(ZoneInfo(time_zone)).date()
