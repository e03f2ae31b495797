"""What is done to an appointment is done to the one that was shown (invariant 15)."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask

from booking.appointments import operations as appointments
from booking.appointments.models import Appointment
from booking.appointments.rules import Outcome
from booking.extensions import db
from booking.versions import StaleVersion
from tests.builders import NOW, a_booking, a_clinic, local

Change = Callable[[int, int], object]

CHANGES: dict[str, Change] = {
    "move": lambda key, seen: appointments.move(
        key, local(15), NOW, "staff:1", expected_version=seen
    ),
    "cancel": lambda key, seen: appointments.cancel(
        key, NOW, "staff:1", by_patient=True, expected_version=seen
    ),
    "check_in": lambda key, seen: appointments.check_in(
        key, local(10), "staff:1", expected_version=seen
    ),
    "fulfil": lambda key, seen: appointments.fulfil(
        key, Outcome.SEEN, local(10), "staff:1", expected_version=seen
    ),
    "mark_no_show": lambda key, seen: appointments.mark_no_show(
        key, local(11), "staff:1", expected_version=seen
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_invariant_15_a_change_of_an_outdated_version_is_refused(app: Flask, change: str) -> None:
    a_clinic()
    visit = a_booking(local(10))
    seen = visit.version
    moved = appointments.move(visit.id, local(11), NOW, "staff:1")
    with pytest.raises(StaleVersion):
        CHANGES[change](visit.id, seen)
    kept = db.session.get_one(Appointment, visit.id)
    assert (kept.version, kept.starts_at, kept.status) == (
        moved.version,
        local(11),
        moved.status,
    )


def test_invariant_15_a_change_of_the_version_shown_is_made(app: Flask) -> None:
    a_clinic()
    visit = a_booking(local(10))
    later = local(10) + timedelta(hours=2)
    moved = appointments.move(visit.id, later, NOW, "staff:1", expected_version=visit.version)
    cancelled = appointments.cancel(
        visit.id, NOW, "staff:1", by_patient=True, expected_version=moved.version
    )
    assert cancelled.ended_at == NOW
