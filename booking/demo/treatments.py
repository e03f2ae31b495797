"""Infusions of the demo that go on as it begins: their steps up to now."""

from datetime import datetime, timedelta

from booking.appointments.day_rules import TreatmentStep
from booking.appointments.models import Appointment
from booking.appointments.treatments import record_step
from booking.audit.rules import staff_actor
from booking.staff import operations as staff
from booking.staff.models import Role

USUAL_STEPS = (  # minutes after the start
    (TreatmentStep.SEAT, -8),
    (TreatmentStep.START, 13),
    (TreatmentStep.CHECK, 27),
    (TreatmentStep.CHECK, 42),
    (TreatmentStep.RECOVER, 57),
    (TreatmentStep.CHECK, 70),
    (TreatmentStep.RIDE, 75),
    (TreatmentStep.READY, 82),
)


def record_steps_until(appointment: Appointment, now: datetime) -> None:
    """Record the steps of an arrived infusion that happened by `now`, as a nurse would have."""
    nurse = next(person for person in staff.list_active_staff() if person.role is Role.NURSE)
    for step, minutes in USUAL_STEPS:
        at = appointment.starts_at + timedelta(minutes=minutes)
        if at <= now:
            record_step(appointment.id, step, at, staff_actor(nurse.id))
