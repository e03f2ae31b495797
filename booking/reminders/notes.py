"""What a patient wrote on an appointment's page: read as texts are, and given to a person."""

from datetime import datetime

from booking.appointments.announcements import add_note
from booking.appointments.callbacks import CRISIS_WITHIN
from booking.appointments.models import Appointment
from booking.appointments.self_service import get_own_appointment
from booking.calendars import availability
from booking.calendars.deadlines import Deadline, after_business_hours
from booking.db.transactions import transaction
from booking.messaging.reply_meanings import classify_reply
from booking.messaging.rules import ReplyMeaning
from booking.reminders.inbound import ANSWER_BY_PERSON, TASK_FOR
from booking.tasks import operations as tasks
from booking.tasks.models import Owner, TaskKind

MAX_NOTE_LENGTH = 500


@transaction()
def receive_note(token: str, body: str, now: datetime) -> Deadline | None:
    """Keep a note, and have a person read it; return by when, None when it may mean a life.

    Crisis words tell a person at once, as in a text, and are never too many. Raises `UnknownToken`,
    `TooManyNotes`.
    """
    appointment = get_own_appointment(token)
    meaning, is_crisis = classify_reply(body, opted_out=False), may_mean_crisis(body)
    note = add_note(appointment, body, now, is_urgent=is_crisis)
    deadline = compute_note_deadline(appointment, now)
    tasks.open_task(
        TASK_FOR.get(meaning, TaskKind.READ_TEXT),
        Owner.FRONT_DESK,
        "patient_note",
        note.id,
        now + CRISIS_WITHIN if is_crisis else deadline.at,
        now,
        appointment=appointment.id,
    )
    return None if is_crisis else deadline


def may_mean_crisis(body: str) -> bool:
    """Tell whether a note has words that may mean a life."""
    return classify_reply(body, opted_out=False) is ReplyMeaning.CRISIS


def compute_note_deadline(appointment: Appointment, now: datetime) -> Deadline:
    """Return by when a person has read a note, counted in the opening hours of the appointment's place."""
    location = availability.current_catalogue().locations_by_id[appointment.location_id]
    return after_business_hours([location], now, ANSWER_BY_PERSON)
