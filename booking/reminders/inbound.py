"""What follows from a text that someone sends us: an answer at once, and a person where one is needed."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import force_locale

from booking.appointments import operations as appointment_operations
from booking.appointments.callbacks import CRISIS_WITHIN
from booking.appointments.contacts import get_language
from booking.appointments.models import Appointment
from booking.appointments.rules import Action, is_action_allowed
from booking.calendars import availability
from booking.calendars.deadlines import Deadline, after_business_hours
from booking.db.transactions import transaction
from booking.extensions import db
from booking.languages import ENGLISH, SPANISH
from booking.locations import operations as locations
from booking.locations.models import Location
from booking.messaging import inbound
from booking.messaging import operations as messaging
from booking.messaging.conversations import mark_dealt_with
from booking.messaging.inbound import InterpretedReply
from booking.messaging.operations import MessageDraft
from booking.messaging.rules import Channel, Reason, ReplyMeaning
from booking.patients.contacts import format_phone
from booking.patients.models import Patient
from booking.reminders.contexts import appointment_url, is_textable
from booking.reminders.persons import person_key
from booking.reminders.reply_contexts import (
    OwnWords,
    ReplyContext,
    get_reply_context,
    is_about_offer,
    is_mere_approval,
    read_in_context,
    read_own_words,
)
from booking.reminders.reply_texts import AnswerKind, MovePage, answer_text, choose_answer
from booking.reminders.texts import format_short_deadline, format_zone_time
from booking.reminders.topics import answer_topic
from booking.tasks import operations as tasks
from booking.tasks.models import Owner, TaskKind

ACTOR = "text"
ANSWER_BY_PERSON = timedelta(hours=4)  # of opening
TASK_FOR = {ReplyMeaning.CRISIS: TaskKind.CRISIS, ReplyMeaning.CHANGE: TaskKind.CHANGE_WANTED}
# Once an hour: it may be a machine that answers us.
ANSWERED_ONCE_AN_HOUR = frozenset({AnswerKind.UNCLEAR, AnswerKind.HELP, AnswerKind.WHO})
REPLY_USEFUL_FOR = timedelta(hours=1)


@transaction()
def receive_reply(
    provider_id: str, sender: str, recipient: str, body: str, now: datetime, media_count: int = 0
) -> ReplyMeaning | None:
    """Record a text, obey it, answer it; return what it means, None when it came before.

    1 confirms the appointment it is about (`get_reply_context`) and those named in the same text, unless
    the last text offered a sooner time, 2 asks for another time of one of them, crisis words tell a person
    at once, and what is unclear is read by one, as is a 1 when whose it is can't be told. STOP and START are
    obeyed for the number; the desk is told of a STOP that stops others' texts as well. What a text quotes
    of ours is none of its words: a thumb up to a question is a yes, to anything else asks for nothing.
    """
    own_words = read_own_words(sender, body)
    context = get_reply_context(sender, own_words.words, now)
    reply = inbound.record_inbound(
        *(provider_id, sender, recipient, body, now),
        meaningful_words=context.words,
        media_count=media_count,
    )
    if reply is None:
        return None
    meaning = read_in_context(reply.meaning, sender, own_words, now)
    if meaning is ReplyMeaning.CONFIRM and _confirms_nothing(reply, own_words, context, now):
        return meaning
    if meaning is ReplyMeaning.CONFIRM and context.appointment is not None:
        for appointment in (context.appointment, *context.named_beside):
            appointment_operations.confirm(appointment.id, now, ACTOR)
    elif meaning is ReplyMeaning.CONFIRM:
        meaning = ReplyMeaning.UNCLEAR
    deadline = _reply_deadline(context.appointment, now)
    if meaning in TASK_FOR or meaning is ReplyMeaning.UNCLEAR or _must_be_read(reply, context):
        _open_reply_task(reply, meaning, context, deadline, now)
    else:
        mark_dealt_with(reply.inbound_id, now)
    if answer := _choose_answer(reply, meaning, context):
        _enqueue_answer(reply, answer, context, deadline, now)
    return meaning


def _confirms_nothing(
    reply: InterpretedReply, own_words: OwnWords, context: ReplyContext, now: datetime
) -> bool:
    """Deal with a yes to no appointment: an offer is taken on its page, a mere thumb up asks nothing."""
    is_offer = is_about_offer(reply.sender, now)
    if not is_offer and not is_mere_approval(own_words, context):
        return False
    mark_dealt_with(reply.inbound_id, now)
    if is_offer:
        _enqueue_answer(reply, AnswerKind.USE_LINK, context, _reply_deadline(None, now), now)
    return True


def _must_be_read(reply: InterpretedReply, context: ReplyContext) -> bool:
    stops_others = reply.meaning is ReplyMeaning.STOP and len(context.sharing_patients) > 1
    return reply.needs_a_person or stops_others


def _open_reply_task(
    reply: InterpretedReply,
    meaning: ReplyMeaning,
    context: ReplyContext,
    deadline: Deadline,
    now: datetime,
) -> None:
    kind = TASK_FOR.get(meaning, TaskKind.READ_TEXT)
    appointment = context.appointment
    due_at = now + CRISIS_WITHIN if kind is TaskKind.CRISIS else deadline.at
    details: dict[str, Any] = {"appointment": appointment.id if appointment else None}
    if len(context.sharing_patients) > 1:
        details["patients"] = [patient.id for patient in context.sharing_patients]
    tasks.open_task(
        kind,
        Owner.FRONT_DESK,
        "inbound",
        reply.inbound_id,
        due_at,
        now,
        **details,
    )


def _reply_deadline(appointment: Appointment | None, now: datetime) -> Deadline:
    """Return by when a person has to have dealt with a text, counted in opening hours."""
    catalogue = availability.current_catalogue()
    locations_told = (
        [catalogue.locations_by_id[appointment.location_id]]
        if appointment
        else catalogue.locations.values()
    )
    return after_business_hours(locations_told, now, ANSWER_BY_PERSON)


def _choose_answer(
    reply: InterpretedReply, meaning: ReplyMeaning, context: ReplyContext
) -> AnswerKind | None:
    """Return the answer to a text; a 1 of which it can't be told whose it means is asked about."""
    asks_whose = reply.meaning is ReplyMeaning.CONFIRM and len(context.possible_names) > 1
    return AnswerKind.WHO if asks_whose else choose_answer(meaning)


def _enqueue_answer(
    reply: InterpretedReply,
    answer: AnswerKind,
    context: ReplyContext,
    deadline: Deadline,
    now: datetime,
) -> None:
    patient, location = _addressee(context.appointment)
    language = _answer_language(reply, context)
    messaging.enqueue(
        MessageDraft(
            topic=answer_topic(reply.inbound_id),
            revision=0,
            kind=f"answer_{answer}",
            channel=Channel.SMS,
            recipient=reply.sender,
            person=person_key(patient) if patient else "",
            body=_answer_text(answer, context, location, deadline, language, now),
            send_at=now,
            expires_at=now + REPLY_USEFUL_FOR,
            time_zone=location.time_zone,
            language=language,
            immediate=True,
            skip_reason=_no_answer_reason(reply.sender, answer, now),
        ),
        now,
    )


def _answer_language(reply: InterpretedReply, context: ReplyContext) -> str:
    """Return the language to answer in: Spanish to a text in it, else that in which they are written to.

    Of several who share a number and are written to in both, one who doesn't write Spanish reads English.
    """
    if reply.is_spanish:
        return SPANISH
    if context.appointment is not None:
        return get_language(context.appointment)
    languages = {patient.language for patient in context.sharing_patients}
    return languages.pop() if len(languages) == 1 else ENGLISH


def _addressee(appointment: Appointment | None) -> tuple[Patient | None, Location]:
    """Return whom a text's appointment is for, and which location answers: the first for anybody else."""
    if appointment is None:
        return None, locations.list_active_locations()[0]
    patient = db.session.get(Patient, appointment.patient_id)
    return patient, locations.get_location(appointment.location_id)


def _answer_text(
    answer: AnswerKind,
    context: ReplyContext,
    location: Location,
    deadline: Deadline,
    language: str,
    now: datetime,
) -> str:
    with force_locale(language):
        return answer_text(
            answer,
            location.neutral_name,
            format_phone(location.phone),
            format_short_deadline(deadline, language),
            context.recipient_name,
            context.possible_names,
            _list_move_pages(context, language, now),
        )


def _list_move_pages(context: ReplyContext, language: str, now: datetime) -> list[MovePage]:
    """Return the pages on which what a text may mean is moved; none where one of these can't be."""
    if context.appointment is None:
        return []
    meant = sorted((context.appointment, *context.named_beside), key=lambda each: each.starts_at)
    if not all(is_action_allowed(Action.MOVE, each.status, each.starts_at, now) for each in meant):
        return []
    return [MovePage(appointment_url(each), _format_start(each, language)) for each in meant]


def _format_start(appointment: Appointment, language: str) -> str:
    zone = locations.get_location(appointment.location_id).time_zone
    return format_zone_time(appointment.starts_at, ZoneInfo(zone), language)


def _no_answer_reason(sender: str, answer: AnswerKind, now: datetime) -> Reason | None:
    """Return why a text isn't answered; who may be in danger is answered wherever they are."""
    if answer is AnswerKind.CRISIS:
        return None
    if not is_textable(sender):
        return Reason.NOT_TEXTED
    since = now - REPLY_USEFUL_FOR
    is_repeated = answer in ANSWERED_ONCE_AN_HOUR and messaging.was_enqueued(
        sender, f"answer_{answer}", since
    )
    return Reason.DUPLICATE if is_repeated else None
