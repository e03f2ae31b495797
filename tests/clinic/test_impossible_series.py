"""Sessions of a series that a clinic file makes impossible: named, called about, told of by nothing."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from booking import clock
from booking.appointments import operations as appointment_operations
from booking.appointments.models import Appointment
from booking.extensions import db
from booking.messaging.models import Message
from booking.reminders.operations import derive_messages
from booking.series import operations as series_operations
from booking.series.booking_ahead import book_sessions_ahead
from booking.series.models import InfusionSeries, ScheduleTemplate
from booking.series.preferences import Preferences
from booking.series.proposals import propose_plans
from booking.series.queries import list_sessions
from booking.series.rules import Phase
from booking.staff.models import Role
from tests.builders import NOW
from tests.clinic.appointments import called, cleared_patient, closed, command, named_in
from tests.clinic.loads import loaded
from tests.desk.signed_in import sign_in
from tests.messaging.builders import ObedientSender
from tests.reminders.prepared import Tick, ticking
from tests.series.prescribed import RECOMMENDED, SIX, starts
from tests.staff.first import first_staff

HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.fixture
def series(app: Flask) -> InfusionSeries:
    return a_series_at_the_demo_clinic()


@pytest.fixture
def tick() -> Tick:
    return ticking(ObedientSender())


def a_series_at_the_demo_clinic(phases: tuple[Phase, ...] = SIX) -> InfusionSeries:
    loaded()
    template = db.session.scalars(select(ScheduleTemplate).order_by(ScheduleTemplate.id)).first()
    found_by = first_staff(Role.PRACTITIONER)
    assert template is not None
    series = series_operations.prescribe_series(
        cleared_patient(), template.id, phases, Preferences(), "ahwatukee",
        date(2026, 12, 8), found_by.id, NOW,
    )  # fmt: skip
    return series_operations.book_plan(
        series.id, starts(propose_plans(series, NOW)), NOW, "staff:1"
    )


def appointments(series: InfusionSeries) -> list[Appointment]:
    db.session.rollback()
    return [session.appointment for session in list_sessions(series.id) if session.appointment]


def told_of(appointment: Appointment, messages: list[Message]) -> set[str]:
    """Return the kinds of messages that name an appointment's day."""
    return {
        message.kind
        for message in messages
        if f"{appointment.local_date:%b} {appointment.local_date.day}" in message.body
    }


def closed_on(appointment: Appointment) -> str:
    return closed(first=appointment.local_date, last=appointment.local_date)


def test_a_session_hurt_is_named_and_called_about_and_the_others_stay(
    app: Flask, series: InfusionSeries, tmp_path: Path
) -> None:
    third, before = (
        appointments(series)[2],
        [appointment.starts_at for appointment in appointments(series)],
    )
    dry = command(app, tmp_path, closed_on(third), "--dry-run")
    real = command(app, tmp_path, closed_on(third))
    assert named_in(dry.output) == named_in(real.output) == called() == {third.reference}
    book_sessions_ahead(NOW + HOUR)
    assert [appointment.starts_at for appointment in appointments(series)] == before


def test_nothing_tells_of_a_session_that_cannot_take_place(
    series: InfusionSeries, tick: Tick
) -> None:
    third = appointments(series)[2]
    loaded(closed_on(third))
    messages = [message for hours in range(0, 24 * 30, 3) for message in tick(NOW + hours * HOUR)]
    assert told_of(third, messages) == set()
    assert "confirmation" in told_of(appointments(series)[1], messages)


def test_a_list_that_waits_to_be_sent_leaves_it_out(series: InfusionSeries, tick: Tick) -> None:
    third = appointments(series)[2]
    derive_messages(NOW)
    loaded(closed_on(third))
    messages = tick(NOW + HOUR)
    assert told_of(third, messages) == set()
    assert told_of(appointments(series)[1], messages) == {"confirmation"}


def test_the_desk_is_offered_other_times_for_it(
    app: Flask, series: InfusionSeries, tmp_path: Path
) -> None:
    third = appointments(series)[2]
    command(app, tmp_path, closed_on(third))
    front = first_staff(Role.FRONT_DESK)
    later, page = third.starts_at + timedelta(days=1), f"/desk/visits/{third.id}/move"
    browser = sign_in(app, front)
    assert third.starts_at.isoformat() not in browser.get(page).text
    assert later.isoformat() in browser.get(f"{page}?date={later.date()}").text
    appointment_operations.move(third.id, later, NOW, f"staff:{front.id}")
    assert called() == set()
    assert len(appointments(series)) == 6


def test_an_open_ended_series_goes_on_past_a_day_closed(app: Flask, tmp_path: Path) -> None:
    series = a_series_at_the_demo_clinic(RECOMMENDED)
    last = appointments(series)[-1]
    next_week = last.local_date + timedelta(days=7)
    command(app, tmp_path, closed(first=next_week, last=next_week))
    book_sessions_ahead(last.starts_at - timedelta(days=20))
    assert next_week not in {appointment.local_date for appointment in appointments(series)}
