"""What is done to an appointment is done to the one that was shown (invariant 15)."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask

from booking.appointments import attendance
from booking.appointments import operations as appointment_operations
from booking.appointments.models import Appointment
from booking.appointments.rules import Outcome
from booking.db.versions import StaleVersion
from booking.extensions import db
from tests.builders import NOW, a_booking, a_clinic, local

Change = Callable[[int, int], object]

CHANGES: dict[str, Change] = {
    "move": lambda key, seen: appointment_operations.move(
        key, local(15), NOW, "staff:1", expected_version=seen
    ),
    "cancel": lambda key, seen: appointment_operations.cancel(
        key, NOW, "staff:1", by_patient=True, expected_version=seen
    ),
    "check_in": lambda key, seen: attendance.check_in(
        key, local(10), "staff:1", expected_version=seen
    ),
    "fulfil": lambda key, seen: attendance.fulfil(
        key, Outcome.SEEN, local(10), "staff:1", expected_version=seen
    ),
    "mark_no_show": lambda key, seen: attendance.mark_no_show(
        key, local(11), "staff:1", expected_version=seen
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_invariant_15_a_change_of_an_outdated_version_is_refused(app: Flask, change: str) -> None:
    a_clinic()
    appointment = a_booking(local(10))
    seen = appointment.version
    moved = appointment_operations.move(appointment.id, local(11), NOW, "staff:1")
    with pytest.raises(StaleVersion):
        CHANGES[change](appointment.id, seen)
    kept = db.session.get_one(Appointment, appointment.id)
    assert (kept.version, kept.starts_at, kept.status) == (
        moved.version,
        local(11),
        moved.status,
    )


def test_invariant_15_a_change_of_the_version_shown_is_made(app: Flask) -> None:
    a_clinic()
    appointment = a_booking(local(10))
    later = local(10) + timedelta(hours=2)
    moved = appointment_operations.move(
        appointment.id, later, NOW, "staff:1", expected_version=appointment.version
    )
    cancelled = appointment_operations.cancel(
        appointment.id, NOW, "staff:1", by_patient=True, expected_version=moved.version
    )
    assert cancelled.ended_at == NOW
