"""Which messages a visit is owed, and when."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.messaging.rules import Channel, is_decent
from booking.reminders.rules import Due, Kind, Only, ReminderRule, VisitFacts, due_for
from tests.builders import NOW, local

RULES = (
    ReminderRule(Kind.CONFIRMATION, Channel.SMS),
    ReminderRule(Kind.CONFIRMATION, Channel.EMAIL),
    ReminderRule(Kind.DAYS_BEFORE, Channel.EMAIL, 3 * 24 * 60),
    ReminderRule(Kind.DAY_BEFORE, Channel.SMS, 24 * 60),
    ReminderRule(Kind.HOURS_BEFORE, Channel.SMS, 120, Only.FIRST_OR_UNCONFIRMED),
)
BOTH = frozenset(Channel)


def a_visit(starts_at: datetime | None = None, **changed: object) -> VisitFacts:
    given_: dict[str, object] = {
        "starts_at": starts_at or local(14) + timedelta(days=7),
        "told_at": NOW,
        "time_zone": "America/Phoenix",
        "is_first": True,
        "is_confirmed": False,
        "was_moved": False,
        "in_list": False,
        "channels": BOTH,
        **changed,
    }
    return VisitFacts(**given_)  # type: ignore[arg-type]


def kinds(visit: VisitFacts) -> list[tuple[str, str]]:
    return [(due.kind.value, due.channel.value) for due in due_for(visit, RULES)]


def of(visit: VisitFacts, kind: Kind, channel: Channel = Channel.SMS) -> Due:
    return next(d for d in due_for(visit, RULES) if (d.kind, d.channel) == (kind, channel))


def test_a_visit_in_a_week_is_owed_all_of_them() -> None:
    assert kinds(a_visit()) == [
        ("confirmation", "sms"),
        ("confirmation", "email"),
        ("days_before", "email"),
        ("day_before", "sms"),
        ("hours_before", "sms"),
    ]


def test_without_consent_or_address_a_channel_is_not_used() -> None:
    assert kinds(a_visit(channels=frozenset({Channel.EMAIL}))) == [
        ("confirmation", "email"),
        ("days_before", "email"),
    ]
    assert kinds(a_visit(channels=frozenset())) == []


def test_reminders_come_their_time_before() -> None:
    visit = a_visit()
    assert of(visit, Kind.DAY_BEFORE).send_at == visit.starts_at - timedelta(days=1)
    assert of(visit, Kind.HOURS_BEFORE).send_at == visit.starts_at - timedelta(hours=2)


def test_the_two_hour_text_is_for_first_or_unconfirmed_visits() -> None:
    assert ("hours_before", "sms") in kinds(a_visit(is_confirmed=True))
    assert ("hours_before", "sms") in kinds(a_visit(is_first=False))
    assert ("hours_before", "sms") not in kinds(a_visit(is_first=False, is_confirmed=True))


def test_a_confirmation_goes_at_once_at_any_hour() -> None:
    assert of(a_visit(), Kind.CONFIRMATION) == Due(Kind.CONFIRMATION, Channel.SMS, NOW, True)


def test_a_moved_visit_is_told_its_new_time_instead() -> None:
    assert ("moved", "sms") in kinds(a_visit(was_moved=True))
    assert ("confirmation", "sms") not in kinds(a_visit(was_moved=True))


def test_visits_told_in_a_list_have_no_confirmation_of_their_own() -> None:
    assert ("confirmation", "sms") not in kinds(a_visit(in_list=True))
    assert ("day_before", "sms") in kinds(a_visit(in_list=True))


def test_what_would_fall_in_the_night_goes_the_evening_before() -> None:
    early = a_visit(local(7, 30) + timedelta(days=7))
    assert of(early, Kind.DAY_BEFORE).send_at <= local(21) + timedelta(days=5)


def test_the_two_hour_text_of_an_early_visit_would_repeat_and_is_left_out() -> None:
    assert ("hours_before", "sms") not in kinds(a_visit(local(8, 30) + timedelta(days=7)))


def test_a_reminder_soon_after_the_booking_is_left_out() -> None:
    tomorrow = a_visit(NOW + timedelta(hours=26))
    assert [kind for kind, channel in kinds(tomorrow) if channel == "sms"] == [
        "confirmation",
        "hours_before",
    ]


@given(st.integers(1, 24 * 20 * 4), st.booleans(), st.booleans())
def test_invariant_9_nothing_we_start_ourselves_goes_at_night_or_after_the_start(
    quarters: int, first: bool, confirmed: bool
) -> None:
    visit = a_visit(NOW + timedelta(minutes=15 * quarters), is_first=first, is_confirmed=confirmed)
    for due in due_for(visit, RULES):
        assert due.send_at < visit.starts_at
        if due.channel is Channel.SMS and not due.immediate:
            assert is_decent(due.send_at, visit.time_zone)


@pytest.mark.parametrize(
    "data",
    [
        {"kind": "confirmation", "channel": "sms", "minutes_before": 60},
        {"kind": "day_before", "channel": "sms"},
        {"kind": "day_before", "channel": "pigeon", "minutes_before": 60},
        {"kind": "day_before", "channel": "sms", "minutes_before": 5},
        {"kind": "day_before", "channel": "sms", "minutes_before": 60, "only": "some"},
    ],
)
def test_a_rule_that_cannot_be_right_is_refused(data: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"."):
        ReminderRule.from_data(data)
