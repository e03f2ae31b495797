"""Whatever the delay, what is read is true when it comes: "tomorrow", "today", the place, the list."""

from datetime import time, timedelta

import pytest

from booking.appointments import operations as appointments
from booking.db import transaction
from booking.extensions import db
from booking.messaging.models import Attempt
from booking.messaging.rules import Channel
from booking.reminders.models import ReminderPolicy
from booking.reminders.operations import derive
from booking.reminders.rules import Kind, ReminderRule
from tests.builders import NOW, TOMORROW, a_clinic, local
from tests.reminders.prepared import NEXT_WEEK, Tick, a_clinic_that_reminds, a_visit, kinds
from tests.reminders.test_lists import a_series_told_of_by_both
from tests.series.prescribed import visits

DAY = timedelta(days=1)


def reminded_by_email_too() -> None:
    """Remind by e-mail a day and two hours before, whose subjects say "tomorrow" and "today"."""
    rules = [
        ReminderRule(Kind.DAY_BEFORE, Channel.EMAIL, 24 * 60),
        ReminderRule(Kind.HOURS_BEFORE, Channel.EMAIL, 120),
        ReminderRule(Kind.DAYS_BEFORE, Channel.EMAIL, 3 * 24 * 60),
    ]
    with transaction():
        data = [rule.as_data() for rule in rules]
        db.session.add(ReminderPolicy(version=2, digest="1" * 64, rules=data, created_at=NOW))


@pytest.mark.parametrize(
    ("late", "when"), [(timedelta(0), "tomorrow"), (timedelta(hours=20), "today")]
)
def test_a_reminder_sent_on_the_day_itself_does_not_say_tomorrow(
    tick: Tick, late: timedelta, when: str
) -> None:
    a_clinic_that_reminds()
    reminded_by_email_too()
    visit = a_visit()
    tick(NOW)
    sent = tick(visit.starts_at - DAY + late)
    [mail] = [one for one in sent if one.kind == "day_before"]
    assert mail.subject == f"Ahwatukee Clinic: your visit {when}"
    assert db.session.get_one(Attempt, (mail.id, 1)).subject == mail.subject


def test_a_visit_at_one_in_the_morning_is_tomorrow_the_evening_before(tick: Tick) -> None:
    a_clinic_that_reminds(opens=time(0), closes=time(5))
    reminded_by_email_too()
    visit = a_visit(local(1, day=NEXT_WEEK))
    tick(NOW)
    before = tick(visit.starts_at - DAY)
    assert [one.subject for one in before if one.kind == "day_before"] == [
        "Ahwatukee Clinic: your visit tomorrow"
    ]
    [mail] = tick(visit.starts_at - timedelta(hours=2))
    assert mail.subject == "Ahwatukee Clinic: your visit tomorrow"
    assert "your visit is tomorrow at 1:00 AM MST." in mail.body


def test_see_you_today_is_said_on_the_day_only(tick: Tick) -> None:
    a_clinic_that_reminds()
    visit = a_visit()
    tick(NOW)
    [text] = tick(visit.starts_at - timedelta(hours=2))[-1:]
    assert (text.kind, "see you today at 2:00 PM MST" in text.body) == ("hours_before", True)


def test_a_list_sent_late_leaves_out_what_has_begun(tick: Tick) -> None:
    first, *later = visits(a_series_told_of_by_both())
    derive(NOW)
    sent = [one for one in tick(first.starts_at + timedelta(minutes=1)) if one.topic[0] == "s"]
    assert kinds(sent) == [("confirmation", "email"), ("confirmation", "sms")]
    mail, text = sorted(sent, key=lambda one: one.channel)
    listed = [line for line in mail.body.splitlines() if line.startswith("- ")]
    assert len(listed) == len(later)
    assert f"{len(later)} visits are booked" in text.body
    file = (mail.attachment or "").replace("\r\n ", "")
    assert [visit.uid in file for visit in (first, later[0])] == [False, True]


def test_a_move_to_the_other_place_says_new_place_once(tick: Tick) -> None:
    a_clinic_that_reminds()
    other = a_clinic(slug="scottsdale", weekdays=range(5))
    visit = a_visit()
    tick(NOW)
    appointments.move(visit.id, local(9, day=NEXT_WEEK), NOW, "staff:1", location="scottsdale")
    told = tick(NOW + timedelta(minutes=1))
    assert kinds(told) == [("moved", "email"), ("moved", "sms")]
    assert all("NEW PLACE" in one.body and other.location.address in one.body for one in told)
    assert all(one.body.count("Scottsdale Clinic") for one in told)
    appointments.move(visit.id, local(10, day=NEXT_WEEK), NOW + timedelta(minutes=2), "staff:1")
    again = tick(NOW + timedelta(minutes=3))
    assert kinds(again) == [("moved", "email"), ("moved", "sms")]
    assert all("NEW PLACE" not in one.body for one in again)


def test_a_place_that_was_never_told_is_new_at_the_next_move_too(tick: Tick) -> None:
    a_clinic_that_reminds()
    a_clinic(slug="scottsdale", weekdays=range(5))
    visit = a_visit()
    tick(NOW)
    appointments.move(visit.id, local(9, day=NEXT_WEEK), NOW, "staff:1", location="scottsdale")
    appointments.move(visit.id, local(10, day=NEXT_WEEK), NOW, "staff:1")
    told = tick(NOW + timedelta(minutes=1))
    assert [("NEW PLACE" in one.body, "10:00 AM" in one.body) for one in told] == [(True, True)] * 2


def test_a_visit_of_a_series_moved_to_the_other_place_says_so(tick: Tick) -> None:
    first, second, *_ = visits(a_series_told_of_by_both())
    a_clinic(slug="scottsdale", weekdays=range(5))
    tick(NOW)
    day = second.starts_at.astimezone(local(9).tzinfo).date()
    appointments.move(second.id, local(9, day=day), NOW, "staff:1", location="scottsdale")
    assert first.starts_at < second.starts_at
    told = tick(NOW + timedelta(minutes=1))
    assert {one.kind for one in told} == {"moved"}
    assert all("NEW PLACE" in one.body for one in told)
    assert day > TOMORROW
