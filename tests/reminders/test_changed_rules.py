"""Who is booked already is reminded by the rules as they are changed, and of nothing that is past."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from flask import Flask

from booking.appointments.models import Appointment
from booking.appointments.operations import confirm, move
from booking.db.transactions import transaction
from booking.extensions import db
from booking.messaging.models import Message
from booking.messaging.rules import Channel, MessageStatus
from booking.messaging.senders import SendFailed
from booking.reminders import queries
from booking.reminders.models import ReminderPolicy
from booking.reminders.operations import derive_messages
from booking.reminders.rules import MessageKind, ReminderRule
from booking.series import endings
from tests.builders import NOW, a_booking, a_contact, local
from tests.messaging.builders import ObedientSender, raising
from tests.reminders.prepared import (
    NEXT_WEEK,
    PHONE,
    Tick,
    a_clinic_that_reminds,
    an_appointment,
    kinds,
    on_record,
)
from tests.reminders.test_lists import a_series_told_of_by_both
from tests.reminders.test_rules import RULES

DAY_TEXT = ReminderRule(MessageKind.DAY_BEFORE, Channel.SMS, 24 * 60)
LATER = NOW + timedelta(minutes=10)
START = local(14, day=NEXT_WEEK)


def rules_become(rules: Sequence[ReminderRule], now: datetime = LATER, version: int = 2) -> None:
    with transaction():
        data = [rule.to_dict() for rule in rules]
        db.session.add(ReminderPolicy(version=version, digest="0" * 64, rules=data, created_at=now))


def without(*rules: ReminderRule) -> list[ReminderRule]:
    return [rule for rule in RULES if rule not in rules]


@pytest.fixture
def booked(app: Flask, tick: Tick) -> Appointment:
    """An appointment in a week and a half, told of."""
    a_clinic_that_reminds()
    appointment = an_appointment()
    tick(NOW)
    return appointment


def planned() -> dict[str, datetime]:
    rows: list[Message] = on_record(status=MessageStatus.PLANNED)
    return {f"{row.kind} {row.channel}": row.send_at for row in rows}


def test_a_rule_that_is_switched_off_sends_nothing_more(booked: Appointment, tick: Tick) -> None:
    assert "day_before sms" in planned()
    rules_become(without(DAY_TEXT))
    assert tick(LATER) == []
    assert "day_before sms" not in planned()
    assert ("day_before", "sms") not in kinds(tick(START - timedelta(hours=24)))


def test_a_switch_off_a_moment_before_a_message_is_due_holds_it(
    booked: Appointment, tick: Tick, sender: ObedientSender
) -> None:
    moment = START - timedelta(hours=24)
    tick(moment - timedelta(minutes=1))
    rules_become(without(DAY_TEXT), moment)
    assert tick(moment) == []


def test_another_time_of_a_rule_is_the_time_at_which_it_goes(
    booked: Appointment, tick: Tick
) -> None:
    rules_become([*without(DAY_TEXT), ReminderRule(MessageKind.DAY_BEFORE, Channel.SMS, 26 * 60)])
    tick(LATER)
    assert planned()["day_before sms"] == START - timedelta(hours=26)


def test_where_the_new_time_is_past_the_old_one_stands(booked: Appointment, tick: Tick) -> None:
    changed_at = START - timedelta(hours=30)
    tick(changed_at - timedelta(minutes=1))
    earlier = ReminderRule(MessageKind.DAY_BEFORE, Channel.SMS, 48 * 60)
    rules_become([*without(DAY_TEXT), earlier], changed_at)
    assert tick(changed_at) == []
    assert planned()["day_before sms"] == START - timedelta(hours=24)
    assert kinds(tick(START - timedelta(hours=24))) == [("day_before", "sms")]


def test_a_new_rule_reminds_who_is_booked_already(booked: Appointment, tick: Tick) -> None:
    rules_become([*RULES, ReminderRule(MessageKind.DAY_BEFORE, Channel.EMAIL, 24 * 60)])
    assert tick(LATER) == []
    assert planned()["day_before email"] == START - timedelta(hours=24)


def test_nothing_is_sent_for_a_moment_before_the_rule(booked: Appointment, tick: Tick) -> None:
    added_at = START - timedelta(hours=20)
    tick(added_at - timedelta(minutes=1))
    rules_become([*RULES, ReminderRule(MessageKind.DAY_BEFORE, Channel.EMAIL, 24 * 60)], added_at)
    assert tick(added_at) == []
    assert "day_before email" not in planned()


def test_confirmations_switched_on_go_to_nobody_who_is_booked(app: Flask, tick: Tick) -> None:
    a_clinic_that_reminds()
    rules_become([DAY_TEXT], NOW - timedelta(hours=1))
    appointment = an_appointment()
    assert tick(NOW) == []
    rules_become(RULES, LATER, version=3)
    assert tick(LATER) == []
    confirm(appointment.id, LATER, "patient")
    assert tick(LATER + timedelta(minutes=1)) == []


def test_a_change_of_rules_is_followed_once(booked: Appointment) -> None:
    rules_become(without(DAY_TEXT))
    assert derive_messages(LATER) == 1
    assert derive_messages(LATER) == 0


def test_a_move_is_told_whatever_the_rules(app: Flask, tick: Tick) -> None:
    a_clinic_that_reminds()
    rules_become([DAY_TEXT], NOW - timedelta(hours=1))
    appointment = an_appointment()
    assert tick(NOW) == []
    move(appointment.id, local(15, day=NEXT_WEEK), LATER, "staff:1")
    assert kinds(tick(LATER)) == [("moved", "email"), ("moved", "sms")]


def test_rules_are_followed_a_batch_a_tick_and_what_waits_is_not_sent(
    booked: Appointment, tick: Tick, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = a_contact(family_name="Other", phone="+16025550124", email="other@example.com")
    a_booking(local(15, day=NEXT_WEEK), NOW, contact=other)
    tick(NOW)
    monkeypatch.setattr(queries, "BATCH_SIZE", 1)
    rules_become(without(DAY_TEXT))
    assert derive_messages(LATER) == 1
    assert list(planned_texts(PHONE)) == ["hours_before"]
    assert ("day_before", "sms") not in kinds(tick(START - timedelta(hours=23)))
    assert "day_before" not in planned_texts("+16025550124")


def planned_texts(phone: str) -> list[str]:
    return [row.kind for row in on_record(status=MessageStatus.PLANNED, recipient=phone)]


SMS_CONFIRMATION = RULES[0]
EMAIL_CONFIRMATION = RULES[1]


def test_the_list_of_a_series_goes_by_the_channels_that_confirm(app: Flask, tick: Tick) -> None:
    series = a_series_told_of_by_both()
    rules_become(without(SMS_CONFIRMATION), NOW)
    assert kinds(tick(NOW)) == [("confirmation", "email")]
    endings.stop_series(series.id, NOW, "staff:1", reason="not wanted any more")
    assert kinds(tick(LATER)) == [("cancellation", "email"), ("cancellation", "sms")]


def test_a_series_is_not_told_of_where_nothing_is_confirmed(app: Flask, tick: Tick) -> None:
    a_series_told_of_by_both()
    rules_become(without(SMS_CONFIRMATION, EMAIL_CONFIRMATION), NOW)
    assert tick(NOW) == []
    assert "day_before sms" in planned()


def test_a_list_on_its_way_is_taken_back_where_its_channel_confirms_no_more(
    app: Flask, tick: Tick, sender: ObedientSender
) -> None:
    a_series_told_of_by_both()
    sender.before = raising(SendFailed(permanent=False, code="20429"))
    tick(NOW)
    sender.before = lambda message: None
    rules_become(without(SMS_CONFIRMATION))
    assert kinds(tick(LATER)) == [("confirmation", "email")]
    assert "confirmation sms" not in planned()
