"""What could not be delivered: a person mends the number or address, or calls, before the visit."""

from datetime import datetime, timedelta

from booking.calendars import offering
from booking.calendars.deadlines import after_open_hours
from booking.db import transaction
from booking.messaging import operations as messaging
from booking.messaging.rules import OPTED_OUT_CODE, Status
from booking.reminders.persons import patient_of
from booking.tasks import operations as tasks
from booking.tasks.models import Owner, TaskKind

LOOK_BACK = timedelta(days=3)
WITHIN = timedelta(hours=4)  # of opening


@transaction()
def tell_of_failures(now: datetime) -> None:
    """Give the desk a task for each patient who was not reached, or perhaps not, once for each failure.

    Perhaps: an interrupted e-mail is never sent again, as nobody can say whether it went. Who opted out is
    not to be reached by text: no task.
    """
    places = offering.catalogue().places.values()
    due_at = after_open_hours(places, now, WITHIN).at
    for message in messaging.undelivered_since(now - LOOK_BACK):
        patient = patient_of(message.person)
        if patient is None or message.error_code == OPTED_OUT_CODE:
            continue
        since = message.failed_at or now
        if not tasks.was_seen_to(TaskKind.MEND_CONTACT, "patient", patient.id, since=since):
            tasks.open_task(
                TaskKind.MEND_CONTACT, Owner.FRONT_DESK, "patient", patient.id, due_at, now,
                message=message.id, unknown=message.status is Status.UNKNOWN,
            )  # fmt: skip
