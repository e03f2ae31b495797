"""An offered time whose own room is out of order is kept in another, where one is free."""

from datetime import time

import pytest
from flask import Flask
from sqlalchemy import select

from booking.appointments.models import Appointment
from booking.calendars.models import Claim
from booking.calendars.outages import record_outage
from booking.extensions import db
from booking.locations.models import Outage, Resource
from booking.waitlist.models import WaitlistOffer
from booking.waitlist.offers import accept_offer
from booking.waitlist.rules import OfferStatus
from tests.builders import NOW, a_clinic
from tests.waitlist.conftest import FULL
from tests.waitlist.waiting import MINUTE, free_up, full_days, nine, offers, somebody_waiting, tick


def an_offer(rooms: int) -> tuple[Appointment, WaitlistOffer]:
    """Return who waits and what they are offered, in a clinic with so many rooms and one practitioner."""
    clinic = a_clinic(opens=time(9), closes=time(10), rooms=rooms)
    first, *_ = full_days(FULL)
    waiting = somebody_waiting(clinic, nine(FULL))
    free_up(first)
    (made,) = tick(NOW)
    return waiting, made


def room_of(waitlist_offer: WaitlistOffer) -> int:
    """Return the room that an offer holds."""
    rooms = (
        select(Resource.id)
        .join(Claim, Claim.resource_id == Resource.id)
        .where(Claim.appointment_id == waitlist_offer.hold_id, Resource.kind == "room")
    )
    return db.session.scalars(rooms).one()


def lose(room_id: int) -> None:
    closed = Outage(resource_id=room_id, starts_at=nine(0), ends_at=nine(1))
    record_outage(closed, NOW + MINUTE, "staff:1")


def test_it_is_kept_in_another_room_and_can_be_taken(app: Flask) -> None:
    waiting, offered = an_offer(rooms=2)
    lost_room = room_of(offered)
    lose(lost_room)
    assert tick(NOW + 2 * MINUTE) == []
    (kept,) = offers()
    assert kept.status is OfferStatus.OPEN
    assert room_of(kept) != lost_room
    assert accept_offer(kept.token, NOW + 3 * MINUTE).id == waiting.id
    assert db.session.get_one(Appointment, waiting.id).starts_at == nine(0)


@pytest.mark.parametrize("lost_rooms", [1, 2])
def test_without_another_room_it_is_taken_back(app: Flask, lost_rooms: int) -> None:
    _, offered = an_offer(rooms=lost_rooms)
    rooms = db.session.scalars(select(Resource.id).filter_by(kind="room").order_by(Resource.id))
    for room_id in rooms.all():
        lose(room_id)
    assert tick(NOW + 2 * MINUTE) == []
    assert offers()[0].status is OfferStatus.WITHDRAWN
    assert db.session.get(Appointment, offered.hold_id or 0) is None
