"""Answering by text what somebody texted: through the outbox, once, and only where it may go."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from booking.audit.rules import staff_actor
from booking.db.transactions import transaction
from booking.locations import operations as locations
from booking.messaging import conversations, opt_outs
from booking.messaging import operations as messaging
from booking.messaging.conversations import ConversationState, read_conversation_state
from booking.messaging.models import InboundMessage
from booking.messaging.operations import MessageDraft
from booking.messaging.rules import Channel
from booking.messaging.segments import to_gsm7
from booking.patients.models import Patient
from booking.reminders.contexts import is_textable
from booking.reminders.persons import patients_by_phone, person_key
from booking.reminders.topics import reply_topic
from booking.staff.models import Role
from booking.staff.operations import find_role
from booking.tasks import operations as tasks
from booking.tasks.assignments import assign_task
from booking.tasks.models import TaskKind

INBOUND = "inbound"  # what tasks about texts are about
REPLY = "reply"
SEND_WITHIN = timedelta(hours=4)  # later an answer would surprise
ANSWERED = "Answered by text"  # the note of a task that an answer closes
MAX_REPLY_LENGTH = 320  # characters; two parts of GSM-7 are 306


class ReplyProblem(StrEnum):
    """Why a number is not answered by text."""

    OPTED_OUT = "opted_out"
    NOT_SAFE = "not_safe"
    NOT_TEXTABLE = "not_textable"


@dataclass
class ReplyRefused(Exception):
    """An answer by text may not go: a person calls, or writes in another way."""

    problem: ReplyProblem


def find_reply_problem(phone: str, now: datetime) -> ReplyProblem | None:
    """Return why a number is not answered by text; of a shared one the strictest wish holds."""
    if not is_textable(phone):
        return ReplyProblem.NOT_TEXTABLE
    if opt_outs.is_opted_out(phone):
        return ReplyProblem.OPTED_OUT
    if not all(patient.safe_to_text for patient in list_patients_at(phone, now)):
        return ReplyProblem.NOT_SAFE
    return None


def list_patients_at(phone: str, now: datetime) -> list[Patient]:
    """Return who is reached at a number."""
    return patients_by_phone([phone], now)[phone]


def get_conversation_state(phone: str) -> ConversationState:
    """Return where the conversation with a number stands."""
    topics = [reply_topic(text_id) for text_id in conversations.list_text_ids(phone)]
    return read_conversation_state(phone, topics)


@transaction()
def open_conversation(text: InboundMessage, staff_id: int, now: datetime) -> None:
    """Record that somebody reads the texts of a number, and takes the crises among them on."""
    conversations.mark_read(text.sender, staff_id, now)
    text_ids = conversations.list_text_ids(text.sender)
    for task in tasks.list_tasks_about(TaskKind.CRISIS, INBOUND, text_ids):
        if task.done_at is None and task.assigned_to_id is None:
            assign_task(task.id, staff_id, staff_id, now)


@transaction()
def reply_by_text(text: InboundMessage, body: str, staff_id: int, now: datetime) -> None:
    """Owe an answer to a text; what was to be read is read and done. Raises `ReplyRefused`.

    Somebody in danger is called all the same, and who wants another time still has to be given one.
    """
    if problem := find_reply_problem(text.sender, now):
        raise ReplyRefused(problem)
    messaging.enqueue(_draft_reply(text, body, now), now)
    open_conversation(text, staff_id, now)
    text_ids = conversations.list_text_ids(text.sender)
    is_practitioner = find_role(staff_actor(staff_id)) is Role.PRACTITIONER
    for task in tasks.list_tasks_about(TaskKind.READ_TEXT, INBOUND, text_ids):
        tasks.finish_task(task.id, staff_id, ANSWERED, now, is_practitioner=is_practitioner)


def _draft_reply(text: InboundMessage, body: str, now: datetime) -> MessageDraft:
    patients = list_patients_at(text.sender, now)
    topic = reply_topic(text.id)
    return MessageDraft(
        topic=topic,
        revision=messaging.next_revision(topic),
        kind=REPLY,
        channel=Channel.SMS,
        recipient=text.sender,
        person=person_key(patients[0]) if len(patients) == 1 else "",
        body=to_gsm7(body),
        send_at=now,
        expires_at=now + SEND_WITHIN,
        time_zone=locations.list_active_locations()[0].time_zone,
        language=patients[0].language if patients else "en",
        immediate=True,
    )
