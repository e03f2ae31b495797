"""What could not be delivered: a person mends the number or address before the visit."""

from datetime import datetime, timedelta

from sqlalchemy import BindParameter, bindparam, select

from booking.appointments.models import Appointment
from booking.calendars import offering
from booking.calendars.deadlines import after_open_hours
from booking.db import transaction
from booking.extensions import db
from booking.messaging import operations as messaging
from booking.messaging.rules import OPTED_OUT_CODE
from booking.series.models import InfusionSeries
from booking.tasks import operations as tasks
from booking.tasks.models import Owner, TaskKind

LOOK_BACK = timedelta(days=3)
WITHIN = timedelta(hours=4)  # of opening
NUMBER: BindParameter[int] = bindparam("number")
PATIENT_BY_TOPIC = {
    "appointment": select(Appointment.patient_id).where(Appointment.id == NUMBER),
    "series": select(InfusionSeries.patient_id).where(InfusionSeries.id == NUMBER),
}


@transaction()
def tell_of_failures(now: datetime) -> None:
    """Give the desk a task for each patient who could not be reached, once for each failure.

    Who opted out is not to be reached by text: no task.
    """
    places = offering.catalogue().places.values()
    due_at = after_open_hours(places, now, WITHIN).at
    for message in messaging.failed_since(now - LOOK_BACK):
        patient_id = _patient_of(message.topic)
        if patient_id is None or message.error_code == OPTED_OUT_CODE:
            continue
        since = message.failed_at or now
        if not tasks.was_seen_to(TaskKind.MEND_CONTACT, "patient", patient_id, since=since):
            tasks.open_task(
                TaskKind.MEND_CONTACT, Owner.FRONT_DESK, "patient", patient_id, due_at, now,
                message=message.id,
            )  # fmt: skip


def _patient_of(topic: str) -> int | None:
    kind, _, number = topic.partition(":")
    if kind not in PATIENT_BY_TOPIC:
        return None
    return db.session.scalar(PATIENT_BY_TOPIC[kind], {"number": int(number)})
