"""Coming appointments come along: each booked as the desk would, once, or refused by line; nobody is told."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from booking import clock
from booking.appointments.models import Appointment
from booking.calendars.models import Claim
from booking.extensions import db
from booking.messaging.models import Message
from booking.reminders.operations import derive_messages
from tests.builders import NOW, a_clinic, a_patient

EXPORT = """Date,Start Time,Attendee Name,Attendee Email,Event Type,Location,Status
12/02/2026,9:00 AM,Maria Ruiz,maria@example.com,Consultation,ahwatukee,Confirmed
2026-12-03,10:00,"Ruiz, Maria",maria@example.com,consultation,,
2026-12-03,10:00,Ann Lee,ann@example.com,consultation,,
2026-12-04,10:00,Maria Ruiz,maria@example.com,infusion,,
2026-12-04,10:00,Maria Ruiz,maria@example.com,Haircut,,
2026-12-04,10:00,Maria Ruiz,maria@example.com,consultation,Moon,
2026-12-04,,Maria Ruiz,maria@example.com,consultation,,
2026-12-04,22:00,Maria Ruiz,maria@example.com,consultation,,
2020-12-04,10:00,Maria Ruiz,maria@example.com,consultation,,
2026-12-04,10:00,Maria Ruiz,other@example.com,consultation,,
2026-12-04,10:00,Maria Ruiz,maria@example.com,consultation,,Canceled
"""
REFUSED = {
    5: "an infusion needs a practitioner's finding first",
    6: "no service here is called that",
    7: "no location here is called that",
    8: "no day and time that can be read",
    9: "the time isn't free or not open here",
    10: "it is over",
    11: "no such patient on file",
    12: "cancelled or missed there",
}


@pytest.fixture
def _now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def run(app: Flask, *arguments: str, status: int = 0) -> str:
    result = app.test_cli_runner().invoke(args=["import", "appointments", *arguments])
    assert result.exit_code == status, result.output
    return result.output


def starts() -> list[str]:
    db.session.rollback()
    rows = db.session.scalars(select(Appointment.starts_at).order_by(Appointment.starts_at))
    return [f"{starts_at:%d %H:%M}" for starts_at in rows]


@pytest.mark.usefixtures("_now")
def test_each_coming_appointment_is_booked_once(app: Flask, tmp_path: Path) -> None:
    clinic = a_clinic()
    a_patient(
        clinic, cleared=False, given_name="Maria", family_name="Ruiz", email="maria@example.com"
    )
    a_patient(clinic, given_name="Ann", family_name="Lee", email="ann@example.com", phone=None)
    path = tmp_path / "bookings.csv"
    path.write_text(EXPORT)
    assert "3 new" in run(app, str(path))
    assert starts() == []
    written = run(app, str(path), "--write")
    assert "line 4 is refused: the time isn't free" in written  # one room, taken by line 3
    for number, reason in REFUSED.items():
        assert f"line {number} is refused: {reason}\n" in written
    assert "2 new, 0 here already, 9 refused" in written
    assert starts() == ["02 16:00", "03 17:00"]
    assert db.session.scalars(select(Claim.id)).all()
    assert "0 new, 2 here already, 9 refused" in run(app, str(path), "--write")
    assert starts() == ["02 16:00", "03 17:00"]
    derive_messages(clock.now())
    assert not [kind for kind in db.session.scalars(select(Message.kind)) if kind == "booked"]
    path.write_text("First Name,Last Name,Email\n")
    assert "no column" in run(app, str(path), status=2)
