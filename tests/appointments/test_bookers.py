"""How many consultations one person books for themselves, and that nobody learns of it."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from sqlalchemy import func, select

from booking.appointments import booking, decoys, holds
from booking.appointments import operations as appointments
from booking.appointments.booking import Booked
from booking.appointments.models import Appointment
from booking.appointments.rules import MOST_CONSULTATIONS, MOST_ON_ONE_CONTACT, Status
from booking.appointments.visits import NotBookable, TooManyAppointments
from booking.calendars.operations import SlotTaken
from booking.extensions import db
from booking.patients.models import Patient
from booking.patients.rules import Contact
from tests.builders import NOW, Clinic, a_booking, a_clinic, a_contact, a_request, local

HOURS = (9, 10, 11, 12, 13, 14, 15)


@pytest.fixture
def clinic(app: Flask) -> Clinic:
    return a_clinic()


def booked() -> int:
    standing = select(func.count()).where(Appointment.status == Status.BOOKED)
    return db.session.scalar(standing) or 0


def test_one_person_has_few_coming_consultations(clinic: Clinic) -> None:
    contact = a_contact()
    for hour in HOURS[:MOST_CONSULTATIONS]:
        a_booking(local(hour), contact=contact)
    with pytest.raises(TooManyAppointments):
        a_booking(local(15), contact=contact)
    assert booked() == MOST_CONSULTATIONS


def test_a_cancelled_one_counts_no_longer(clinic: Clinic) -> None:
    contact = a_contact()
    first = a_booking(local(9), contact=contact)
    for hour in HOURS[1:MOST_CONSULTATIONS]:
        a_booking(local(hour), contact=contact)
    appointments.cancel(first.id, NOW, "online", by_patient=True)
    assert a_booking(local(15), contact=contact).status is Status.BOOKED


@pytest.mark.parametrize("shared", ["phone", "email"])
def test_other_names_on_one_contact_are_counted_together(clinic: Clinic, shared: str) -> None:
    contact = a_contact()
    for hour in HOURS[:MOST_ON_ONE_CONTACT]:
        a_booking(local(hour), contact=a_contact(**{shared: getattr(contact, shared)}))
    with pytest.raises(TooManyAppointments):
        a_booking(local(15), contact=a_contact(**{shared: getattr(contact, shared)}))


def test_people_without_an_email_share_nothing(clinic: Clinic) -> None:
    for hour in HOURS:
        a_booking(local(hour), contact=a_contact(email=None))
    assert booked() == len(HOURS)


def book_elsewhere(app: Flask, contact: Contact, hour: int) -> bool:
    with app.app_context():
        try:
            return isinstance(booking.book(a_request(local(hour), contact=contact), NOW), Booked)
        except (NotBookable, SlotTaken):
            return False
        finally:
            db.session.remove()


def test_bookings_of_one_person_at_once_are_counted_one_after_the_other(
    app: Flask, clinic: Clinic
) -> None:
    contact = a_contact()
    with ThreadPoolExecutor(7) as pool:
        done = sum(pool.map(lambda hour: book_elsewhere(app, contact, hour), HOURS))
    assert done == booked() == MOST_CONSULTATIONS
    assert len(db.session.scalars(select(Patient)).all()) == 1


def test_invariant_14_a_time_let_go_of_looks_taken_to_all(clinic: Clinic) -> None:
    token = holds.hold("consultation", "ahwatukee", local(10), NOW).token
    decoys.cede(token, NOW, "an address")
    with pytest.raises(SlotTaken):
        a_booking(local(10))
    with pytest.raises(SlotTaken):
        holds.keep(token, NOW)


def test_a_decoy_that_finds_the_time_gone_says_nothing(clinic: Clinic) -> None:
    a_booking(local(10))
    decoys.hold_for_nobody("consultation", "ahwatukee", local(10), NOW, "an address")
    assert booked() == 1
