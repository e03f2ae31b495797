"""What a patient may move by their link: what is listed is accepted, and nothing else is (invariant 3)."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask

from booking.appointments.guards import ChangeRefused
from booking.appointments.models import Appointment
from booking.appointments.move_slots import MoveObstacle, list_move_options
from booking.appointments.patient_booking import NotCleared, PatientBusy, book_for_patient
from booking.appointments.rules import Origin
from booking.appointments.self_service import move_own_appointment
from booking.calendars import availability
from booking.calendars.location_calendars import LocationCalendar
from booking.calendars.operations import SlotTaken
from booking.db.transactions import OverlapError, transaction
from booking.extensions import db
from booking.patients.models import Patient
from booking.screening.models import Suitability
from tests.builders import NOW, TOMORROW, Clinic, a_booking, a_clinic, a_patient, local
from tests.series.prescribed import a_booked_series, appointments

REFUSALS = (SlotTaken, OverlapError, PatientBusy, ChangeRefused, NotCleared)
TRIED = 16  # starts of each at each location; half of them listed, where there are as many


class UndoneError(Exception):
    """The move was accepted, and is taken back."""


@pytest.fixture
def clinic(app: Flask) -> Clinic:
    a_clinic(slug="scottsdale", chairs=1, nurses=1, practitioners=1)
    return a_clinic(chairs=1, nurses=1)


def ahwatukee() -> LocationCalendar:
    return availability.current_catalogue().locations["ahwatukee"]


def book(service: str, starts_at: datetime, patient: Patient) -> Appointment:
    offered = availability.current_catalogue().services[service]
    return book_for_patient(
        patient, ahwatukee(), offered, offered.demand, starts_at, NOW,
        origin=Origin.DESK, actor="staff:1",
    )  # fmt: skip


def patient_of(appointment: Appointment) -> Patient:
    return db.session.get_one(Patient, appointment.patient_id)


def a_session(clinic: Clinic) -> Appointment:
    return appointments(a_booked_series(clinic))[2]


def a_session_of_a_busy_person(clinic: Clinic) -> Appointment:
    """Their clearance ends, they have a follow-up and an infusion besides, and others were booked."""
    session = a_session(clinic)
    patient = patient_of(session)
    with transaction():
        finding = db.session.scalars(db.select(Suitability).filter_by(patient_id=patient.id)).one()
        finding.valid_until = session.local_date + timedelta(days=2)
    book("follow-up", session.starts_at + timedelta(hours=3), patient)
    other = a_patient(clinic)
    book("infusion", session.starts_at + timedelta(days=1), other)
    return session


def an_infusion_beside_a_series(clinic: Clinic) -> Appointment:
    last = appointments(a_booked_series(clinic))[-1]
    return book("infusion", last.starts_at + timedelta(days=5), patient_of(last))


def a_follow_up(clinic: Clinic) -> Appointment:
    return book("follow-up", local(11), a_patient())


def a_consultation(clinic: Clinic) -> Appointment:
    a_booking(local(13))
    return a_booking(local(10))


def is_accepted(appointment: Appointment, location: str, starts_at: datetime) -> bool:
    try:
        with transaction():
            move_own_appointment(appointment.token, location, starts_at, NOW)
            raise UndoneError
    except UndoneError:
        return True
    except REFUSALS:
        return False


def starts_to_try(listed: list[datetime], seed: int) -> list[datetime]:
    """Return some of those listed, and others: on the grid and off it, by day and by night, soon and late."""
    choose = random.Random(seed)
    some = choose.sample(listed, min(len(listed), TRIED // 2))
    quarters = [choose.randrange(-8, 62 * 96) for _ in range(TRIED // 2)]
    by_day = [local(choose.randrange(8, 18), 15 * choose.randrange(4),
                    TOMORROW + timedelta(days=choose.randrange(16))) for _ in range(TRIED // 2)]  # fmt: skip
    anywhen = [NOW + timedelta(minutes=15 * quarter) for quarter in quarters]
    return [*some, *by_day, *anywhen, NOW + timedelta(days=1, minutes=5)]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "build",
    [
        a_session,
        a_session_of_a_busy_person,
        an_infusion_beside_a_series,
        a_follow_up,
        a_consultation,
    ],
)
def test_invariant_3_what_is_listed_is_accepted_and_nothing_else(
    clinic: Clinic, build: Callable[[Clinic], Appointment]
) -> None:
    appointment, accepted = build(clinic), 0
    for location in availability.current_catalogue().locations.values():
        listed = [slot.starts_at for slot in list_move_options(appointment, location, NOW).slots]
        for starts_at in starts_to_try(listed, location.id):
            if (location.id, starts_at) == (appointment.location_id, appointment.starts_at):
                continue
            is_listed = starts_at in listed
            assert is_accepted(appointment, location.slug, starts_at) is is_listed, starts_at
            accepted += is_listed
    assert accepted


def test_a_time_that_overlaps_its_own_is_listed(clinic: Clinic) -> None:
    """Nobody is in one's own way."""
    session = a_session(clinic)
    options = list_move_options(session, ahwatukee(), NOW)
    near = session.starts_at + timedelta(minutes=30)
    assert near in [slot.starts_at for slot in options.slots]
    assert is_accepted(session, "ahwatukee", near)


def test_gaps_of_the_series_are_kept(clinic: Clinic) -> None:
    before, session, after = appointments(a_booked_series(clinic))[1:4]
    days = {slot.local_start.date() for slot in list_move_options(session, ahwatukee(), NOW).slots}
    assert days
    for day in days:
        assert 2 <= (day - before.local_date).days <= 5
        assert 2 <= (after.local_date - day).days <= 5


def test_when_there_is_nothing_it_says_why(clinic: Clinic) -> None:
    session = a_session(clinic)
    with transaction():
        finding = db.session.scalars(db.select(Suitability)).one()
        finding.valid_until = TOMORROW - timedelta(days=1)
    options = list_move_options(session, ahwatukee(), NOW)
    assert (options.slots, options.obstacle) == ([], MoveObstacle.NOT_CLEARED)
