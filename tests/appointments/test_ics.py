"""Calendar files name the very instant, on the days clocks change too."""

import io
import re
from datetime import UTC, date, datetime, time, timedelta

import pytest
from dateutil.tz import tzical
from flask import Flask
from ical.calendar_stream import IcsCalendarStream
from icalendar import Calendar

from booking.appointments.ics import Method, render_calendar
from booking.appointments.models import Appointment
from booking.appointments.patient_booking import book_for_patient
from booking.appointments.rules import Origin, Status
from booking.calendars import availability
from booking.locations.rules import END_OF_DAY
from tests.builders import a_clinic, a_patient

NOW = datetime(2026, 10, 1, 15, tzinfo=UTC)
FIRST, SECOND = (datetime(2026, 11, 1, hour, 30, tzinfo=UTC) for hour in (7, 8))  # 1:30 AM, twice


@pytest.fixture
def appointments(app: Flask) -> dict[datetime, Appointment]:
    """Appointments in Denver at all times of the night in which the clocks go back, by their starts."""
    a_clinic(zone="America/Denver", opens=time(0), closes=END_OF_DAY)
    catalogue = availability.current_catalogue()
    location, service = catalogue.locations["ahwatukee"], catalogue.services["follow-up"]
    found = availability.list_starts_by_day(
        [(location, service.demand)], date(2026, 11, 1), date(2026, 11, 1), NOW
    )
    free = found[0][1].free.day
    made = {}
    for starts_at in (free.starts_at, FIRST, SECOND, datetime(2026, 11, 2, 6, 30, tzinfo=UTC)):
        appointment = book_for_patient(
            a_patient(),
            location,
            service,
            service.demand,
            starts_at,
            NOW,
            origin=Origin.DESK,
            actor="test",
        )
        made[starts_at] = appointment
    return made


def test_a_file_says_the_instant_of_each_appointment(
    appointments: dict[datetime, Appointment],
) -> None:
    for starts_at, appointment in appointments.items():
        event = Calendar.from_ical(render_calendar([appointment], Method.PUBLISH, NOW)).walk(
            "VEVENT"
        )[0]
        assert event.decoded("dtstart").astimezone(UTC) == starts_at
        assert event.decoded("dtend").astimezone(UTC) == appointment.ends_at


def test_only_what_the_clocks_show_for_the_second_time_is_written_in_utc(
    appointments: dict[datetime, Appointment],
) -> None:
    written = {
        at: render_calendar([appointment], Method.PUBLISH, NOW)
        for at, appointment in appointments.items()
    }
    assert "DTSTART:20261101T083000Z" in written[SECOND]
    assert "DTSTART;TZID=America/Denver:20261101T013000" in written[FIRST]
    in_utc = [at for at, text in written.items() if re.search(r"DTSTART:\d+T\d+Z", text)]
    assert in_utc == [SECOND]


NIGHTS = {
    "America/Denver": datetime(2026, 11, 1, 8, tzinfo=UTC),
    "Australia/Lord_Howe": datetime(2027, 4, 3, 15, tzinfo=UTC),  # by half an hour
    "America/Vancouver": datetime(2026, 3, 8, 10, tzinfo=UTC),  # the last change: -07:00 for good
    "Africa/Cairo": datetime(2026, 10, 29, 21, tzinfo=UTC),  # at midnight
    "Africa/Casablanca": datetime(2027, 2, 7, 2, tzinfo=UTC),  # summer time is the standard
}


def by_the_files_own_rules(file: str) -> datetime:
    """Return when the appointment starts for a calendar that knows no zone's name, but reads VTIMEZONE."""
    flat = file.replace("\r\n ", "").replace("\r\n", "\n")
    zones = tzical(io.StringIO(flat))
    zone, local, utc = re.findall(r"\nDTSTART(?:;TZID=(.+))?:(\d+T\d+)(Z?)", flat)[-1]
    at = datetime.fromisoformat(local)
    return at.replace(tzinfo=UTC if utc else zones.get(zone)).astimezone(UTC)


@pytest.mark.parametrize("zone", NIGHTS)
@pytest.mark.usefixtures("app")
def test_three_readers_agree_on_each_quarter_hour_around_a_clock_change(zone: str) -> None:
    location = a_clinic(zone=zone).location
    for quarter in range(-16, 17):
        starts_at = NIGHTS[zone] + quarter * timedelta(minutes=15)
        appointment = Appointment(
            location_id=location.id, uid="visit", sequence=0, status=Status.BOOKED,
            starts_at=starts_at, ends_at=starts_at + timedelta(minutes=60), created_at=NOW,
        )  # fmt: skip
        file = render_calendar([appointment], Method.REQUEST, NOW, attendee="person@example.com")
        first = Calendar.from_ical(file).walk("VEVENT")[0].decoded("dtstart").astimezone(UTC)
        [second] = IcsCalendarStream.calendar_from_ics(file).events
        assert first == second.dtstart.astimezone(UTC) == by_the_files_own_rules(file) == starts_at
        assert all(len(line.encode()) <= 75 for line in file.split("\r\n"))


def test_an_appointment_ends_with_the_day(appointments: dict[datetime, Appointment]) -> None:
    last = max(appointments.values(), key=lambda appointment: appointment.starts_at)
    assert (last.local_date, last.status) == (date(2026, 11, 1), Status.BOOKED)
