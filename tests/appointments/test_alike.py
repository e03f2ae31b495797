"""A time that is taken is answered by the same work, whoever asks for it (invariant 14)."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask

from booking.appointments import booking, holds
from booking.appointments.booking import BookingRequest, book_hold
from booking.appointments.patient_booking import PatientNotBookable
from booking.calendars.operations import SlotTaken
from tests.appointments.test_holds import a_filled_hold
from tests.builders import (
    NOW,
    Clinic,
    a_booking,
    a_clinic,
    a_contact,
    a_request,
    answers,
    local,
)
from tests.statements import statements

TAKEN, LATER = 10, NOW + timedelta(minutes=30)


def unknown() -> BookingRequest:
    return a_request(local(TAKEN))


def flagged() -> BookingRequest:
    contact = a_contact()
    booking.book_slot(a_request(local(15), contact=contact, answers=answers(psychosis=True)), NOW)
    return a_request(local(TAKEN), contact=contact)


def busy_elsewhere() -> BookingRequest:
    contact = a_contact()
    a_clinic(slug="scottsdale")
    a_booking(local(TAKEN), contact=contact, location="scottsdale")
    return a_request(local(TAKEN), contact=contact)


def who_has_as_many_as_may_be() -> BookingRequest:
    contact = a_contact()
    for hour in (14, 15):
        a_booking(local(hour), contact=contact)
    return a_request(local(TAKEN), contact=contact)


WHO = [unknown, flagged, busy_elsewhere, who_has_as_many_as_may_be]


@pytest.fixture
def clinic(app: Flask) -> Clinic:
    return a_clinic()


def work_for(request: BookingRequest) -> list[str]:
    with statements() as seen, pytest.raises(SlotTaken):
        booking.book_slot(request, NOW)
    return seen


@pytest.mark.parametrize("who", WHO)
def test_invariant_14_of_a_taken_time_nobody_is_looked_up(
    clinic: Clinic, who: Callable[[], BookingRequest]
) -> None:
    request = who()
    a_booking(local(TAKEN))
    work_for(request)  # what is remembered of the catalogue is
    work = work_for(request)
    assert work == work_for(unknown())
    assert not any(f"FROM {table}" in one for one in work for table in ("patient", "flag"))


@pytest.mark.parametrize("who", WHO)
def test_invariant_14_nor_of_a_held_time_that_went(
    clinic: Clinic, who: Callable[[], BookingRequest]
) -> None:
    request = who()
    token = a_filled_hold(request.details.contact)
    a_booking(local(TAKEN), LATER)
    with statements() as seen, pytest.raises(SlotTaken):
        book_hold(token, LATER)
    assert not any(f"FROM {table}" in one for one in seen for table in ("patient", "flag"))


@pytest.mark.parametrize("who", WHO[1:])
def test_invariant_14_a_free_one_is_refused_to_them(
    clinic: Clinic, who: Callable[[], BookingRequest]
) -> None:
    request = who()
    with pytest.raises(PatientNotBookable):
        booking.book_slot(request, NOW)
    token = a_filled_hold(request.details.contact)
    with pytest.raises(PatientNotBookable):
        book_hold(token, NOW)
    assert holds.get_hold(token).patient_id is None
