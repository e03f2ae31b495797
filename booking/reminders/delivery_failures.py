"""What could not be delivered: a person mends the number or address, or calls, before the appointment."""

from datetime import datetime, timedelta

from booking.calendars import availability
from booking.calendars.deadlines import after_business_hours
from booking.db.transactions import transaction
from booking.messaging import operations as messaging
from booking.messaging.models import Message
from booking.messaging.provider_rules import OPTED_OUT_CODE
from booking.messaging.rules import MessageStatus
from booking.reminders.persons import find_patient_by_key, patients_by_phone
from booking.tasks import operations as tasks
from booking.tasks.models import Owner, TaskKind

FAILURE_WINDOW = timedelta(days=3)
UNREACHED_CALL_WITHIN = timedelta(hours=4)  # of opening


@transaction()
def open_delivery_failure_tasks(now: datetime) -> None:
    """Give the desk a task for each patient who was not reached, or perhaps not, once for each failure.

    Perhaps: an interrupted e-mail is never sent again, as nobody can say whether it went.
    """
    locations = availability.current_catalogue().locations.values()
    due_at = after_business_hours(locations, now, UNREACHED_CALL_WITHIN).at
    for message in messaging.list_undelivered(now - FAILURE_WINDOW):
        since = message.failed_at or now
        for patient_id in _not_reached(message, now):
            if tasks.was_handled_since(TaskKind.MEND_CONTACT, "patient", patient_id, since=since):
                continue
            tasks.open_task(
                TaskKind.MEND_CONTACT, Owner.FRONT_DESK, "patient", patient_id, due_at, now,
                message=message.id, unknown=message.status is MessageStatus.UNKNOWN,
            )  # fmt: skip


def _not_reached(message: Message, now: datetime) -> list[int]:
    """Return the ids of the patients whom a person has to reach in another way.

    Who said STOP on a number of their own wants no texts. On a shared one nobody knows who said it, and
    nobody there is texted any more.
    """
    if message.error_code == OPTED_OUT_CODE:
        sharing_patients = patients_by_phone([message.recipient], now)[message.recipient]
        return [patient.id for patient in sharing_patients] if len(sharing_patients) > 1 else []
    patient = find_patient_by_key(message.person)
    return [patient.id] if patient else []
