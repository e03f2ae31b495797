"""A new law of the clocks changes no local time that was promised: Vancouver, by `tzdata` of 2025 and now.

The law of before is made by the test: Los Angeles still keeps the clocks that Vancouver kept.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import time_machine
from flask import Flask
from flask_migrate import upgrade
from icalendar import Calendar
from sqlalchemy import func, select

from booking import create_app
from booking.appointments import holds
from booking.appointments import operations as appointment_operations
from booking.appointments.ics import Method, render_calendar
from booking.appointments.local_times import preserve_local_times
from booking.appointments.models import Appointment
from booking.appointments.rules import Status
from booking.audit.models import AuditEntry
from booking.calendars import operations as calendars
from booking.calendars.models import CalendarDay, Claim
from booking.calendars.slots import list_slots
from booking.db.transactions import transaction
from booking.extensions import db
from booking.locations.models import Resource
from booking.locations.rules import ResourceKind
from booking.messaging.models import Message
from booking.messaging.rules import Channel
from booking.reminders.operations import derive_messages
from booking.tasks.models import Task, TaskKind
from tests.appointments.laws import forget, the_law_of_before, write_the_law_of_before
from tests.builders import NOW, TOMORROW, Clinic, a_booking, a_clinic, local
from tests.databases import settings_for
from tests.migrations.plain_sql import fill, revisions, run
from tests.reminders.prepared import a_clinic_that_reminds

VANCOUVER = "America/Vancouver"
HOUR = timedelta(hours=1)


def local_time(appointment: Appointment) -> str:
    return appointment.starts_at.astimezone(ZoneInfo(VANCOUVER)).strftime("%Y-%m-%d %H:%M")


@dataclass
class Before:
    """What was booked by the law of before."""

    clinic: Clinic
    appointments: list[int]
    held: str


def at(hour: int, minute: int = 0) -> datetime:
    return local(hour, minute, zone=ZoneInfo(VANCOUVER))


@pytest.fixture
def before(app: Flask, tmp_path: Path) -> Iterator[Before]:
    """Three appointments one after the other in one room, and one that is held."""
    with the_law_of_before(tmp_path):
        clinic = a_clinic_that_reminds(zone=VANCOUVER)
        appointments = [a_booking(at(hour)).id for hour in (10, 11, 12)]
        held = holds.create_hold("consultation", "ahwatukee", at(13), NOW).token
        derive_messages(NOW)
    with time_machine.travel(NOW, tick=False):
        yield Before(clinic, appointments, held)


def appointments_of(before: Before) -> list[Appointment]:
    held = db.session.scalars(select(Appointment.id).filter_by(token=before.held)).one()
    return [db.session.get_one(Appointment, one) for one in (*before.appointments, held)]


def count(table: type, **which: object) -> int:
    return db.session.scalar(select(func.count()).select_from(table).filter_by(**which)) or 0


def test_local_times_stay_and_instants_follow(before: Before) -> None:
    instants = [appointment.starts_at for appointment in appointments_of(before)]
    # What people would be shown
    assert local_time(appointments_of(before)[0]) == "2026-12-01 11:00"
    changes = preserve_local_times(NOW)
    appointments = appointments_of(before)
    assert [local_time(appointment)[-5:] for appointment in appointments] == [
        "10:00",
        "11:00",
        "12:00",
        "13:00",
    ]
    assert [appointment.starts_at for appointment in appointments] == [
        instant - HOUR for instant in instants
    ]
    assert {appointment.local_date for appointment in appointments} == {TOMORROW}
    assert str(changes[0]) == (
        f"{appointments[0].reference} stays at 2026-12-01 10:00 America/Vancouver: "
        "18:00 UTC until now, 17:00 UTC from now on"
    )


def test_claims_move_along_and_the_day_is_counted_up(before: Before) -> None:
    claims = calendars.claims_by_appointment(before.appointments)
    version = count_of_day()
    preserve_local_times(NOW)
    for appointment_id, moved in calendars.claims_by_appointment(before.appointments).items():
        assert [(claim.resource_id, claim.starts_at, claim.ends_at) for claim in moved] == [
            (claim.resource_id, claim.starts_at - HOUR, claim.ends_at - HOUR)
            for claim in claims[appointment_id]
        ]
    assert count_of_day() > version
    free = [slot.starts_at for slot in list_slots("consultation", None, TOMORROW, TOMORROW, NOW)]
    assert at(9) in free
    assert not {at(10), at(11), at(12), at(13)} & set(free)


def count_of_day() -> int:
    return db.session.scalars(select(CalendarDay.version).filter_by(local_date=TOMORROW)).one()


def test_running_it_again_does_nothing(before: Before) -> None:
    assert len(preserve_local_times(NOW)) == 4
    state = [(v.starts_at, v.sequence, v.version) for v in appointments_of(before)]
    entries = count(AuditEntry)
    assert preserve_local_times(NOW) == []
    upgrade()
    db.session.expire_all()
    assert [(v.starts_at, v.sequence, v.version) for v in appointments_of(before)] == state
    assert count(AuditEntry) == entries
    assert count(AuditEntry, action="keep_local_time") == 4


def test_the_upgrade_says_which(
    app: Flask, before: Before, capsys: pytest.CaptureFixture[str]
) -> None:
    upgrade()
    said = capsys.readouterr().out
    assert [appointment.reference in said for appointment in appointments_of(before)] == [True] * 4
    upgrade()
    assert "stays" not in capsys.readouterr().out


def test_calendar_files_are_told_once_and_nobody_is_texted(before: Before) -> None:
    preserve_local_times(NOW)
    appointment = appointments_of(before)[0]
    event = Calendar.from_ical(render_calendar([appointment], Method.PUBLISH, NOW)).walk("VEVENT")[
        0
    ]
    assert (event["SEQUENCE"], event.decoded("DTSTART").astimezone(UTC)) == (1, at(10))
    assert [appointment.sequence for appointment in appointments_of(before)] == [1, 1, 1, 0]
    derive_messages(NOW)
    messages = planned(appointment)
    assert [(message.kind, message.channel) for message in messages if message.immediate] == [
        ("confirmation", Channel.EMAIL)
    ]
    assert "at 10:00 AM" in messages[0].body
    assert "SEQUENCE:1" in (messages[0].attachment or "")
    assert {message.kind for message in messages if not message.immediate} >= {
        "day_before",
        "hours_before",
    } - {message.kind for message in messages if message.immediate}
    derive_messages(NOW + HOUR)
    assert len(planned(appointment)) == len(messages)


def planned(appointment: Appointment) -> list[Message]:
    return list(
        db.session.scalars(
            select(Message)
            .filter_by(topic=f"appointment:{appointment.id}", revision=1)
            .order_by(Message.immediate.desc(), Message.id)
        )
    )


def test_invariant_1_what_collides_stays_where_it_is_and_becomes_a_task(before: Before) -> None:
    """The practitioner has promised the hour before to another place, whose clocks did not change."""
    first = appointments_of(before)[0]
    practitioner = db.session.scalars(
        select(Claim.resource_id)
        .join(Resource)
        .where(Claim.appointment_id == first.id, Resource.kind == ResourceKind.PRACTITIONER)
    ).one()
    elsewhere = a_clinic(slug="elsewhere", zone="America/Phoenix")
    other = a_booking(local(12), location=elsewhere.location.slug)
    with transaction():
        db.session.add(
            Claim(
                resource_id=practitioner, appointment_id=other.id,
                starts_at=first.starts_at - HOUR, ends_at=first.starts_at,
            )
        )  # fmt: skip
    forget()
    changes = {clock_change.reference: clock_change for clock_change in preserve_local_times(NOW)}
    appointments = appointments_of(before)
    assert not changes[appointments[0].reference].is_kept
    assert local_time(appointments[0])[-5:] == "11:00"
    assert count(Task, kind=TaskKind.CALL_BACK, subject_id=first.id) == 1
    assert {appointment.status for appointment in appointments} == {Status.BOOKED, Status.PENDING}
    assert preserve_local_times(NOW) == []
    assert count(AuditEntry, action="lose_local_time") == 1 + sum(
        not clock_change.is_kept for clock_change in list(changes.values())[1:]
    )
    derive_messages(NOW)
    assert [(message.kind, message.channel) for message in planned(appointments[0]) if message.immediate] == [
        ("moved", Channel.SMS), ("moved", Channel.EMAIL)
    ]  # fmt: skip


def test_what_is_over_stays_as_it_was(before: Before) -> None:
    instants = [appointment.starts_at for appointment in appointments_of(before)]
    assert preserve_local_times(NOW + timedelta(days=5)) == []
    assert [appointment.starts_at for appointment in appointments_of(before)] == instants


def test_an_hour_that_no_law_changed_is_left_alone(app: Flask) -> None:
    a_clinic_that_reminds()
    appointment = a_booking(local(10))
    assert preserve_local_times(NOW) == []
    assert (appointment.utc_offset, appointment.sequence) == (-7 * 60, 0)


def test_a_moved_appointment_keeps_the_offset_of_its_new_place(app: Flask) -> None:
    a_clinic_that_reminds()
    a_clinic(slug="elsewhere", zone="America/Denver")
    appointment = a_booking(local(10))
    for place, offset in (("elsewhere", -7 * 60), ("chicago", -6 * 60)):
        if place == "chicago":
            a_clinic(slug=place, zone="America/Chicago")
        moved = appointment_operations.move(
            appointment.id, local(13 if place == "elsewhere" else 14), NOW, "test", location=place
        )
        assert moved.utc_offset == offset


def test_the_first_upgrade_asks_the_systems_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Until then those said which local time an appointment has."""
    write_the_law_of_before(tmp_path)
    monkeypatch.setattr("sysconfig.get_config_var", lambda _name: f"/nowhere:{tmp_path}")
    app = create_app(settings_for(f"sqlite:///{tmp_path / 'old.sqlite3'}"))
    with app.app_context(), time_machine.travel(NOW, tick=False):
        upgrade(revision="0010")
        fill(*revisions()[:10])
        run("UPDATE location SET time_zone = 'America/Vancouver'")
        upgrade()
        (first,) = run("SELECT starts_at, utc_offset FROM appointment WHERE id = 1")
        db.engine.dispose()
    assert first == {"starts_at": "2026-12-01 16:00:00.000000", "utc_offset": -7 * 60}
