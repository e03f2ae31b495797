"""A room, chair or seat that is gone is exchanged for a free one of its kind; nobody is called for that."""

from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from booking import clock
from booking.appointments import operations as appointment_operations
from booking.appointments.models import Appointment
from booking.appointments.resource_exchange import open_missing_call_tasks
from booking.audit.models import AuditEntry
from booking.calendars import operations as calendars
from booking.calendars.misfits import MisfitReason
from booking.extensions import db
from booking.locations import operations as locations
from tests.builders import NOW
from tests.clinic.appointments import (
    Made,
    a_clinic_with_appointments,
    booked,
    called,
    calls,
    command,
    named_in,
    shown,
)
from tests.clinic.files import DEMO, changed, without_table

CHAIRS = '["Chair 1", "Chair 2", "Chair 3", "Chair 4"]'
WITHOUT_CHAIR_1 = changed((CHAIRS, '["Chair 2", "Chair 3", "Chair 4"]'))
ONE_CHAIR = changed((CHAIRS, '["Chair 2"]'))


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.fixture
def made(app: Flask) -> Made:
    return a_clinic_with_appointments()


def names_of(appointment: Appointment) -> set[str]:
    """Return the names of what an appointment claims."""
    db.session.rollback()
    resources = locations.get_resources(list(calendars.claimed_resource_ids(appointment.id)))
    return {resource.name for resource in resources.values()}


def test_a_chair_that_is_gone_is_exchanged_for_a_free_one(
    app: Flask, made: Made, tmp_path: Path
) -> None:
    told = (
        f"exchanged for {made.infusion.reference}, {shown(made.infusion.starts_at)}:"
        " Chair 2 in place of Chair 1"
    )
    dry = command(app, tmp_path, WITHOUT_CHAIR_1, "--dry-run")
    assert (told in dry.output, "Chair 1" in names_of(made.infusion)) == (True, True)
    real = command(app, tmp_path, WITHOUT_CHAIR_1)
    assert (real.output, named_in(real.output), calls()) == (dry.output, set(), [])
    assert "Chair 2" in names_of(made.infusion)
    assert "Chair 1" not in names_of(made.infusion)
    assert db.session.query(AuditEntry).filter_by(action="exchange").count() == 1
    again = command(app, tmp_path, WITHOUT_CHAIR_1)
    assert "exchanged" not in again.output


def test_a_room_is_exchanged_and_the_practitioner_stays(
    app: Flask, made: Made, tmp_path: Path
) -> None:
    before = names_of(made.consultation)
    command(app, tmp_path, changed(('["Room 1", "Room 2"]', '["Room 2"]')))
    assert names_of(made.consultation) == before - {"Room 1"} | {"Room 2"}
    assert calls() == []


def test_whoever_finds_none_free_is_called(app: Flask, made: Made, tmp_path: Path) -> None:
    second = booked("infusion", "ahwatukee", 11)
    run = command(app, tmp_path, ONE_CHAIR)
    assert named_in(run.output) == {made.infusion.reference} == called()
    assert "Chair 2" in names_of(second)


def test_who_waits_for_a_chair_has_the_one_that_another_leaves(
    app: Flask, made: Made, tmp_path: Path
) -> None:
    second = booked("infusion", "ahwatukee", 11)
    command(app, tmp_path, ONE_CHAIR)
    appointment_operations.cancel(second.id, NOW, "staff:1", by_patient=True)
    open_missing_call_tasks(NOW + timedelta(hours=1))
    assert "Chair 2" in names_of(made.infusion)
    assert (calls(), called(done=True)) == ([], {made.infusion.reference})


def test_nurses_who_are_left_watch_who_was_on_another_nurses_seat(
    app: Flask, made: Made, tmp_path: Path
) -> None:
    second = booked("infusion", "ahwatukee", 11)
    appointment_operations.cancel(made.infusion.id, NOW, "staff:1", by_patient=True)
    assert "Seat 5" in names_of(second)
    run = command(app, tmp_path, without_table("[[staff]]\n", 'slug = "ben-ortiz"'))
    assert (named_in(run.output), calls()) == (set(), [])
    assert names_of(second) == {"Chair 2", "Seat 1", "Seat 2", "Seat 3", "Seat 4"}


def test_a_practitioner_who_is_gone_is_not_exchanged(
    app: Flask, made: Made, tmp_path: Path
) -> None:
    text = changed(
        ('["Room 1", "Room 2"]', '["Room 2"]'),
        text=without_table("[[staff]]\n", 'slug = "ana-reyes"'),
    )
    command(app, tmp_path, text)
    assert made.names_of(called()) == {"consultation", "follow_up"}
    assert {task.details["why"] for task in calls()} == {MisfitReason.RESOURCE_GONE}


def test_a_chair_that_comes_back_changes_nothing_more(
    app: Flask, made: Made, tmp_path: Path
) -> None:
    for text in (WITHOUT_CHAIR_1, DEMO, WITHOUT_CHAIR_1):
        command(app, tmp_path, text)
    assert "Chair 2" in names_of(made.infusion)
    assert calls() == []
