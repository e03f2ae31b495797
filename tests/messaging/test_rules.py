"""When a message may go, what errors mean, and that statuses never go backwards."""

from datetime import UTC, datetime, timedelta
from itertools import permutations
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.messaging import provider_rules, rules
from booking.messaging.provider_rules import ErrorClass
from booking.messaging.rules import (
    Channel,
    DueMessageFacts,
    MessageStatus,
    Reason,
    SendNow,
    SkipMessage,
    WaitUntil,
)

PHOENIX = "America/Phoenix"  # UTC-7 all year
FIRST, LAST = datetime.fromisoformat("2020-01-01"), datetime.fromisoformat("2040-01-01")
ZONES = st.sampled_from(sorted(available_timezones()))
INSTANTS = st.datetimes(FIRST, LAST, timezones=st.just(UTC))


def phoenix(text: str) -> datetime:
    """Return the instant of a wall-clock time in Phoenix, in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(PHOENIX)).astimezone(UTC)


def due(**changes: object) -> DueMessageFacts:
    """Return a text of our own accord that expires at noon on 2 December."""
    facts = {
        "channel": Channel.SMS,
        "immediate": False,
        "time_zone": PHOENIX,
        "expires_at": phoenix("2026-12-02T12:00"),
        "opted_out": False,
    }
    return DueMessageFacts(**{**facts, **changes})  # type: ignore[arg-type]  # the test's own words


@pytest.mark.parametrize(
    ("local", "decent"),
    [("07:59", False), ("08:00", True), ("20:59", True), ("21:00", False), ("00:00", False)],
)
def test_texts_go_from_eight_until_nine_in_the_evening(local: str, decent: bool) -> None:
    assert rules.within_sending_hours(phoenix(f"2026-12-01T{local}"), PHOENIX) is decent


def test_a_text_for_the_night_goes_the_evening_before() -> None:
    for night in ("2026-12-01T22:15", "2026-12-02T05:00", "2026-12-02T07:59"):
        assert rules.move_before_night(phoenix(night), PHOENIX) == phoenix("2026-12-01T20:30")


@given(INSTANTS, ZONES)
def test_a_planned_time_is_decent_and_never_later(instant: datetime, zone: str) -> None:
    planned = rules.move_before_night(instant, zone)
    assert rules.within_sending_hours(planned, zone)
    # a night is at most 11 hours and 24 minutes, and clocks may change in it
    assert instant - timedelta(hours=36) < planned <= instant


@given(INSTANTS, ZONES)
def test_the_next_morning_is_decent_and_later(instant: datetime, zone: str) -> None:
    morning = rules.next_sending_start(instant, zone)
    assert rules.within_sending_hours(morning, zone)
    assert instant < morning


def test_a_late_text_waits_for_the_morning_unless_that_is_too_late() -> None:
    night = phoenix("2026-12-01T23:00")
    assert rules.decide_delivery(due(), night) == WaitUntil(phoenix("2026-12-02T08:00"))
    early = due(expires_at=phoenix("2026-12-02T07:30"))
    assert rules.decide_delivery(early, night) == SkipMessage(Reason.NIGHT)


def test_an_answer_and_an_email_go_at_any_hour() -> None:
    night = phoenix("2026-12-01T23:00")
    assert rules.decide_delivery(due(immediate=True), night) == SendNow()
    assert rules.decide_delivery(due(channel=Channel.EMAIL), night) == SendNow()


def test_nothing_goes_from_the_moment_it_expires() -> None:
    end = phoenix("2026-12-02T12:00")
    assert rules.decide_delivery(due(), end) == SkipMessage(Reason.TOO_LATE)
    assert rules.decide_delivery(due(immediate=True), end) == SkipMessage(Reason.TOO_LATE)
    assert rules.decide_delivery(due(), end - timedelta(microseconds=1)) == SendNow()


def test_nothing_goes_to_a_number_that_opted_out_not_even_an_answer() -> None:
    facts = due(opted_out=True, immediate=True)
    assert rules.decide_delivery(facts, phoenix("2026-12-01T12:00")) == SkipMessage(
        Reason.OPTED_OUT
    )


@pytest.mark.parametrize(
    ("status", "code", "verdict"),
    [
        (400, "21211", ErrorClass.PERMANENT),
        (400, "21610", ErrorClass.PERMANENT),
        (429, "20429", ErrorClass.LATER),
        (401, "20003", ErrorClass.LATER),
        (400, "21606", ErrorClass.LATER),
        (500, "20500", ErrorClass.AMBIGUOUS),
        (503, "21610", ErrorClass.AMBIGUOUS),
    ],
)
def test_an_error_says_whether_to_try_again(status: int, code: str, verdict: ErrorClass) -> None:
    assert provider_rules.classify_error(status, code) is verdict


def test_pauses_double_up_to_a_quarter_of_an_hour() -> None:
    pauses = [rules.retry_delay(tries).total_seconds() for tries in (1, 2, 3, 5, 6, 50)]
    assert pauses == [30, 60, 120, 480, 900, 900]


@pytest.mark.parametrize("order", list(permutations(["queued", "sent", "delivered"])))
def test_reports_in_any_order_end_at_delivered(order: tuple[str, ...]) -> None:
    status = MessageStatus.SENDING
    for report in (*order, *order):
        status = provider_rules.next_status(status, report)
    assert status is MessageStatus.DELIVERED


@given(
    st.sampled_from(MessageStatus),
    st.lists(st.sampled_from([*provider_rules.PROVIDER_STATUS, "nonsense"])),
)
def test_a_message_never_goes_backwards(status: MessageStatus, reports: list[str]) -> None:
    for report in reports:
        after = provider_rules.next_status(status, report)
        assert provider_rules.RANK.get(after, 0) >= provider_rules.RANK.get(status, 0)
        status = after


def test_a_report_on_an_interrupted_attempt_proves_that_it_was_sent() -> None:
    for status in (
        MessageStatus.SENDING,
        MessageStatus.PLANNED,
        MessageStatus.UNKNOWN,
        MessageStatus.RETIRED,
    ):
        assert provider_rules.next_status(status, "queued") is MessageStatus.SENT


@pytest.mark.parametrize(
    ("days_ago", "reached"),
    [((), False), ((1, 2), False), ((0,), True), ((1, 2, 6), True), ((1, 2, 7), False)],
)
def test_a_person_is_reminded_once_a_day_and_three_times_in_seven_days(
    days_ago: tuple[int, ...], reached: bool
) -> None:
    now = phoenix("2026-12-08T09:00")
    earlier = [now - timedelta(days=days) for days in days_ago]
    assert rules.reminder_cap_reached(earlier, now, PHOENIX) is reached
