"""Being on the waitlist: joining, changing what one waits for, leaving, and when it ends by itself."""

import pytest

from booking.appointments import operations as appointment_operations
from booking.appointments.models import Appointment
from booking.appointments.rules import Status
from booking.audit.models import AuditEntry
from booking.extensions import db
from booking.waitlist.operations import join_waitlist, leave_waitlist
from booking.waitlist.rules import EntryStatus, OfferStatus
from tests.builders import NOW
from tests.waitlist.waiting import (
    MINUTE,
    a_wish,
    claimed_starts,
    current,
    entry_of,
    free_up,
    nine,
    offers,
    tick,
)


def test_who_has_left_is_offered_nothing_and_what_was_offered_is_free_again(
    waiting: Appointment, booked: list[Appointment]
) -> None:
    free_up(booked[0])
    tick(NOW)
    leave_waitlist(waiting.id, NOW + MINUTE, "online")
    leave_waitlist(waiting.id, NOW + MINUTE, "online")
    assert offers()[0].status is OfferStatus.WITHDRAWN
    assert nine(0) not in claimed_starts()
    assert entry_of(waiting).status is EntryStatus.LEFT
    assert tick(NOW + MINUTE) == []


def test_it_ends_when_the_appointment_is_cancelled(
    waiting: Appointment, booked: list[Appointment]
) -> None:
    free_up(booked[0])
    tick(NOW)
    free_up(waiting)
    assert tick(NOW + MINUTE) == []
    assert entry_of(waiting).status is EntryStatus.ENDED
    assert offers()[0].status is OfferStatus.WITHDRAWN


def test_it_ends_when_the_appointment_begins(waiting: Appointment) -> None:
    tick(waiting.starts_at)
    assert entry_of(waiting).status is EntryStatus.ENDED


def test_who_moves_it_themselves_waits_on_for_what_is_sooner_still(
    waiting: Appointment, booked: list[Appointment]
) -> None:
    free_up(booked[2])
    appointment_operations.move(waiting.id, nine(2), NOW, "online")
    free_up(booked[4])
    assert tick(NOW) == []
    free_up(booked[0])
    (made,) = tick(NOW + MINUTE)
    assert made.starts_at == nine(0)


def test_joining_twice_keeps_ones_turn_and_is_on_record(waiting: Appointment) -> None:
    wish = a_wish(1, weekdays=[0])
    entry = join_waitlist(waiting.id, wish, NOW + MINUTE, "staff:1")
    assert (entry.queued_at, entry.wish) == (NOW, wish.to_dict())
    entries = db.session.scalars(
        db.select(AuditEntry)
        .where(AuditEntry.action.in_(["join_waitlist", "change_wish"]))
        .order_by(AuditEntry.id)
    ).all()
    assert [(e.actor, e.action) for e in entries] == [
        ("online", "join_waitlist"),
        ("staff:1", "change_wish"),
    ]


def test_only_what_can_be_moved_still_waits(waiting: Appointment) -> None:
    free_up(waiting)
    with pytest.raises(Exception, match="is_cancelled"):
        join_waitlist(waiting.id, a_wish(1), NOW, "online")
    assert current(waiting).status is Status.CANCELLED
