"""Who chose a practitioner is held and booked with that one, and with nobody else."""

from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from booking.appointments import hold_details, holds
from booking.appointments.booking import Booked, book_hold
from booking.appointments.decoys import convert_to_decoy
from booking.appointments.models import Appointment
from booking.calendars.availability import current_catalogue
from booking.calendars.catalogue import Practitioner
from booking.calendars.models import Claim
from booking.calendars.operations import SlotTaken
from booking.calendars.slots import list_slots
from booking.extensions import db
from tests.builders import NOW, TOMORROW, a_booking, a_clinic, a_contact, answers, local

TEN, ELEVEN = local(10), local(11)
LATER = NOW + timedelta(minutes=30)  # a hold has expired


@pytest.fixture
def people(app: Flask) -> list[Practitioner]:
    """Two practitioners at one location with two rooms; who doesn't choose gets the first."""
    a_clinic(practitioners=2, rooms=2)
    return list(current_catalogue().practitioners.values())


def hold_with(
    person: Practitioner | None, token: str = "mine", starts_at: datetime = TEN
) -> Appointment:
    person_id = person.resource_id if person else None
    return holds.hold_or_change_time(
        token, "consultation", "ahwatukee", starts_at, NOW, practitioner_id=person_id
    )


def answer_and_book(hold: Appointment, now: datetime) -> Appointment:
    hold_details.record_screening(hold.token, answers(), NOW)
    hold_details.record_contact(
        hold.token, a_contact(), sms_consent=True, wording="Text me", now=NOW
    )
    result = book_hold(hold.token, now)
    assert isinstance(result, Booked)
    return result.appointment


def claimed_people(appointment: Appointment, people: list[Practitioner]) -> list[Practitioner]:
    ids = set(
        db.session.scalars(select(Claim.resource_id).filter_by(appointment_id=appointment.id))
    )
    return [person for person in people if person.resource_id in ids]


@pytest.mark.parametrize("chosen", [0, 1])
def test_the_chosen_one_is_held_and_booked(people: list[Practitioner], chosen: int) -> None:
    hold = hold_with(people[chosen])
    assert claimed_people(hold, people) == [people[chosen]]
    assert claimed_people(answer_and_book(hold, NOW), people) == [people[chosen]]


def test_an_expired_hold_is_taken_again_with_the_same_person(people: list[Practitioner]) -> None:
    booked = answer_and_book(hold_with(people[1]), LATER)
    assert claimed_people(booked, people) == [people[1]]


def test_an_expired_hold_is_not_given_to_somebody_else(people: list[Practitioner]) -> None:
    hold = hold_with(people[0])
    a_booking(TEN, LATER)  # by anyone: it gets the first who is free
    with pytest.raises(SlotTaken):
        answer_and_book(hold, LATER)


def test_a_time_at_which_the_chosen_one_is_busy_is_neither_listed_nor_held(
    people: list[Practitioner],
) -> None:
    a_booking(TEN)
    starts = {
        person: [slot.starts_at for slot in list_slots(
            "consultation", None, TOMORROW, TOMORROW, NOW, person
        )]
        for person in (None, *people)
    }  # fmt: skip
    assert {person: TEN in times for person, times in starts.items()} == {
        None: True, people[0]: False, people[1]: True,
    }  # fmt: skip
    with pytest.raises(SlotTaken):
        hold_with(people[0])
    assert claimed_people(hold_with(None), people) == [people[1]]


def test_another_choice_changes_the_hold(people: list[Practitioner]) -> None:
    hold_with(people[0])
    hold = hold_with(people[1])
    assert claimed_people(hold, people) == [people[1]]
    assert claimed_people(hold_with(None, starts_at=ELEVEN), people) == [people[0]]
    assert hold.practitioner_id is None


def test_invariant_14_a_decoy_keeps_the_same_person(people: list[Practitioner]) -> None:
    hold = hold_with(people[1])
    convert_to_decoy(hold.token, NOW, "decoys")
    decoy = db.session.scalars(select(Appointment).where(Appointment.id != hold.id)).one()
    assert claimed_people(decoy, people) == [people[1]]
