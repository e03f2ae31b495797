"""A provider that asks to be left alone is, for as long as it says and an hour at most."""

from datetime import timedelta
from email.utils import format_datetime

import pytest
import time_machine
from sqlalchemy import select

from booking.demo.loopback import Loopback
from booking.extensions import db
from booking.messaging.models import Message
from booking.messaging.operations import enqueue
from booking.messaging.provider_rules import MAX_RETRY_AFTER, parse_retry_after
from booking.messaging.rules import MessageStatus
from booking.messaging.senders import DeliveryUnknown, SendFailed
from tests.demo.loopback_builders import control, outgoing, sender_to
from tests.messaging.builders import NOON, ObedientSender, owed, raising, tick
from tests.messaging.test_twilio_http import serving

TWO_MINUTES = timedelta(minutes=2)


@pytest.mark.parametrize(
    ("said", "wait"),
    [
        ("120", TWO_MINUTES),
        (" 0 ", timedelta(0)),
        ("Tue, 01 Dec 2026 19:02:00 GMT", TWO_MINUTES),
        (format_datetime(NOON + TWO_MINUTES), TWO_MINUTES),
        ("Tue, 01 Dec 2026 18:00:00 GMT", timedelta(0)),  # it is past
        ("99999999999999999999", MAX_RETRY_AFTER),
        ("Wed, 01 Dec 2100 19:00:00 GMT", MAX_RETRY_AFTER),
        *((nothing, None) for nothing in (None, "", "soon", "-5", "1.5", "٣")),
    ],
)
def test_it_says_so_in_seconds_or_as_a_date(said: str | None, wait: timedelta | None) -> None:
    assert parse_retry_after(said, NOON) == wait


def test_twilios_answer_says_how_long() -> None:
    with Loopback() as loopback:
        control(loopback.url, "faults", trouble="429", seconds=120)
        with pytest.raises(SendFailed) as busy:
            sender_to(loopback.url).send(outgoing())
    assert (busy.value.permanent, busy.value.retry_after) == (False, TWO_MINUTES)
    date = b"Tue, 01 Dec 2026 19:02:00 GMT"
    answer = b"HTTP/1.1 503 Busy\r\nRetry-After: " + date + b"\r\nContent-Length: 2\r\n\r\n{}"
    with (
        time_machine.travel(NOON, tick=False),
        serving(answer) as (url, _),
        pytest.raises(DeliveryUnknown) as unknown,
    ):
        sender_to(url.removesuffix("/texts.json")).send(outgoing())
    assert unknown.value.retry_after == TWO_MINUTES


@pytest.mark.usefixtures("app")
def test_nothing_more_goes_until_then_and_then_all_of_it(sender: ObedientSender) -> None:
    for number in range(10):
        enqueue(owed(topic=f"appointment:{number}", person=f"patient:{number}"), NOON)
    asked: list[int] = []
    refuse = raising(SendFailed(False, "20429", TWO_MINUTES))

    def count(message: object) -> None:
        asked.append(1)
        refuse(message)  # type: ignore[arg-type]  # whatever it is

    sender.before = count
    with time_machine.travel(NOON, tick=False):
        tick(sender, NOON)
    assert 1 <= len(asked) <= 4  # threads that were sending at once
    db.session.rollback()
    rows = list(db.session.scalars(select(Message)))
    assert {row.status for row in rows} == {MessageStatus.PLANNED}
    assert {row.send_at for row in rows} == {NOON + TWO_MINUTES}
    sender.before = lambda message: None
    assert tick(sender, NOON + TWO_MINUTES - timedelta(seconds=1)) == 0
    assert tick(sender, NOON + TWO_MINUTES) == 10
    assert len(sender.accepted) == 10
