"""Reminders by e-mail are stopped by the link in each; answers to what somebody just did go on."""

from datetime import datetime, timedelta

import time_machine
from flask import Flask

from booking.appointments import operations as appointment_operations
from booking.messaging.email_preferences import find_preference, is_unsubscribed
from booking.messaging.rules import Channel, MessageStatus, Reason
from tests.builders import NOW, local
from tests.messaging.builders import ObedientSender
from tests.reminders.prepared import (
    EMAIL,
    NEXT_WEEK,
    Tick,
    a_clinic_that_reminds,
    an_appointment,
    kinds,
    on_record,
)

REMINDED = local(14, day=NEXT_WEEK) - timedelta(days=3)
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


def stop_tokens(sender: ObedientSender) -> dict[str, str]:
    """Return the token in each e-mail that was sent, by subject."""
    emails = [message for _, message in sender.accepted if message.channel is Channel.EMAIL]
    return {message.subject: message.stop_token for message in emails}


def post(app: Flask, path: str, now: datetime, **fields: str) -> int:
    with time_machine.travel(now, tick=False):
        return app.test_client().post(path, data=fields).status_code


def test_one_click_stops_reminders_and_nothing_else(
    app: Flask, tick: Tick, sender: ObedientSender
) -> None:
    a_clinic_that_reminds()
    appointment = an_appointment()
    tick(NOW)
    assert set(stop_tokens(sender).values()) == {""}
    assert kinds(tick(REMINDED)) == [("days_before", "email")]
    token = max(stop_tokens(sender).values())
    assert len(token) == 22
    page = app.test_client().get(f"/e/{token}")
    assert EMAIL in page.text
    assert not is_unsubscribed(EMAIL)  # looking changes nothing
    for _ in range(2):
        assert post(app, f"/e/{token}", REMINDED, **ONE_CLICK) == 200
    assert find_preference(token).stopped_at == REMINDED
    assert "stopped" in app.test_client().get(f"/e/{token}").text
    later = an_appointment(local(14, day=NEXT_WEEK + timedelta(days=7)), REMINDED)
    assert ("confirmation", "email") in kinds(tick(REMINDED + timedelta(minutes=1)))
    tick(REMINDED + timedelta(days=7))
    [skipped] = on_record(topic=f"appointment:{later.id}", kind="days_before")
    assert (skipped.status, skipped.reason) == (MessageStatus.SKIPPED, Reason.UNSUBSCRIBED)
    appointment_operations.cancel(later.id, REMINDED + timedelta(days=8), "online", by_patient=True)
    assert ("cancellation", "email") in kinds(tick(REMINDED + timedelta(days=8)))
    assert appointment.id != later.id


def test_a_page_stops_them_and_sends_them_again(
    app: Flask, tick: Tick, sender: ObedientSender
) -> None:
    a_clinic_that_reminds()
    an_appointment()
    tick(REMINDED)
    token = max(stop_tokens(sender).values())
    assert post(app, f"/e/{token}", REMINDED) == 302
    assert is_unsubscribed(EMAIL)
    assert post(app, f"/e/{token}/resume", REMINDED) == 302
    assert not is_unsubscribed(EMAIL)
    an_appointment(local(14, day=NEXT_WEEK + timedelta(days=7)), REMINDED)
    assert ("days_before", "email") in kinds(tick(REMINDED + timedelta(days=7)))
    assert max(stop_tokens(sender).values()) == token


def test_who_guesses_a_link_stops_nothing(app: Flask) -> None:
    assert [post(app, path, NOW) for path in ("/e/guess", "/e/guess/resume")] == [404, 404]
    assert app.test_client().get("/e/guess").status_code == 404
