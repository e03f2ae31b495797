"""How many consultations one person books for themselves, and that nobody learns of it."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from booking.appointments import booking, decoys, holds
from booking.appointments import operations as appointment_operations
from booking.appointments.booking import Booked
from booking.appointments.models import Appointment
from booking.appointments.online_patients import COMING
from booking.appointments.patient_booking import PatientNotBookable, TooManyAppointments
from booking.appointments.rules import (
    MAX_HOLDS,
    MAX_UPCOMING_CONSULTATIONS,
    Status,
)
from booking.calendars.operations import SlotTaken
from booking.extensions import db
from booking.patients.models import Patient
from booking.patients.rules import Contact
from config import Defaults
from tests.builders import NOW, TOMORROW, Clinic, a_booking, a_clinic, a_contact, a_request, local

MOST_ON_ONE_CONTACT = Defaults.MOST_ON_ONE_CONTACT
HOURS = (9, 10, 11, 12, 13, 14, 15)


@pytest.fixture
def clinic(app: Flask) -> Clinic:
    return a_clinic()


def booked() -> int:
    standing = select(func.count()).where(Appointment.status == Status.BOOKED)
    return db.session.scalar(standing) or 0


def test_one_person_has_few_coming_consultations(clinic: Clinic) -> None:
    contact = a_contact()
    for hour in HOURS[:MAX_UPCOMING_CONSULTATIONS]:
        a_booking(local(hour), contact=contact)
    with pytest.raises(TooManyAppointments):
        a_booking(local(15), contact=contact)
    assert booked() == MAX_UPCOMING_CONSULTATIONS


def test_a_cancelled_one_counts_no_longer(clinic: Clinic) -> None:
    contact = a_contact()
    first = a_booking(local(9), contact=contact)
    for hour in HOURS[1:MAX_UPCOMING_CONSULTATIONS]:
        a_booking(local(hour), contact=contact)
    appointment_operations.cancel(first.id, NOW, "online", by_patient=True)
    assert a_booking(local(15), contact=contact).status is Status.BOOKED


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_patients_are_looked_through_once_however_many_are_coming(clinic: Clinic) -> None:
    for hour in HOURS:
        a_booking(local(hour))
    coming = COMING.params(
        patient_id=1, birth_date=date(1980, 2, 29), family_key="nobody", phone="", email="", now=NOW
    ).compile(db.engine, compile_kwargs={"literal_binds": True})
    explain = text(f"EXPLAIN (ANALYZE, FORMAT JSON) {coming}".replace(":", r"\:"))
    plan = db.session.scalars(explain).one()[0]["Plan"]
    assert {scan["Actual Loops"] for scan in scans_of("patient", plan)} == {1}


def scans_of(table: str, node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Give the scans of a table in a plan of PostgreSQL's."""
    if node.get("Relation Name") == table:
        yield node
    for child in node.get("Plans", []):
        yield from scans_of(table, child)


@pytest.mark.parametrize("shared", ["phone", "email"])
def test_other_names_on_one_contact_are_counted_together(clinic: Clinic, shared: str) -> None:
    contact = a_contact()
    for hour in HOURS[:MOST_ON_ONE_CONTACT]:
        a_booking(local(hour), contact=a_contact(**{shared: getattr(contact, shared)}))
    with pytest.raises(TooManyAppointments):
        a_booking(local(15), contact=a_contact(**{shared: getattr(contact, shared)}))


def test_a_clinic_says_how_many_share_a_phone(app: Flask, clinic: Clinic) -> None:
    app.config["MOST_ON_ONE_CONTACT"] = 7
    phone = a_contact().phone
    for hour in HOURS:
        a_booking(local(hour), contact=a_contact(phone=phone))
    with pytest.raises(TooManyAppointments):
        a_booking(local(9, day=TOMORROW + timedelta(days=1)), contact=a_contact(phone=phone))


def test_people_without_an_email_share_nothing(clinic: Clinic) -> None:
    for hour in HOURS:
        a_booking(local(hour), contact=a_contact(email=None))
    assert booked() == len(HOURS)


def book_elsewhere(app: Flask, contact: Contact, starts_at: datetime) -> bool:
    with app.app_context():
        try:
            return isinstance(booking.book_slot(a_request(starts_at, contact=contact), NOW), Booked)
        except (PatientNotBookable, SlotTaken):
            return False
        finally:
            db.session.remove()


def test_bookings_of_one_person_at_once_are_counted_one_after_the_other(
    app: Flask, clinic: Clinic
) -> None:
    contact = a_contact()
    with ThreadPoolExecutor(7) as pool:
        done = sum(pool.map(lambda hour: book_elsewhere(app, contact, local(hour)), HOURS))
    assert done == booked() == MAX_UPCOMING_CONSULTATIONS
    assert len(db.session.scalars(select(Patient)).all()) == 1


def test_bookings_of_many_names_on_one_phone_at_once_are_counted_too(
    app: Flask, clinic: Clinic
) -> None:
    phone = a_contact().phone
    times = [local(hour, minute) for hour in HOURS for minute in (0, 45)][: MOST_ON_ONE_CONTACT + 3]
    with ThreadPoolExecutor(len(times)) as pool:
        done = sum(pool.map(lambda at: book_elsewhere(app, a_contact(phone=phone), at), times))
    assert booked() == done <= MOST_ON_ONE_CONTACT


def test_invariant_14_a_time_let_go_of_looks_taken_to_all(clinic: Clinic) -> None:
    token = holds.create_hold("consultation", "ahwatukee", local(10), NOW).token
    decoys.convert_to_decoy(token, NOW, "an address")
    with pytest.raises(SlotTaken):
        a_booking(local(10))
    with pytest.raises(SlotTaken):
        holds.renew_hold(token, NOW)


def test_other_phones_do_not_multiply_a_person(clinic: Clinic) -> None:
    for hour in HOURS[:MAX_UPCOMING_CONSULTATIONS]:
        a_booking(local(hour), contact=a_contact(family_name="Person"))
    for typed in ("PERSON", " Pérson"):
        with pytest.raises(TooManyAppointments):
            a_booking(local(15), contact=a_contact(family_name=typed))
    a_booking(local(15), contact=a_contact(given_name="Twin", family_name="Person"))
    assert booked() == MAX_UPCOMING_CONSULTATIONS + 1


def test_invariant_14_every_time_refused_looks_taken_and_the_oldest_is_free_again(
    clinic: Clinic,
) -> None:
    later = TOMORROW + timedelta(days=1)
    times = [local(9 + number, day=later) for number in range(MAX_HOLDS + 1)]
    for starts_at in times:
        decoys.create_decoy_hold("consultation", "ahwatukee", starts_at, NOW, "an address")
    for starts_at in times[1:]:
        with pytest.raises(SlotTaken):
            a_booking(starts_at)
    assert a_booking(times[0]).status is Status.BOOKED


def test_a_decoy_that_finds_the_time_gone_says_nothing(clinic: Clinic) -> None:
    a_booking(local(10))
    decoys.create_decoy_hold("consultation", "ahwatukee", local(10), NOW, "an address")
    assert booked() == 1
