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
from booking.locations.models import Location
from booking.messaging.models import Message
from booking.reminders.operations import derive_messages
from tests.builders import NOW, Clinic, a_clinic, a_patient

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


def write(folder: Path, text: str) -> Path:
    path = folder / "bookings.csv"
    path.write_text(text)
    return path


def a_clinic_with_maria() -> Clinic:
    clinic = a_clinic(practitioners=2, rooms=2)
    a_patient(
        clinic, cleared=False, given_name="Maria", family_name="Ruiz", email="maria@example.com"
    )
    return clinic


@pytest.mark.usefixtures("_now")
def test_each_coming_appointment_is_booked_once(app: Flask, tmp_path: Path) -> None:
    clinic = a_clinic()
    a_patient(
        clinic, cleared=False, given_name="Maria", family_name="Ruiz", email="maria@example.com"
    )
    a_patient(clinic, given_name="Ann", family_name="Lee", email="ann@example.com", phone=None)
    path = write(tmp_path, EXPORT)
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


HEADINGS = "Date,Start Time,Client Name,Client Email,Type"
MARIA = "Maria Ruiz,maria@example.com,Consultation"


@pytest.mark.usefixtures("_now")
def test_an_appointment_that_is_cancelled_there_by_any_words_or_column_is_not_booked(
    sqlite_app: Flask, tmp_path: Path
) -> None:
    a_clinic_with_maria()
    headings = "Appointment Status,Canceled,Cancelled at,No Show,Archived at,Client Status"
    gone = (
        *("Clinician Canceled,,,,,", "Late Cancelled,no,,no,,", ",yes,,no,,", ",no,2026-11-01,,,"),
        *("Confirmed,FALSE,,x,,", "Confirmed,,,,2026-11-01,"),
    )
    rows = [f"12/02/2026,9:00 AM,{MARIA},{row}" for row in (*gone, "Moved,,,,,")]
    rows.append(f"12/02/2026,9:00 AM,{MARIA},Not confirmed,no,,no,,Inactive")
    path = write(tmp_path, "\n".join([f"{HEADINGS},{headings}", *rows]))
    written = run(sqlite_app, str(path), "--write")
    for number in range(2, 8):
        assert f"line {number} is refused: cancelled or missed there\n" in written
    assert 'line 8 is refused: the status "Moved" isn\'t known\n' in written
    assert "1 new, 0 here already, 7 refused" in written
    assert "not read: Client Status" in written


@pytest.mark.usefixtures("_now")
def test_a_state_beside_a_city_is_no_status(sqlite_app: Flask, tmp_path: Path) -> None:
    a_clinic_with_maria()
    row = f"12/02/2026,9:00 AM,{MARIA},"
    path = write(tmp_path, f"{HEADINGS},State,City\n{row}AZ,Phoenix")
    assert "1 new" in run(sqlite_app, str(path))
    path = write(tmp_path, f"{HEADINGS},State\n{row}Cancelled")
    assert "cancelled or missed there" in run(sqlite_app, str(path))


@pytest.mark.usefixtures("_now")
def test_no_appointment_is_booked_further_ahead_than_the_desk_could(
    sqlite_app: Flask, tmp_path: Path
) -> None:
    a_clinic_with_maria()
    days = ("12/12/2096", "11/30/2028", "11/29/2028", "9999-12-31")
    path = write(tmp_path, "\n".join([HEADINGS, *(f"{day},9:00 AM,{MARIA}" for day in days)]))
    written = run(sqlite_app, str(path))
    for number in (2, 3, 5):
        assert f"line {number} is refused: after 2028-11-29, the last day" in written
    assert "1 new, 0 here already, 3 refused" in written


@pytest.mark.usefixtures("_now")
def test_dates_of_one_file_are_read_one_way(sqlite_app: Flask, tmp_path: Path) -> None:
    a_clinic_with_maria()
    days = ["13/01/2027", "12/01/2027"]
    rows = [f"{day},9:00 AM,{MARIA}" for day in days]
    path = write(tmp_path, "\n".join([HEADINGS, *rows]))
    assert "read with the day first" in run(sqlite_app, str(path), "--write")
    assert starts() == ["12 16:00", "13 16:00"]
    path = write(tmp_path, "\n".join([HEADINGS, *rows, f"01/14/2027,9:00 AM,{MARIA}"]))
    assert "line 2 have the day first, those of line 4 the" in run(
        sqlite_app, str(path), "--write", status=2
    )
    decided = run(sqlite_app, str(path), "--day-first", "--write")
    assert "line 4 is refused: a date doesn't have the day first" in decided
    assert "0 new, 2 here already, 1 refused" in decided
    assert "line 2 is refused: a date doesn't have the month" in run(
        sqlite_app, str(path), "--month-first"
    )


@pytest.mark.usefixtures("_now")
def test_a_calendar_is_a_location_only_where_it_has_the_name_of_one(
    sqlite_app: Flask, tmp_path: Path
) -> None:
    a_clinic_with_maria()
    a_clinic(slug="scottsdale")
    calendars = ("Dr. Lee", "scottsdale")
    rows = [
        f"12/0{day}/2026,9:00 AM,{MARIA},{calendar}" for day, calendar in enumerate(calendars, 2)
    ]
    path = write(tmp_path, "\n".join([f"{HEADINGS},Calendar", *rows]))
    assert "line 2 is refused: it names no location\n" in run(sqlite_app, str(path))
    assert "2 new" in run(sqlite_app, str(path), "--location", "ahwatukee", "--write")
    locations = select(Location.slug).join(Appointment).order_by(Appointment.starts_at)
    assert db.session.scalars(locations).all() == ["ahwatukee", "scottsdale"]


@pytest.mark.usefixtures("_now")
@pytest.mark.parametrize(
    ("headings", "row"),
    [
        (
            "Invitee Name,Invitee Email,Event Type Name,Start Date & Time,Location,Canceled",
            "Maria Ruiz,maria@example.com,Consultation,2026-12-02 09:00 AM,ahwatukee,false",
        ),
        (
            "Appointment start,Patient,Patient email,Appointment type,Business,Cancelled at",
            '"2 Dec 2026, 9:00am",Maria Ruiz,maria@example.com,Consultation,Ahwatukee Clinic,',
        ),
        (
            "Date of Service,Start Time,Client,Client Name,Client Email,Type,Status",
            '12/02/2026,9 AM,#12,"Ruiz, Maria",maria@example.com,Consultation,Show',
        ),
        (
            "Date,Customer,First Name,Last Name,Email,Service,Notes",
            "2026-12-02 09:00,Maria Ruiz,,,maria@example.com,Consultation,two\u2028lines\x0cor\x85more",
        ),
    ],
    ids=("Calendly", "Cliniko", "SimplePractice", "of one column"),
)
def test_the_headings_of_many_systems_are_known(
    sqlite_app: Flask, tmp_path: Path, headings: str, row: str
) -> None:
    a_clinic_with_maria()
    path = write(tmp_path, f"{headings}\n{row}\n")
    assert "1 new, 0 here already, 0 refused" in run(sqlite_app, str(path), "--write")
    assert starts() == ["02 16:00"]
