"""Reports on texts that come in any order, again and again, and forged: a message only moves forward.

`REPORTS=10000 make test TESTS=tests/reminders/test_shuffled_reports.py` posts so many.
"""

import os
import random

import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from booking.extensions import db
from booking.messaging import operations as outbox
from booking.messaging.models import Message
from booking.messaging.provider_rules import RANK
from booking.messaging.rules import Channel, MessageStatus
from booking.messaging.sending import send_due
from tests.messaging.builders import NOON, ObedientSender, owed
from tests.reminders.signed import PUBLIC, STATUS, TOKEN, post, report, signature

REPORTS = int(os.environ.get("REPORTS", "160"))
WAYS = {  # what the provider reports of a text, by how it ends
    MessageStatus.DELIVERED: ("queued", "sending", "sent", "delivered"),
    MessageStatus.FAILED: ("queued", "sent", "undelivered"),
    MessageStatus.SENT: ("accepted", "queued", "sent"),
}
FORGERIES = ("unsigned", "another account", "another text", "another form")
TEXTS = max(3, REPORTS // 16)


def forge(client: FlaskClient, path: str, sid: str, way: str) -> int:
    """Report a failure, forged in one way or another; return the answer's status."""
    form = report("failed", sid, "21610")
    if way == "another text":  # signed by the provider, and about a text that isn't this one
        return post(client, path, report("failed", f"{sid}9", "21610")).status_code
    signed = {
        "unsigned": "",
        "another account": signature(path, form, token="another account's"),
        "another form": signature(path, report("delivered", sid)),
    }[way]
    return post(client, path, form, signed).status_code


def test_reports_shuffled_repeated_and_forged_only_move_forward(
    app: Flask, client: FlaskClient
) -> None:
    app.config.update(TWILIO_AUTH_TOKEN=TOKEN, PUBLIC_URL=PUBLIC)
    dice, senders = random.Random(13), {Channel.SMS: ObedientSender()}
    with time_machine.travel(NOON, tick=False):
        for number in range(TEXTS):
            recipient = f"+1602{2000000 + number}"
            outbox.enqueue(
                owed(topic=f"notice:{number}", recipient=recipient, immediate=True), NOON
            )
        while send_due(NOON, "worker", 200, senders, threads=1):
            pass
        rows = db.session.execute(select(Message.id, Message.provider_id)).all()
        sids = {row.id: str(row.provider_id) for row in rows}
        ends = {number: list(WAYS)[number % 3] for number in sids}
        reports = [(number, status) for number in sids for status in WAYS[ends[number]]]
        reports += dice.choices(reports, k=max(0, 3 * REPORTS // 4 - len(reports)))
        reports += [(dice.choice(list(sids)), way) for way in FORGERIES * (REPORTS // 16)]
        dice.shuffle(reports)
        ranks = dict.fromkeys(sids, 0)
        for number, said in reports:
            path = f"{STATUS}?message={number}"
            if said in FORGERIES:
                assert forge(client, path, sids[number], said) in (204, 403)
            else:
                assert post(client, path, report(said, sids[number])).status_code == 204
            db.session.rollback()
            status = db.session.scalar(select(Message.status).filter_by(id=number))
            assert status is not None
            assert RANK[status] >= ranks[number]
            ranks[number] = RANK[status]
    assert {row.id: row.status for row in db.session.scalars(select(Message))} == ends
    assert len(reports) >= REPORTS - len(FORGERIES)
