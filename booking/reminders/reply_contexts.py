"""Which appointment a text from a number is about, and whose: several patients may share the number."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from booking.appointments.models import Appointment
from booking.appointments.rules import Status
from booking.extensions import db
from booking.messaging import conversations
from booking.messaging import operations as messaging
from booking.messaging.models import Message
from booking.messaging.quotes import split_quote
from booking.messaging.reply_meanings import classify_reply, normalize
from booking.messaging.rules import ReplyMeaning
from booking.patients import operations as patients
from booking.patients.models import Patient
from booking.reminders.persons import patients_by_phone, short_names_on_shared_number
from booking.reminders.rules import MessageKind
from booking.reminders.topics import (
    APPOINTMENT,
    OFFER,
    REPLY,
    RESENT,
    appointment_topic,
    locations_by_appointment,
    parse_topic,
    told_sequence,
)

MAX_QUOTABLE = 30  # the latest texts to a number: nobody reacts to older ones
REPLY_WITHIN = timedelta(days=7)  # an answer that comes later is about something else
OFFER_REPLY_WITHIN = timedelta(days=1)
BARE_ANSWERS = (ReplyMeaning.CONFIRM, ReplyMeaning.CHANGE)


@dataclass(frozen=True, slots=True)
class ReplyContext:
    """What a text that came in may be about.

    `appointment` is the one it is about, None with several names in `asked`: it can't be told which of these
    it means. `recipient_name` is its patient's short name on a shared number, `sharing_patients` are reached
    there, `words` is the text without the name that it gives. `named_beside` were named in the same text as
    `appointment`: an answer means them, too.
    """

    appointment: Appointment | None
    recipient_name: str
    possible_names: Sequence[str]
    sharing_patients: Sequence[Patient]
    words: str
    named_beside: Sequence[Appointment] = ()


@dataclass(frozen=True, slots=True)
class OwnWords:
    """What a text that came in says itself, and the text of ours that it quotes, if any."""

    words: str
    quoted: Message | None


def read_own_words(phone: str, body: str) -> OwnWords:
    """Return a text from a number without what it quotes of ours, as a reaction to it does."""
    texts = conversations.list_texts_to(phone, MAX_QUOTABLE)
    quoting = split_quote(body, [text.body for text in texts])
    quoted = next((text for text in texts if text.body == quoting.quoted), None)
    return OwnWords(quoting.words, quoted)


def is_mere_approval(own_words: OwnWords, context: ReplyContext) -> bool:
    """Tell whether a yes is a reaction to a text that asked for none, or not about what it would confirm."""
    if own_words.quoted is None:
        return False
    kind, number = parse_topic(own_words.quoted.topic)
    if kind not in (APPOINTMENT, RESENT) or own_words.quoted.kind != MessageKind.DAY_BEFORE:
        return True
    return context.appointment is not None and context.appointment.id != number


def get_reply_context(phone: str, body: str, now: datetime) -> ReplyContext:
    """Return what a text from a number is about: on a shared one only where that is beyond doubt.

    That whose reminder asked for an answer last, else the one last texted of. With several patients
    asked at one number, the text has to say whose it means, by the initials that it was asked with.
    """
    sharing_patients = patients_by_phone([phone], now)[phone]
    names = short_names_on_shared_number(sharing_patients)
    named_id, words = _named(body, names)
    if named_id is None:
        named_id, words = _called(body, sharing_patients)
    appointments = _asked(phone, MessageKind.DAY_BEFORE, now) or _asked(phone, None, now)
    if named_id is not None:
        all_appointments = [*appointments, *_asked(phone, None, now)]
        appointments = [
            appointment for appointment in all_appointments if _patient_id(appointment) == named_id
        ]
    persons = list(dict.fromkeys(_patient_id(appointment) for appointment in appointments))
    choices = [names.get(person, "") for person in persons]
    if len(persons) != 1:
        return ReplyContext(None, "", choices, sharing_patients, words)
    appointment, beside = appointments[0], _list_named_beside(phone, appointments[0], now)
    return ReplyContext(appointment, choices[0], choices, sharing_patients, words, beside)


def read_in_context(
    meaning: ReplyMeaning, phone: str, own_words: OwnWords, now: datetime
) -> ReplyMeaning:
    """Return what a text means; a yes to what the desk wrote is for the desk to read."""
    is_for_desk = meaning is ReplyMeaning.CONFIRM and _answers_desk(phone, own_words, now)
    return ReplyMeaning.UNCLEAR if is_for_desk else meaning


def _answers_desk(phone: str, own_words: OwnWords, now: datetime) -> bool:
    """Tell whether a yes in words, or a reaction, is to what the desk wrote: it may have asked anything."""
    if own_words.quoted is not None:
        return parse_topic(own_words.quoted.topic)[0] == REPLY
    topics = messaging.list_topics_sent_to(phone, now - OFFER_REPLY_WITHIN)
    is_after_reply = bool(topics) and parse_topic(topics[0])[0] == REPLY
    return is_after_reply and normalize(own_words.words) != "1"


def is_about_offer(phone: str, now: datetime) -> bool:
    """Tell whether the last text to a number offered a sooner time: a "yes" then means that one."""
    topics = messaging.list_topics_sent_to(phone, now - OFFER_REPLY_WITHIN)
    return bool(topics) and parse_topic(topics[0])[0] == OFFER


def _asked(phone: str, kind: MessageKind | None, now: datetime) -> list[Appointment]:
    """Return the appointments to come that a number was lately texted of, the last texted of first."""
    numbers = [
        number
        for topic in messaging.list_topics_sent_to(phone, now - REPLY_WITHIN, kind and kind.value)
        for topic_kind, number in [parse_topic(topic)]
        if topic_kind == APPOINTMENT
    ]
    return _list_to_come(numbers, now)


def _list_to_come(numbers: Iterable[int], now: datetime) -> list[Appointment]:
    appointments = [db.session.get(Appointment, number) for number in numbers]
    return [
        appointment
        for appointment in appointments
        if appointment is not None
        and appointment.status is Status.BOOKED
        and appointment.starts_at > now
    ]


def _list_named_beside(phone: str, appointment: Appointment, now: datetime) -> list[Appointment]:
    """Return what else the last text about an appointment to a number named, where it stands as it said."""
    texts = messaging.list_sent([appointment_topic(appointment.id)])
    text = next((text for text in texts if text.recipient == phone), None)
    if text is None:
        return []
    numbers = set(locations_by_appointment(text.topic, text.details)) - {appointment.id}
    return [
        beside
        for beside in _list_to_come(sorted(numbers), now)
        if told_sequence(beside.id, -1, text.details) == beside.sequence
    ]


def _patient_id(appointment: Appointment) -> int:
    return patients.get_merged_patient(db.session.get_one(Patient, appointment.patient_id)).id


def _named(body: str, names: dict[int, str]) -> tuple[int | None, str]:
    """Return whose name a text gives, if one person's, and the text without it."""
    text = normalize(body)
    matches = {
        patient_id: remainder
        for patient_id, name in names.items()
        if (remainder := _without(text, normalize(name))) is not None
    }
    if len(matches) != 1:
        return None, body
    ((patient_id, remainder),) = matches.items()
    return patient_id, remainder


def _called(body: str, sharing_patients: Sequence[Patient]) -> tuple[int | None, str]:
    """Return whose given name stands beside a bare yes or no, as in "1 Anna", and that word.

    Beside other words it may be no name ("will be late"), or that of somebody who is spoken of.
    """
    names = {patient.id: patient.contact.greeting_name for patient in sharing_patients}
    patient_id, words = _named(body, names if len(names) > 1 else {})
    is_bare = len(words.split()) == 1 and classify_reply(words, opted_out=False) in BARE_ANSWERS
    return (patient_id, words) if is_bare else (None, body)


def _without(text: str, name: str) -> str | None:
    """Return the text without a name at its beginning or end: "1 m s" and "1 ms" both name M.S."""
    letters = r"\s?".join(re.escape(part) for part in name.split())
    match = re.fullmatch(
        rf"(?:(?:for\s)?{letters}\s(?P<after>.+)|(?P<before>.+?)\s(?:for\s)?{letters})", text
    )
    if match is None:
        return None
    return match["after"] or match["before"]
