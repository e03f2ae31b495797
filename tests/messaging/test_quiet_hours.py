"""Quiet hours against a slow reference that looks at each minute of the wall clock.

`QUIET_HOUR_CASES=100000 make test TESTS=tests/messaging/test_quiet_hours.py` tries so many.
"""

import os
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from booking.messaging import rules
from booking.messaging.rules import (
    Channel,
    DueMessageFacts,
    Reason,
    SendNow,
    SkipMessage,
    WaitUntil,
)

CASES = int(os.environ.get("QUIET_HOUR_CASES", "150"))
ZONES = (
    "America/Phoenix", "America/New_York", "America/St_Johns",
    "Europe/London", "Australia/Lord_Howe", "Asia/Kathmandu",
)  # fmt: skip
FIRST, LAST = datetime.fromisoformat("2026-01-01"), datetime.fromisoformat("2036-01-01")
MINUTE = timedelta(minutes=1)
# Whole minutes and others, a second to the full hour among them
INSTANTS = st.builds(
    lambda minute, second: minute.replace(second=second, microsecond=0),
    st.datetimes(FIRST, LAST, timezones=st.just(UTC)),
    st.sampled_from((0, 1, 59)),
)


def is_quiet(instant: datetime, zone: ZoneInfo) -> bool:
    """Tell by the hour on the wall whether nobody is to be texted."""
    return not 8 <= instant.astimezone(zone).hour < 21


def find_morning(instant: datetime, zone: ZoneInfo) -> datetime:
    """Walk from the next whole minute on until it is no longer quiet."""
    minute = instant.replace(second=0)
    while is_quiet(minute, zone):
        minute += MINUTE
    return minute


@settings(max_examples=CASES)
@given(INSTANTS, st.sampled_from(ZONES), st.integers(1, 48 * 60))
def test_a_text_goes_at_the_first_minute_that_is_not_quiet_or_not_at_all(
    now: datetime, name: str, minutes_left: int
) -> None:
    zone, expires_at = ZoneInfo(name), now + timedelta(minutes=minutes_left)
    facts = DueMessageFacts(Channel.SMS, False, name, expires_at, opted_out=False)
    decision = rules.decide_delivery(facts, now)
    if not is_quiet(now, zone):
        assert decision == SendNow()
    elif (morning := find_morning(now, zone)) < expires_at:
        assert decision == WaitUntil(morning)
    else:
        assert decision == SkipMessage(Reason.NIGHT)


@settings(max_examples=CASES)
@given(INSTANTS, st.sampled_from(ZONES))
def test_what_would_go_at_night_is_planned_for_half_an_hour_before_it(
    instant: datetime, name: str
) -> None:
    zone, planned = ZoneInfo(name), rules.move_before_night(instant, name)
    if not is_quiet(instant, zone):
        assert planned == instant
        return
    minute = instant.replace(second=0)
    while is_quiet(minute, zone):
        minute -= MINUTE
    local = minute.astimezone(zone)
    assert planned == local.replace(hour=20, minute=30)
