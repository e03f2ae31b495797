"""Which messages an appointment is owed, and when."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.messaging.rules import Channel, within_sending_hours
from booking.reminders.rules import (
    AppointmentFacts,
    Audience,
    DueReminder,
    MessageKind,
    ReminderRule,
    compute_reminders,
)
from tests.builders import NOW, local

RULES = (
    ReminderRule(MessageKind.CONFIRMATION, Channel.SMS),
    ReminderRule(MessageKind.CONFIRMATION, Channel.EMAIL),
    ReminderRule(MessageKind.DAYS_BEFORE, Channel.EMAIL, 3 * 24 * 60),
    ReminderRule(MessageKind.DAY_BEFORE, Channel.SMS, 24 * 60),
    ReminderRule(MessageKind.HOURS_BEFORE, Channel.SMS, 120, Audience.FIRST_OR_UNCONFIRMED),
)
BOTH = frozenset(Channel)


def an_appointment(starts_at: datetime | None = None, **changed: object) -> AppointmentFacts:
    given_: dict[str, object] = {
        "starts_at": starts_at or local(14) + timedelta(days=7),
        "informed_at": NOW,
        "time_zone": "America/Phoenix",
        "is_first": True,
        "is_confirmed": False,
        "was_moved": False,
        "in_list": False,
        "channels": BOTH,
        **changed,
    }
    return AppointmentFacts(**given_)  # type: ignore[arg-type]


def kinds(appointment: AppointmentFacts) -> list[tuple[str, str]]:
    return [(due.kind.value, due.channel.value) for due in compute_reminders(appointment, RULES)]


def of(
    appointment: AppointmentFacts, kind: MessageKind, channel: Channel = Channel.SMS
) -> DueReminder:
    return next(
        d for d in compute_reminders(appointment, RULES) if (d.kind, d.channel) == (kind, channel)
    )


def test_an_appointment_in_a_week_is_owed_all_of_them() -> None:
    assert kinds(an_appointment()) == [
        ("confirmation", "sms"),
        ("confirmation", "email"),
        ("days_before", "email"),
        ("day_before", "sms"),
        ("hours_before", "sms"),
    ]


def test_without_consent_or_address_a_channel_is_not_used() -> None:
    assert kinds(an_appointment(channels=frozenset({Channel.EMAIL}))) == [
        ("confirmation", "email"),
        ("days_before", "email"),
    ]
    assert kinds(an_appointment(channels=frozenset())) == []


def test_reminders_come_their_time_before() -> None:
    appointment = an_appointment()
    assert of(appointment, MessageKind.DAY_BEFORE).send_at == appointment.starts_at - timedelta(
        days=1
    )
    assert of(appointment, MessageKind.HOURS_BEFORE).send_at == appointment.starts_at - timedelta(
        hours=2
    )


def test_what_asks_whether_somebody_is_ready_goes_that_evening_however_late_it_was_booked() -> None:
    starts_at, evening = local(14) + timedelta(days=7), local(18) + timedelta(days=6)
    for informed_at in (NOW, evening - timedelta(minutes=1)):
        infusion = an_appointment(starts_at, readiness_asked_at=evening, informed_at=informed_at)
        assert of(infusion, MessageKind.DAY_BEFORE).send_at == evening
    too_late = an_appointment(
        starts_at, readiness_asked_at=evening, informed_at=evening + timedelta(minutes=1)
    )
    assert ("day_before", "sms") not in kinds(too_late)


def test_who_gets_no_texts_is_asked_by_email_whether_they_are_ready() -> None:
    evening, email = local(18) + timedelta(days=6), frozenset({Channel.EMAIL})
    infusion = an_appointment(readiness_asked_at=evening, channels=email)
    assert of(infusion, MessageKind.DAY_BEFORE, Channel.EMAIL).send_at == evening
    assert ("day_before", "email") not in kinds(an_appointment(channels=email))


def test_the_two_hour_text_is_for_first_or_unconfirmed_appointments() -> None:
    assert ("hours_before", "sms") in kinds(an_appointment(is_confirmed=True))
    assert ("hours_before", "sms") in kinds(an_appointment(is_first=False))
    assert ("hours_before", "sms") not in kinds(an_appointment(is_first=False, is_confirmed=True))


def test_a_confirmation_goes_at_once_at_any_hour() -> None:
    assert of(an_appointment(), MessageKind.CONFIRMATION) == DueReminder(
        MessageKind.CONFIRMATION, Channel.SMS, NOW, True
    )


def test_a_moved_appointment_is_told_its_new_time_instead() -> None:
    assert ("moved", "sms") in kinds(an_appointment(was_moved=True))
    assert ("confirmation", "sms") not in kinds(an_appointment(was_moved=True))


def test_appointments_told_in_a_list_have_no_confirmation_of_their_own() -> None:
    assert ("confirmation", "sms") not in kinds(an_appointment(in_list=True))
    assert ("day_before", "sms") in kinds(an_appointment(in_list=True))


def test_what_would_fall_in_the_night_goes_the_evening_before() -> None:
    early = an_appointment(local(7, 30) + timedelta(days=7))
    assert of(early, MessageKind.DAY_BEFORE).send_at <= local(21) + timedelta(days=5)


def test_the_two_hour_text_of_an_early_appointment_would_repeat_and_is_left_out() -> None:
    assert ("hours_before", "sms") not in kinds(an_appointment(local(8, 30) + timedelta(days=7)))


@pytest.mark.parametrize(("minutes", "is_owed"), [(12 * 60, True), (12 * 60 - 1, False)])
def test_a_reminder_within_ten_hours_of_another_is_left_out(minutes: int, is_owed: bool) -> None:
    rules = (
        ReminderRule(MessageKind.DAY_BEFORE, Channel.SMS, minutes),
        ReminderRule(MessageKind.HOURS_BEFORE, Channel.SMS, 120),
    )
    evening = an_appointment(local(20, 30) + timedelta(days=7))
    owed = [reminder.kind for reminder in compute_reminders(evening, rules)]
    assert (MessageKind.HOURS_BEFORE in owed) is is_owed


def test_a_reminder_soon_after_the_booking_is_left_out() -> None:
    tomorrow = an_appointment(NOW + timedelta(hours=26))
    assert [kind for kind, channel in kinds(tomorrow) if channel == "sms"] == [
        "confirmation",
        "hours_before",
    ]


@given(st.integers(1, 24 * 20 * 4), st.booleans(), st.booleans())
def test_invariant_9_nothing_we_start_ourselves_goes_at_night_or_after_the_start(
    quarters: int, first: bool, confirmed: bool
) -> None:
    appointment = an_appointment(
        NOW + timedelta(minutes=15 * quarters), is_first=first, is_confirmed=confirmed
    )
    for due in compute_reminders(appointment, RULES):
        assert due.send_at < appointment.starts_at
        if due.channel is Channel.SMS and not due.immediate:
            assert within_sending_hours(due.send_at, appointment.time_zone)


@pytest.mark.parametrize(
    "data",
    [
        {"kind": "confirmation", "channel": "sms", "minutes_before": 60},
        {"kind": "moved", "channel": "sms"},
        {"kind": "cancellation", "channel": "sms"},
        {"kind": "day_before", "channel": "sms"},
        {"kind": "day_before", "channel": "pigeon", "minutes_before": 60},
        {"kind": "day_before", "channel": "sms", "minutes_before": 5},
        {"kind": "day_before", "channel": "sms", "minutes_before": 60, "only": "some"},
    ],
)
def test_a_rule_that_cannot_be_right_is_refused(data: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"."):
        ReminderRule.from_dict(data)
