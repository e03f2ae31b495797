"""The steps of an infusion, recorded and undone one by one."""

from datetime import timedelta

import pytest
from flask import Flask

from booking.appointments import attendance
from booking.appointments.changes import list_standing_changes
from booking.appointments.day_rules import TreatmentFacts, TreatmentStep
from booking.appointments.models import Appointment
from booking.appointments.rules import ActionNotAllowed, Outcome
from booking.appointments.treatments import facts_by_appointment, record_step
from booking.appointments.undoing import undo_change
from booking.audit.rules import staff_actor
from booking.db.versions import StaleVersion
from booking.extensions import db
from tests.builders import Clinic, a_booking, a_clinic, an_infusion, local

TEN, MINUTE = local(10), timedelta(minutes=1)


@pytest.fixture
def clinic(app: Flask) -> Clinic:
    return a_clinic()


@pytest.fixture
def arrived(clinic: Clinic) -> Appointment:
    appointment = an_infusion(clinic, TEN)
    attendance.check_in(appointment.id, TEN, staff_actor(clinic.front_desk.id))
    return appointment


def facts_of(appointment: Appointment) -> TreatmentFacts:
    return facts_by_appointment([appointment.id]).get(appointment.id, TreatmentFacts())


def version_of(appointment: Appointment) -> int:
    db.session.rollback()
    return db.session.get_one(Appointment, appointment.id).version


def test_each_step_is_undone_by_itself_the_last_first_and_then_the_check_in(
    arrived: Appointment, clinic: Clinic
) -> None:
    actor, seen = staff_actor(clinic.practitioner.id), [facts_of(arrived)]
    steps = [
        TreatmentStep(s) for s in ("seat", "start", "check", "check", "recover", "ride", "ready")
    ]
    for number, step in enumerate(steps):
        record_step(arrived.id, step, TEN + number * MINUTE, actor)
        seen.append(facts_of(arrived))
    assert seen[-1].checks == (TEN + 2 * MINUTE, TEN + 3 * MINUTE)
    for before in reversed(seen[:-1]):
        version = version_of(arrived)
        undo_change(arrived.id, list_standing_changes(arrived.id)[0].id, TEN + 9 * MINUTE, actor)
        assert facts_of(arrived) == before
        assert version_of(arrived) > version  # what showed the step is outdated
    undo_change(arrived.id, list_standing_changes(arrived.id)[0].id, TEN + 9 * MINUTE, actor)
    assert list_standing_changes(arrived.id) == []


def test_a_step_is_refused_of_another_version_stage_person_or_appointment(
    arrived: Appointment, clinic: Clinic
) -> None:
    desk, nurse = staff_actor(clinic.front_desk.id), staff_actor(clinic.practitioner.id)
    shown = version_of(arrived)
    record_step(arrived.id, TreatmentStep.SEAT, TEN, desk, expected_version=shown)
    with pytest.raises(StaleVersion):
        record_step(arrived.id, TreatmentStep.RIDE, TEN, desk, expected_version=shown)
    with pytest.raises(ActionNotAllowed, match="step_is_clinical"):
        record_step(arrived.id, TreatmentStep.START, TEN, desk)
    with pytest.raises(ActionNotAllowed, match="step_not_next"):
        record_step(arrived.id, TreatmentStep.CHECK, TEN, nurse)
    consultation = a_booking(local(14))
    attendance.check_in(consultation.id, TEN, desk)
    with pytest.raises(ActionNotAllowed, match="is_no_infusion"):
        record_step(consultation.id, TreatmentStep.SEAT, TEN, desk)
    attendance.fulfil(arrived.id, Outcome.TREATED, TEN, desk)
    with pytest.raises(ActionNotAllowed, match="is_fulfilled"):
        record_step(arrived.id, TreatmentStep.RIDE, TEN, desk)
