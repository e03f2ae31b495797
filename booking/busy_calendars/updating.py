"""Reading the calendars that are due, by the scheduler: no transaction is open while a server is asked."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import structlog

from booking.busy_calendars import operations
from booking.busy_calendars.conflicts import update_conflict_tasks
from booking.busy_calendars.expanding import Span
from booking.busy_calendars.fetching import CacheValidators, NotRead, fetch_calendar
from booking.busy_calendars.operations import DueCalendar
from booking.busy_calendars.queries import get_home_zone
from booking.busy_calendars.reading import parse_busy_times
from booking.busy_calendars.rules import MARGIN, ReadFailure
from booking.calendars import availability
from booking.staff.secret_box import SecretBox, UnreadableSecret

LONGEST_HORIZON = 400  # days, whatever a service's is
DAY = timedelta(days=1)

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class ReadingTerms:
    """How calendars are read: how often, with which key, and whether this machine may be asked, too."""

    interval: timedelta
    box: SecretBox
    with_loopback: bool


def update_due_calendars(now: datetime, terms: ReadingTerms) -> None:
    """Read each calendar that is due, then see to the conflicts with what is booked."""
    while (due := operations.claim_due_calendar(now)) is not None:
        try:
            _read(due, now, terms)
        except NotRead as error:
            log.warning("calendar_not_read", staff=due.staff_id, reason=error.reason.value)
            operations.keep_failure(due, error.reason, now)
    update_conflict_tasks(now)


def _read(due: DueCalendar, now: datetime, terms: ReadingTerms) -> None:
    zone = ZoneInfo(get_home_zone(due.staff_id))
    period = compute_period(now, zone)
    reaches_far = due.read_until is not None and due.read_until >= period[1] - MARGIN
    validators = due.validators if reaches_far else CacheValidators()
    fetched = fetch_calendar(
        _decrypt(due, terms.box), validators, with_loopback=terms.with_loopback
    )
    if fetched.body is None:
        operations.keep_unchanged(due, now, terms.interval)
        return
    spans = parse_busy_times(fetched.body, zone, period)
    operations.keep_busy_times(due, fetched, spans, period[1], now, terms.interval)


def _decrypt(due: DueCalendar, box: SecretBox) -> str:
    try:
        return box.decrypt(due.address)
    except UnreadableSecret as error:
        raise NotRead(ReadFailure.UNREADABLE_ADDRESS) from error


def compute_period(now: datetime, zone: ZoneInfo) -> Span:
    """Return the time that matters (UTC): from yesterday's local midnight till after all that can be booked.

    The same all day long, so that what is read in it only differs where the calendar does.
    """
    services = availability.current_catalogue().services.values()
    horizon = min(max((service.horizon for service in services), default=0), LONGEST_HORIZON)
    yesterday = now.astimezone(zone).date() - DAY
    begins = datetime.combine(yesterday, time(), zone).astimezone(now.tzinfo)
    return begins, begins + timedelta(days=horizon + 2) + MARGIN
