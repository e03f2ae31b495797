"""What follows from a text that someone sends us: an answer at once, and a person where one is needed."""

from datetime import datetime, timedelta
from typing import Any

from flask_babel import force_locale

from booking.appointments import operations as appointments
from booking.appointments.models import Appointment
from booking.calendars import offering
from booking.calendars.deadlines import Deadline, after_open_hours
from booking.db import transaction
from booking.extensions import db
from booking.locations import operations as locations
from booking.messaging import incoming
from booking.messaging import operations as messaging
from booking.messaging.incoming import Understood
from booking.messaging.operations import Owed
from booking.messaging.rules import Channel, Meaning, Reason
from booking.patients.contacts import show_phone
from booking.patients.models import Patient
from booking.reminders.answer_texts import answers
from booking.reminders.persons import person_of
from booking.reminders.replies import ReplyContext, context_of
from booking.reminders.texts import deadline_of
from booking.reminders.wording import is_texted
from booking.tasks import operations as tasks
from booking.tasks.models import Owner, TaskKind

ACTOR = "text"
AT_ONCE = timedelta(minutes=15)  # someone is in danger: by the clock, open or not
ANSWER_BY_PERSON = timedelta(hours=4)  # of opening
TASK_FOR = {Meaning.CRISIS: TaskKind.CRISIS, Meaning.CHANGE: TaskKind.CHANGE_WANTED}
SILENT = frozenset({Meaning.STOP, Meaning.START})  # the provider answers these itself
WHOSE = "who"  # the answer that asks whose visit is meant
# Once an hour: it may be a machine that answers us.
BRAKED = frozenset({Meaning.UNCLEAR.value, Meaning.HELP.value, WHOSE})
ANSWER_WITHIN = timedelta(hours=1)


@transaction()
def receive(
    provider_id: str, sender: str, recipient: str, body: str, now: datetime
) -> Meaning | None:
    """Record a text, obey it, answer it; return what it means, None when it came before.

    1 confirms the visit it is about (replies.context_of), 2 asks for a call, crisis words tell a person at
    once, and what is unclear is read by one, a 1 too when it can't be told whose visit it means. STOP and
    START are obeyed for the number; the desk is told of a STOP that stops others' texts as well.
    """
    context = context_of(sender, body, now)
    understood = incoming.record_inbound(
        provider_id, sender, recipient, body, now, words=context.words
    )
    if understood is None:
        return None
    meaning = understood.meaning
    if meaning is Meaning.CONFIRM and context.appointment is not None:
        appointments.confirm(context.appointment.id, now, ACTOR)
    elif meaning is Meaning.CONFIRM:
        meaning = Meaning.UNCLEAR
    due = _answered_by(context.appointment, now)
    if meaning in TASK_FOR or meaning is Meaning.UNCLEAR or _must_be_read(understood, context):
        _tell_a_person(understood, meaning, context, due, now)
    if meaning not in SILENT:
        _answer(understood, meaning, context, due, now)
    return meaning


def _must_be_read(understood: Understood, context: ReplyContext) -> bool:
    stops_others = understood.meaning is Meaning.STOP and len(context.sharing) > 1
    return understood.needs_a_person or stops_others


def _tell_a_person(
    understood: Understood, meaning: Meaning, context: ReplyContext, due: Deadline, now: datetime
) -> None:
    kind = TASK_FOR.get(meaning, TaskKind.READ_TEXT)
    visit = context.appointment
    due_at = now + AT_ONCE if kind is TaskKind.CRISIS else due.at
    details: dict[str, Any] = {"appointment": visit.id if visit else None}
    if len(context.sharing) > 1:
        details["patients"] = [patient.id for patient in context.sharing]
    tasks.open_task(
        kind,
        Owner.FRONT_DESK,
        "inbound",
        understood.inbound_id,
        due_at,
        now,
        **details,
    )


def _answered_by(visit: Appointment | None, now: datetime) -> Deadline:
    """Return by when a person has to have dealt with a text, counted in opening hours."""
    known = offering.catalogue()
    places = [known.places_by_id[visit.location_id]] if visit else known.places.values()
    return after_open_hours(places, now, ANSWER_BY_PERSON)


def _answer(
    understood: Understood, meaning: Meaning, context: ReplyContext, due: Deadline, now: datetime
) -> None:
    visit = context.appointment
    place = locations.by_id(visit.location_id) if visit else locations.all_active()[0]
    patient = db.session.get(Patient, visit.patient_id) if visit else None
    language = patient.language if patient else "en"
    answer = meaning.value
    if understood.meaning is Meaning.CONFIRM and len(context.asked) > 1:
        answer = WHOSE
    kind = f"answer_{answer}"
    with force_locale(language):
        phone, by = show_phone(place.phone), deadline_of(due, language)
        body = answers(place.neutral_name, phone, by, context.called, context.asked)[answer]
    messaging.owe(
        Owed(
            topic=f"inbound:{understood.inbound_id}",
            revision=0,
            kind=kind,
            channel=Channel.SMS,
            recipient=understood.sender,
            person=person_of(patient) if patient else "",
            body=body,
            send_at=now,
            expires_at=now + ANSWER_WITHIN,
            time_zone=place.time_zone,
            language=language,
            immediate=True,
            skipped=_why_silent(understood.sender, answer, now),
        ),
        now,
    )


def _why_silent(sender: str, answer: str, now: datetime) -> Reason | None:
    """Return why a text isn't answered; who may be in danger is answered wherever they are."""
    if answer == Meaning.CRISIS.value:
        return None
    if not is_texted(sender):
        return Reason.NOT_TEXTED
    since = now - ANSWER_WITHIN
    again = answer in BRAKED and messaging.was_owed(sender, f"answer_{answer}", since)
    return Reason.DUPLICATE if again else None
