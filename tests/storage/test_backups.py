"""A backup is made while all runs, read again, and restored whole or not at all."""

import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select, text

from booking import clock
from booking.audit.models import AuditEntry
from booking.db.engines import parse_database_url
from booking.db.transactions import transaction
from booking.doctor.installation import check_backups
from booking.doctor.operation import check_scheduler
from booking.extensions import db
from booking.messaging.models import Message
from booking.messaging.operations import enqueue
from booking.messaging.rules import Channel, MessageStatus
from booking.messaging.senders import DeliveryUnknown, LookupUnsupported, OutgoingMessage
from booking.scheduler import list_jobs, run_job
from booking.storage.backing_up import make_backup
from booking.storage.exclusive import open_alone
from booking.storage.restoring import WrongKind, restore_backup
from booking.storage.sealed_files import UnreadableBackup, generate_key, parse_keys
from booking.storage.settling import NothingToSettle, Settlement, settle_sent
from booking.storage.tables import DatabaseNotEmpty, list_tables, sum_table
from tests.messaging.builders import NOON, PATIENT, ObedientSender, owed, tick
from tests.storage.conftest import close_all

KEYS = parse_keys(generate_key())
WRITERS = 3


def topics() -> set[str]:
    db.session.rollback()
    return set(db.session.scalars(select(Message.topic)))


def restore(app: Flask, path: Path, *, replace: bool = True) -> None:
    """Restore a backup over the app's database."""
    close_all(app)
    restore_backup(path, db.engine.url, KEYS, clock.now(), replace=replace)


def sums(app: Flask) -> dict[str, str]:
    """Return what the tables of the app's database add up to."""
    close_all(app)
    with open_alone(db.engine.url) as connection:
        return {table.name: sum_table(connection, table).digest for table in list_tables()}


def write_until(done: threading.Event, app: Flask, writer: int, acknowledged: set[str]) -> None:
    with app.app_context():
        number = 0
        while not done.is_set():
            number += 1
            topic = f"appointment:{writer}{number:06}"
            enqueue(owed(topic=topic), NOON)
            acknowledged.add(topic)


def test_all_that_was_acknowledged_is_in_a_backup_made_under_load(
    own_app: Flask, tmp_path: Path
) -> None:
    acknowledged, done = set[str](), threading.Event()
    writers = [
        threading.Thread(target=write_until, args=(done, own_app, writer, acknowledged))
        for writer in range(1, WRITERS + 1)
    ]
    for writer in writers:
        writer.start()
    while len(acknowledged) < 50:
        threading.Event().wait(0.01)
    before = set(acknowledged)
    backup = make_backup(db.engine.url, tmp_path, KEYS, clock.now())
    until = set(acknowledged)
    done.set()
    for writer in writers:
        writer.join()
    assert len(acknowledged) > len(until) > len(before)  # they wrote all the while
    restore(own_app, backup.path)
    assert before <= topics() <= acknowledged
    assert len(topics()) == backup.manifest.rows["message"]


def test_what_is_no_backup_of_ours_leaves_all_as_it_was(own_app: Flask, tmp_path: Path) -> None:
    enqueue(owed(), NOON)
    close_all(own_app)
    url = db.engine.url
    path = make_backup(url, tmp_path, KEYS, clock.now()).path
    assert (path.stat().st_mode & 0o077, [*tmp_path.iterdir()]) == (0, [path])
    content, bad = path.read_bytes(), tmp_path / "bad.age"
    middle = len(content) // 2
    changed = bytes((content[middle] ^ 1,))
    before = sums(own_app)
    for nothing in (
        content[:-20], content[:middle], content[:10], b"", b"nothing",
        content[:middle] + changed + content[middle + 1 :], content + b"x",
    ):  # fmt: skip
        bad.write_bytes(nothing)
        with pytest.raises(UnreadableBackup):
            restore_backup(bad, url, KEYS, NOON, replace=True)
    with pytest.raises(UnreadableBackup, match="another key"):
        restore_backup(path, url, parse_keys(generate_key()), NOON, replace=True)
    with pytest.raises(DatabaseNotEmpty):
        restore_backup(path, url, KEYS, NOON, replace=False)
    assert sums(own_app) == before
    other = parse_database_url(
        "sqlite:////tmp/none" if "postgresql" in str(url) else "postgresql:///none"
    )
    with pytest.raises(WrongKind, match="BOOKING_DATABASE_URL"):
        restore_backup(path, other, KEYS, NOON, replace=True)
    with transaction():
        db.session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    newer = make_backup(url, tmp_path, KEYS, clock.now()).path
    close_all(own_app)
    with pytest.raises(WrongKind, match="9999"):
        restore_backup(newer, url, KEYS, NOON, replace=True)


class AskedSender(ObedientSender):
    """A provider that can be unable to answer, and a mail server, which never can."""

    is_silent = False

    def list_accepted(self, message: OutgoingMessage, since: datetime) -> list[str]:
        """Return the ids of what is like `message`."""
        if message.channel is Channel.EMAIL:
            raise LookupUnsupported
        if self.is_silent:
            raise DeliveryUnknown("503")
        assert since == NOON - timedelta(hours=1)
        return super().list_accepted(message, since)


@pytest.fixture
def half_past() -> Iterator[None]:
    """It is half past twelve in Phoenix, thirty minutes after all that is owed was due."""
    with time_machine.travel(NOON + timedelta(minutes=30), tick=False):
        yield


@pytest.mark.usefixtures("half_past")
def test_what_was_sent_since_the_backup_is_not_sent_again(own_app: Flask, tmp_path: Path) -> None:
    sender = AskedSender()
    senders = {Channel.SMS: sender, Channel.EMAIL: sender}
    enqueue(owed(), NOON)
    enqueue(owed(channel=Channel.EMAIL, recipient="person@example.com"), NOON)
    enqueue(owed(recipient="+16025550124", send_at=NOON + timedelta(minutes=20)), NOON)
    enqueue(owed(kind="later", send_at=NOON + timedelta(hours=2)), NOON)
    path = make_backup(db.engine.url, tmp_path, KEYS, NOON - timedelta(hours=1)).path
    tick(sender, NOON)  # and then the disk was lost
    assert len(sender.accepted) == 2
    restore(own_app, path)

    ready = own_app.test_client().get("/readyz")
    assert (ready.status_code, ready.json["settled"]) == (503, False)
    for name, (_seconds, job) in list_jobs(own_app, senders).items():
        run_job(own_app, name, job)
    sender.is_silent = True
    assert settle_sent(clock.now(), senders, "cli") == Settlement(suspected=3, unanswered=2)
    for name, (_seconds, job) in list_jobs(own_app, senders).items():
        run_job(own_app, name, job)
    assert len(sender.accepted) == 2

    sender.is_silent = False
    with time_machine.travel(NOON + timedelta(minutes=32), tick=False):
        assert settle_sent(clock.now(), senders, "cli").unanswered == 0
        assert own_app.test_client().get("/readyz").json["settled"] is True
        with pytest.raises(NothingToSettle):
            settle_sent(clock.now(), senders, "cli")
        tick(sender, clock.now())
    due = select(Message.recipient, Message.status).where(Message.kind != "later")
    statuses = {row.recipient: row.status for row in db.session.execute(due)}
    assert statuses == {
        PATIENT: MessageStatus.SENT,
        "person@example.com": MessageStatus.UNKNOWN,  # nobody can tell, so never again
        "+16025550124": MessageStatus.SENT,
    }
    assert sorted(message.recipient for _, message in sender.accepted) == sorted(statuses)
    assert db.session.scalar(select(AuditEntry.actor).filter_by(action="settle_restore")) == "cli"


@pytest.mark.usefixtures("half_past")
def test_what_nobody_can_be_asked_about_is_settled_by_who_says_so(
    own_app: Flask, tmp_path: Path
) -> None:
    def settle(*more: str) -> str:
        close_all(own_app)
        return own_app.test_cli_runner().invoke(args=["restore", "--settle", *more]).output

    enqueue(owed(channel=Channel.EMAIL, recipient="person@example.com"), NOON)
    path = make_backup(db.engine.url, tmp_path, KEYS, NOON - timedelta(hours=1)).path
    restore(own_app, path)
    own_app.config.update(TWILIO_ACCOUNT_SID="console", SMTP_URL="")  # mail was never set up
    assert "of 1 nobody can be asked" in settle()
    assert "of 1 nobody can be asked" in settle()
    assert "All is settled" in settle("--unasked")
    db.session.rollback()
    assert db.session.scalars(select(Message.status)).all() == [MessageStatus.UNKNOWN]


def test_an_older_backup_is_upgraded_before_it_is_settled(own_app: Flask, tmp_path: Path) -> None:
    restore(own_app, make_backup(db.engine.url, tmp_path, KEYS, clock.now()).path)
    with transaction():
        db.session.execute(text("UPDATE alembic_version SET version_num = '0060'"))
    result = own_app.test_cli_runner().invoke(args=["restore", "--settle"])
    assert (result.exit_code, "flask db upgrade" in result.output) == (1, True), result.output


def test_the_commands_back_up_restore_and_settle(own_app: Flask, tmp_path: Path) -> None:
    def run(*arguments: str, says: str, status: int = 0) -> None:
        close_all(own_app)
        result = own_app.test_cli_runner().invoke(args=arguments, input="y\n")
        assert (result.exit_code, says in result.output) == (status, True), result.output

    run("backup", says="BACKUP_FOLDER is not set", status=1)
    own_app.config["BACKUP_FOLDER"] = str(tmp_path)
    run("backup", says="--new-key", status=1)
    run("backup", "--new-key", says="AGE-SECRET-KEY-1")
    own_app.config["BACKUP_KEY"] = "short"
    run("backup", says="age key", status=1)
    own_app.config["BACKUP_KEY"] = generate_key()
    (tmp_path / "booking-20200101T000000Z.age").write_bytes(b"old")
    run("backup", "--keep", "1", says="20200101T000000Z.age is deleted")
    (path,) = tmp_path.iterdir()
    assert [finding.severity for finding in check_backups(own_app.config, clock.now())] == ["ok"]
    run("restore", says="--settle", status=2)
    run("restore", str(path), says="as of")
    run("restore", str(path), says="has rows; --replace", status=1)  # the mark is one
    run("restore", "--replace", str(path), says="flask restore --settle")
    assert "nothing since a backup" in str(list(check_scheduler(own_app.config, clock.now())))
    settings = dict(own_app.config)
    own_app.config.update(TWILIO_ACCOUNT_SID="", SMTP_URL="")
    run("restore", "--settle", says="nobody can be asked", status=1)
    own_app.config.update(TWILIO_ACCOUNT_SID="AC", TWILIO_BASE_URL="")
    run("restore", "--settle", says="BOOKING_TWILIO_BASE_URL", status=1)
    own_app.config.update(DEMO=True, DEMO_PROVIDER_URL="")
    run("restore", "--settle", says="the demo's provider isn't running", status=1)
    own_app.config.update(settings)
    own_app.config["TWILIO_ACCOUNT_SID"] = "console"
    run("restore", "--settle", says="All is settled")
    run("restore", "--settle", says="Nothing waits")
