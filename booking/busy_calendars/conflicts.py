"""Appointments booked at times at which the practitioner's own calendar says busy: told, never changed."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, select

from booking.appointments.models import Appointment
from booking.appointments.rules import Status
from booking.calendars import availability
from booking.calendars.deadlines import before_business_days
from booking.calendars.models import Claim
from booking.db.transactions import transaction
from booking.extensions import db
from booking.locations.models import Resource
from booking.staff.models import BusyTime
from booking.tasks import operations as tasks
from booking.tasks.models import Owner, TaskKind

KIND, SUBJECT = TaskKind.CALENDAR_CONFLICT, "appointment"
DAYS_BEFORE = 2  # days of opening by which somebody has asked


@dataclass(frozen=True, slots=True)
class CalendarConflict:
    """A booked appointment to come (UTC) whose practitioner is busy by their own calendar."""

    appointment_id: int
    reference: str
    location_id: int
    starts_at: datetime
    ends_at: datetime
    sequence: int


def list_conflicts(now: datetime, staff_id: int | None = None) -> list[CalendarConflict]:
    """Return the conflicts of one person's calendar, or of all, by the appointments' times."""
    is_busy = and_(
        BusyTime.staff_id == Resource.staff_id,
        BusyTime.starts_at < Claim.ends_at,
        BusyTime.ends_at > Claim.starts_at,
    )
    statement = (
        select(
            *(Appointment.id, Appointment.reference, Appointment.location_id),
            *(Appointment.starts_at, Appointment.ends_at, Appointment.sequence),
        )
        .join(Claim, Claim.appointment_id == Appointment.id)
        .join(Resource, Resource.id == Claim.resource_id)
        .join(BusyTime, is_busy)
        .where(Appointment.status == Status.BOOKED, Appointment.starts_at > now)
        .distinct()
        .order_by(Appointment.starts_at, Appointment.id)
    )
    if staff_id is not None:
        statement = statement.where(Resource.staff_id == staff_id)
    return [CalendarConflict(*row) for row in db.session.execute(statement)]


@transaction()
def update_conflict_tasks(now: datetime) -> None:
    """Have the desk ask about each conflict, once for each time an appointment has; settle what is none."""
    conflicts = {conflict.appointment_id: conflict for conflict in list_conflicts(now)}
    for appointment_id in tasks.list_open_subjects(KIND, SUBJECT) - conflicts.keys():
        tasks.close_fulfilled_task(KIND, SUBJECT, appointment_id, now)
    tasks_by_time = {
        (task.subject_id, task.details["sequence"])
        for task in tasks.list_tasks_about(KIND, SUBJECT, conflicts.keys())
    }
    for conflict in conflicts.values():
        if (conflict.appointment_id, conflict.sequence) not in tasks_by_time:
            _open_task(conflict, now)


def _open_task(conflict: CalendarConflict, now: datetime) -> None:
    location = availability.current_catalogue().locations_by_id[conflict.location_id]
    deadline = before_business_days((location,), conflict.starts_at, now, DAYS_BEFORE)
    tasks.open_task(
        KIND, Owner.FRONT_DESK, SUBJECT, conflict.appointment_id, deadline.at, now,
        sequence=conflict.sequence,
    )  # fmt: skip
