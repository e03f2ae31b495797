"""What is wrong with a set-up is named, with what to do; what can't be asked is a fault, never a trace."""

import os
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask import Flask

from booking import clock
from booking.demo.loopback import DEMO_ACCOUNT, Loopback
from booking.doctor.database import check_database
from booking.doctor.examination import Check
from booking.doctor.findings import Severity
from booking.doctor.installation import check_backups, check_clinic, check_unwise_settings
from booking.doctor.operation import check_scheduler, check_schema
from booking.doctor.providers import check_mail, check_texts
from booking.doctor.public_address import check_public_address
from booking.messaging.operations import enqueue
from booking.reminders.operations import record_heartbeat
from tests.builders import NOW, a_clinic
from tests.messaging.builders import owed
from tests.server import Server
from tests.staff.managers import a_manager

PUBLIC_URL = "https://visits.example.com"
INBOUND = f"{PUBLIC_URL}/hooks/twilio/inbound#rc=5&rp=all"
NOBODY = "http://127.0.0.1:9"


def examine(check: Check, settings: Mapping[str, Any]) -> list[tuple[Severity, str]]:
    """Return how bad each finding is, and what it says; each that is not fine has advice."""
    findings = list(check(settings, clock.now()))
    assert all(bool(item.advice) is (item.severity is not Severity.OK) for item in findings)
    return [(item.severity, item.text) for item in findings]


def settings_like(app: Flask, **changes: Any) -> dict[str, Any]:
    return {**app.config, **changes}


@pytest.fixture
def twilio() -> Iterator[Loopback]:
    with Loopback(webhook=INBOUND) as loopback:
        yield loopback


def twilio_settings(loopback: Loopback, **changes: str) -> dict[str, Any]:
    return {
        "TWILIO_ACCOUNT_SID": DEMO_ACCOUNT.sid,
        "TWILIO_AUTH_TOKEN": DEMO_ACCOUNT.auth_token,
        "TWILIO_FROM": DEMO_ACCOUNT.numbers[0],
        "TWILIO_BASE_URL": loopback.url,
        "PUBLIC_URL": PUBLIC_URL,
        **changes,
    }


def test_a_set_up_as_the_guide_has_it_is_fine(twilio: Loopback) -> None:
    [(severity, _)] = examine(check_texts, twilio_settings(twilio))
    assert severity is Severity.OK


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"TWILIO_AUTH_TOKEN": "another"}, "Authenticate"),
        ({"TWILIO_FROM": "+16025550199"}, "no number of the account"),
        ({"PUBLIC_URL": "https://other.example.com"}, "does not reach us"),
        ({"TWILIO_BASE_URL": NOBODY}, "ConnectionRefusedError"),
    ],
)
def test_what_is_wrong_at_twilio_is_a_fault(
    twilio: Loopback, changes: dict[str, str], says: str
) -> None:
    [(severity, text)] = examine(check_texts, twilio_settings(twilio, **changes))
    assert severity is Severity.FAULT
    assert says in text


def test_where_twilio_gives_no_answer_the_way_there_is_to_be_looked_at(twilio: Loopback) -> None:
    [finding] = check_texts(twilio_settings(twilio, TWILIO_BASE_URL=NOBODY), NOW)
    assert NOBODY in finding.advice


def test_a_messaging_services_numbers_and_address_are_looked_at(twilio: Loopback) -> None:
    settings = twilio_settings(twilio, TWILIO_FROM=DEMO_ACCOUNT.service)
    [(severity, _)] = examine(check_texts, settings)
    assert severity is Severity.OK
    [(severity, text)] = examine(check_texts, settings | {"TWILIO_FROM": "MG" + "0" * 32})
    assert (severity, text) == (
        Severity.FAULT, "BOOKING_TWILIO_FROM is no messaging service of the account"
    )  # fmt: skip
    elsewhere = settings | {"PUBLIC_URL": "https://other.example.com"}
    [(severity, text)] = examine(check_texts, elsewhere)
    assert severity is Severity.FAULT
    assert "the messaging service" in text


def test_a_clock_that_is_not_twilios_is_a_fault(
    twilio: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    ahead = clock.now() + timedelta(seconds=30)
    monkeypatch.setattr(clock, "now", lambda: ahead)
    assert examine(check_texts, twilio_settings(twilio)) == [
        (Severity.FAULT, "this host has another time than Twilio")
    ]


def test_a_mail_server_that_is_not_there_is_a_fault() -> None:
    settings = {"SMTP_URL": "smtp://127.0.0.1:9", "MAIL_FROM": "a@example.com"}
    [(severity, text)] = examine(check_mail, settings)
    assert (severity, text) == (Severity.FAULT, "no sign-in: ConnectionRefusedError")


def test_a_database_that_may_forget_is_a_fault(app: Flask) -> None:
    """The tests' own PostgreSQL is one."""
    findings = examine(check_database, app.config)
    if "postgresql" in str(app.config["DATABASE_URL"]):
        assert (Severity.FAULT, "fsync is off: a power cut loses bookings") in findings
    else:
        assert (
            findings[0] == (Severity.OK, "sqlite, safe to book in")
            or "MB are left" in findings[0][1]
        )


def test_what_runs_is_looked_at(app: Flask) -> None:
    assert [severity for severity, _ in examine(check_schema, app.config)] == [Severity.OK]
    with time_machine.travel(NOW, tick=False) as traveller:
        assert examine(check_scheduler, app.config) == [(Severity.FAULT, "none ever ran")]
        record_heartbeat("one", NOW)
        enqueue(owed(send_at=NOW + timedelta(minutes=1), immediate=True), NOW)
        assert examine(check_scheduler, app.config) == [
            (Severity.OK, "works; 1 messages are planned")
        ]
        traveller.shift(7 * 60)
        assert examine(check_scheduler, app.config)[0][1] == "none since 2026-11-30 15:00 UTC"
        record_heartbeat("one", clock.now())
        assert examine(check_scheduler, app.config) == [(Severity.FAULT, "1 messages are late")]


def test_a_clinic_needs_a_location_and_a_manager(sqlite_app: Flask) -> None:
    assert examine(check_clinic, {}) == [(Severity.FAULT, "there is no location")]
    a_clinic()
    assert examine(check_clinic, {}) == [(Severity.WARNING, "nobody is a manager")]
    a_manager()
    assert examine(check_clinic, {}) == [(Severity.OK, "1 location, and a manager")]


def test_settings_that_start_and_are_wrong_for_a_clinic_are_named(sqlite_app: Flask) -> None:
    right = {
        "AUDIT_KEY": "a", "FACTOR_KEY": "f", "PUBLIC_URL": PUBLIC_URL, "TRUSTED_PROXIES": 1,
        "LIMITS_STORAGE_URL": "database://", "METRICS_TOKEN": "m",
    }  # fmt: skip
    settings = settings_like(sqlite_app, **right)
    assert [severity for severity, _ in examine(check_unwise_settings, settings)] == [Severity.OK]
    wrong = {
        "AUDIT_KEY": "", "FACTOR_KEY": "", "PUBLIC_URL": "http://127.0.0.1:8000",
        "TRUSTED_PROXIES": 0, "LIMITS_STORAGE_URL": "memory://", "METRICS_TOKEN": "", "DEMO": True,
        "MAIL_FROM": "Drip Lounge <visits@example.com>",
    }  # fmt: skip
    for name, value in wrong.items():
        severities = {
            severity for severity, _ in examine(check_unwise_settings, {**settings, name: value})
        }
        assert severities - {Severity.OK} == severities != set(), name
    telling = settings | {"PUBLIC_URL": "https://scottsdale-ketamine.example.com"}
    assert [severity for severity, _ in examine(check_unwise_settings, telling)] == [
        Severity.WARNING
    ]


def test_the_newest_backup_is_a_day_old_at_most(tmp_path: Path) -> None:
    def say() -> Severity:
        [(severity, _)] = examine(
            check_backups, {"BACKUP_FOLDER": str(tmp_path), "BACKUP_KEY": "set"}
        )
        return severity

    gone = {"BACKUP_FOLDER": str(tmp_path / "gone"), "BACKUP_KEY": "set"}
    assert examine(check_backups, {"BACKUP_FOLDER": ""})[0][0] is Severity.WARNING
    assert examine(check_backups, gone)[0][0] is Severity.FAULT
    assert say() is Severity.FAULT
    backup = tmp_path / "booking-20261127T020000Z.age"
    backup.touch()
    assert say() is Severity.FAULT
    (tmp_path / f".{backup.name}").write_text("one that is being written")
    (tmp_path / "notes.txt").write_text("no backup")
    assert say() is Severity.FAULT
    backup.write_text("all of it")
    assert say() is Severity.OK
    then = (clock.now() - timedelta(hours=27)).timestamp()
    os.utime(backup, (then, then))
    assert say() is Severity.FAULT


def test_without_a_key_no_backup_can_be_made_and_it_says_how_to_get_one(tmp_path: Path) -> None:
    settings = {"BACKUP_FOLDER": str(tmp_path), "BACKUP_KEY": ""}
    missing, none = check_backups(settings, clock.now())
    assert (missing.severity, none.severity) == (Severity.WARNING, Severity.FAULT)
    assert "BOOKING_BACKUP_KEY" in missing.text
    assert "--new-key" in missing.advice


def test_the_public_address_is_asked_as_patients_ask_it(server: Server) -> None:
    assert examine(check_public_address, {"PUBLIC_URL": server.url})[0][0] is Severity.OK
    [(severity, text)] = examine(check_public_address, {"PUBLIC_URL": NOBODY})
    assert (severity, text) == (Severity.FAULT, f"{NOBODY}: ConnectionRefusedError")


def test_who_else_answers_there_is_not_us(twilio: Loopback) -> None:
    [(severity, text)] = examine(check_public_address, {"PUBLIC_URL": twilio.url})
    assert (severity, text) == (Severity.FAULT, "something else answers there")


def test_the_command_says_all_and_ends_with_1_at_a_fault(app: Flask) -> None:
    app.config["PUBLIC_URL"] = NOBODY
    result = app.test_cli_runner().invoke(args=["doctor"])
    assert result.exit_code == 1
    lines = result.output.splitlines()
    parts = [line.split()[1] for line in lines if line.startswith(("ok", "warning", "fault"))]
    for part in (
        "settings:",
        "database:",
        "schema:",
        "clinic:",
        "scheduler:",
        "texts:",
        "backups:",
    ):
        assert part in parts
    assert "         → start flask scheduler; its log says why it ended" in lines
