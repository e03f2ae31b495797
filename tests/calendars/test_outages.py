"""What isn't there for once is taken off what hours and shifts promise, and given back when it is over."""

from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from booking.appointments.impossible import list_impossible_appointments
from booking.appointments.models import Appointment
from booking.appointments.resource_exchange import open_missing_call_tasks
from booking.calendars import availability
from booking.calendars.misfits import MisfitReason
from booking.calendars.outages import end_outage, record_outage
from booking.calendars.slots import list_slots
from booking.extensions import db
from booking.locations.models import Outage, Resource
from booking.locations.rules import ResourceKind
from booking.staff.models import Role, Staff
from tests.builders import NOW, TOMORROW, Clinic, a_booking, a_clinic, an_infusion, local

ACTOR = "staff:1"
HOUR = timedelta(hours=1)


@pytest.fixture
def clinic(app: Flask) -> Clinic:
    return a_clinic(chairs=2)


def an_outage(begins: int = 9, ends: int | None = 17, **about: int) -> Outage:
    """Record that something isn't there tomorrow, between two full hours."""
    outage = Outage(starts_at=local(begins), ends_at=local(ends) if ends else None, **about)
    return record_outage(outage, NOW, ACTOR)


def offered() -> list[datetime]:
    """Return the starts of tomorrow's consultations."""
    slots = list_slots("consultation", ["ahwatukee"], TOMORROW, TOMORROW, NOW)
    return [slot.starts_at for slot in slots]


def misfits() -> dict[int, MisfitReason]:
    catalogue = availability.current_catalogue()
    return {key: each.reason for key, each in list_impossible_appointments(catalogue, NOW).items()}


def resource_id(kind: ResourceKind) -> int:
    return (
        db.session.scalars(select(Resource.id).filter_by(kind=kind).order_by(Resource.id)).first()
        or 0
    )


def staff_id(role: Role) -> int:
    return db.session.scalars(select(Staff.id).filter_by(role=role).order_by(Staff.id)).first() or 0


def test_a_place_closed_for_a_part_of_the_day_offers_the_rest(clinic: Clinic) -> None:
    before = offered()
    an_outage(11, 14, location_id=clinic.location.id)
    assert offered() == [at for at in before if at + HOUR <= local(11) or at >= local(14)]


def test_what_is_over_early_is_offered_again(clinic: Clinic) -> None:
    before = offered()
    outage = an_outage(9, None, location_id=clinic.location.id)
    assert offered() == []
    end_outage(outage.id, local(10), ACTOR)
    assert offered() == [at for at in before if at >= local(10)]
    end_outage(outage.id, local(16), ACTOR)
    assert offered() == [at for at in before if at >= local(10)]


def test_an_outage_taken_back_before_it_began_never_was(clinic: Clinic) -> None:
    before = offered()
    outage = an_outage(location_id=clinic.location.id)
    end_outage(outage.id, NOW, ACTOR)
    assert offered() == before


def test_what_is_booked_in_a_closed_part_of_a_day_cannot_take_place(clinic: Clinic) -> None:
    hit, spared = a_booking(local(11)), a_booking(local(15))
    an_outage(11, 14, location_id=clinic.location.id)
    assert misfits() == {hit.id: MisfitReason.CLOSED}
    assert spared.id not in misfits()


def test_a_practitioner_away_takes_their_consultations_and_all_infusions(clinic: Clinic) -> None:
    consultation, infusion = a_booking(local(10)), an_infusion(clinic, local(12))
    an_outage(staff_id=clinic.practitioner.id)
    assert offered() == []
    assert misfits() == {
        consultation.id: MisfitReason.PRACTITIONER_AWAY,
        infusion.id: MisfitReason.NO_PRESCRIBER,
    }


def test_a_broken_chair_is_exchanged_where_another_is_free(clinic: Clinic) -> None:
    exchanged, alone = (an_infusion(clinic, at) for at in (local(9), local(13)))
    an_infusion(clinic, local(13, 15))
    an_outage(resource_id=resource_id(ResourceKind.CHAIR))
    assert set(misfits().values()) == {MisfitReason.RESOURCE_GONE}
    assert {exchanged.id, alone.id} == misfits().keys()
    assert open_missing_call_tasks(NOW) == 1
    assert misfits().keys() == {alone.id}


def test_a_nurse_away_takes_their_seats(clinic: Clinic) -> None:
    appointments = [an_infusion(clinic, at) for at in (local(9), local(9, 15))]
    for person in db.session.scalars(select(Staff).filter_by(role=Role.NURSE)).all():
        an_outage(9, 12, staff_id=person.id)
    assert misfits() == dict.fromkeys(
        [appointment.id for appointment in appointments], MisfitReason.TOO_FEW_NURSES
    )


def test_the_past_keeps_what_was_there(clinic: Clinic) -> None:
    appointment: Appointment = an_infusion(clinic, local(9))
    an_outage(12, 17, resource_id=resource_id(ResourceKind.CHAIR))
    assert misfits() == {}
    assert appointment.starts_at == local(9)
