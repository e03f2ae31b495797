"""The day's page asks the database as often for many appointments as for few."""

from datetime import time, timedelta

from flask import Flask
from flask.testing import FlaskClient

from booking.appointments.patient_booking import book_for_patient
from booking.appointments.rules import Origin
from booking.calendars import availability
from booking.calendars.models import CatalogueVersion
from booking.db.transactions import transaction
from booking.extensions import db
from tests.builders import NOW, Clinic, a_clinic, a_patient, local
from tests.desk.signed_in import sign_in
from tests.statements import statements

DAY = "/desk/day/ahwatukee/2026-12-01"
MOST = 45


def book_many(how_many: int, first: int = 0) -> None:
    """Book follow-ups one after the other, in three rooms."""
    catalogue = availability.current_catalogue()
    location, service = catalogue.locations["ahwatukee"], catalogue.services["follow-up"]
    for number in range(first, first + how_many):
        starts_at = local(9) + timedelta(minutes=30 * (number // 3))
        book_for_patient(
            a_patient(), location, service, service.demand, starts_at, NOW,
            origin=Origin.DESK, actor="staff:1",
        )  # fmt: skip


def test_the_days_page_asks_a_fixed_number_of_questions(app: Flask, clock: object) -> None:
    clinic = a_clinic(rooms=3, practitioners=3, closes=time(21))
    desk = sign_in(app, clinic.front_desk)
    counts = []
    for how_many, first in ((3, 0), (57, 3)):
        book_many(how_many, first)
        desk.get(DAY)
        with statements() as asked:
            text = desk.get(DAY).text
        counts.append(len(asked))
        assert f"{how_many + first} visits" in text
    assert counts[0] == counts[1] < MOST


def test_a_page_after_a_change_of_the_clinic_shows_the_change(
    desk: FlaskClient, clinic: Clinic
) -> None:
    assert "Renamed" not in desk.get(DAY).text
    with transaction():
        db.session.merge(clinic.location).name = "Renamed"
        db.session.get_one(CatalogueVersion, 1).version += 1
    assert "Renamed" in desk.get(DAY).text


def test_the_day_page_with_sixty_appointments_is_small(app: Flask, clock: object) -> None:
    """Over the wire, without what the browser keeps for a year."""
    desk = sign_in(app, a_clinic(rooms=3, practitioners=3, closes=time(21)).front_desk)
    book_many(60)
    page = desk.get(DAY, headers={"Accept-Encoding": "br"})
    assert page.headers["Content-Encoding"] == "br"
    assert len(page.data) <= 30_000
