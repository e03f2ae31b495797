"""A receptionist's morning on one screen, by mouse on a desk's and a tablet's, then by keys alone."""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import select

from booking import clock
from booking.appointments.models import Appointment
from booking.appointments.patient_booking import book_for_patient
from booking.appointments.rules import Origin
from booking.calendars import availability
from booking.db.transactions import transaction
from booking.extensions import db
from booking.patients.models import Patient
from booking.staff.models import TotpFactor
from booking.staff.password_changes import set_password
from booking.staff.secret_box import SecretBox
from tests.browser import DESK, TABLET, OpenPage
from tests.builders import Clinic, a_clinic, a_patient
from tests.desk.hands import Hands, Keyboard, Mouse
from tests.desk.morning import SECRET, Morning
from tests.desk.signed_in import PASSWORD
from tests.desk.text_scenarios import a_text
from tests.server import Server, app_beside

NINE = 9


@pytest.fixture
def app(server: Server) -> Iterator[Flask]:
    """The app beside the server, on the same database."""
    with app_beside(server) as made:
        yield made


@pytest.fixture
def now() -> datetime:
    """The present by a clock that shows some time past nine."""
    hours_ahead = NINE - clock.now().hour
    hours_ahead += 24 if hours_ahead < -12 else 0
    return clock.now().astimezone(ZoneInfo(f"Etc/GMT{-hours_ahead:+d}"))


@pytest.fixture
def clinic(app: Flask, now: datetime) -> Clinic:
    """A clinic where it is past nine: one patient is late, one comes at ten, one has asked something."""
    clinic = a_clinic(
        zone=str(now.tzinfo), opens=time(6), closes=time(20), rooms=2, practitioners=2
    )
    begun = now.replace(minute=now.minute // 15 * 15, second=0, microsecond=0)
    for given_name, starts_at in (
        ("Late", begun - timedelta(minutes=30)),
        ("Coming", begun + timedelta(minutes=60)),
        ("Moving", begun + timedelta(hours=4)),
    ):
        an_infusion_at(clinic, starts_at, given_name)
    a_patient(given_name="Calling", family_name="Callahan")
    a_text()
    set_password(clinic.front_desk.email, PASSWORD, clock.now())
    box = SecretBox.from_settings(app.config["FACTOR_KEY"], app.config["SECRET_KEY"])
    with transaction():
        db.session.add(
            TotpFactor(
                staff_id=clinic.front_desk.id, secret=box.encrypt(SECRET),
                made_at=clock.now(), confirmed_at=clock.now(),
            )
        )  # fmt: skip
    return clinic


def an_infusion_at(clinic: Clinic, starts_at: datetime, given_name: str) -> None:
    """Book an infusion, as long ago as it takes."""
    patient = a_patient(clinic, given_name=given_name, family_name=f"{given_name}son")
    catalogue = availability.current_catalogue()
    location, service = catalogue.locations["ahwatukee"], catalogue.services["infusion"]
    book_for_patient(
        *(patient, location, service, service.demand, starts_at.astimezone(UTC)),
        clock.now() - timedelta(hours=3), origin=Origin.DESK, actor="staff:1",
    )  # fmt: skip


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("width", "hands"), [(DESK, Mouse()), (TABLET, Mouse()), (DESK, Keyboard())]
)
def test_a_morning_at_the_desk(
    clinic: Clinic, now: datetime, server: Server, open_page: OpenPage, width: int, hands: Hands
) -> None:
    morning = Morning(open_page(width, javascript=True), hands, server.url)
    morning.sign_in(clinic.front_desk.email)
    morning.book_by_phone()
    morning.move()
    morning.check_in()
    morning.take_walk_in(now.replace(minute=5) + timedelta(hours=1))
    morning.answer_text()
    morning.see_crisis()
    morning.close_tomorrow()
    morning.print_day()
    booked = db.session.scalars(select(Patient.family_name).join(Appointment)).all()
    assert {"Callahan", "Walker", "Lateson", "Comingson", "Movingson"} <= set(booked)
