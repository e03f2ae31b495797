"""What follows from a text that someone sends us: an answer at once, and a person where one is needed."""

from datetime import datetime, timedelta

from flask_babel import force_locale

from booking.appointments import operations as appointments
from booking.appointments.models import Appointment
from booking.calendars import offering
from booking.calendars.deadlines import after_open_hours
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
from booking.reminders.operations import visit_for_reply
from booking.reminders.texts import answers
from booking.tasks import operations as tasks
from booking.tasks.models import Owner, TaskKind

ACTOR = "text"
AT_ONCE = timedelta(minutes=15)  # someone is in danger: by the clock, open or not
ANSWER_BY_PERSON = timedelta(hours=4)  # of opening
TASK_FOR = {Meaning.CRISIS: TaskKind.CRISIS, Meaning.CHANGE: TaskKind.CHANGE_WANTED}
SILENT = frozenset({Meaning.STOP, Meaning.START})  # the provider answers these itself
BRAKED = frozenset(
    {Meaning.UNCLEAR, Meaning.HELP}
)  # once an hour: it may be a machine that answers us
ANSWER_WITHIN = timedelta(hours=1)


@transaction()
def receive(
    provider_id: str, sender: str, recipient: str, body: str, now: datetime
) -> Meaning | None:
    """Record a text, obey it, answer it; return what it means, None when it came before.

    1 confirms the visit last texted of, 2 asks for a call, crisis words tell a person at once, and what is
    unclear is read by one. STOP and START are obeyed for the number, whoever else shares it.
    """
    understood = incoming.record_inbound(provider_id, sender, recipient, body, now)
    if understood is None:
        return None
    visit = visit_for_reply(sender, now)
    meaning = understood.meaning
    if meaning is Meaning.CONFIRM and visit is not None:
        appointments.confirm(visit.id, now, ACTOR)
    elif meaning is Meaning.CONFIRM:
        meaning = Meaning.UNCLEAR
    if understood.needs_a_person or meaning in TASK_FOR or meaning is Meaning.UNCLEAR:
        _tell_a_person(understood, meaning, visit, now)
    if meaning not in SILENT:
        _answer(understood, meaning, visit, now)
    return meaning


def _tell_a_person(
    understood: Understood, meaning: Meaning, visit: Appointment | None, now: datetime
) -> None:
    kind = TASK_FOR.get(meaning, TaskKind.READ_TEXT)
    due_at = now + AT_ONCE if kind is TaskKind.CRISIS else _answered_by(visit, now)
    tasks.open_task(
        kind,
        Owner.FRONT_DESK,
        "inbound",
        understood.inbound_id,
        due_at,
        now,
        appointment=visit.id if visit else None,
    )


def _answered_by(visit: Appointment | None, now: datetime) -> datetime:
    """Return by when a person has to have dealt with a text, counted in opening hours."""
    known = offering.catalogue()
    places = [known.places_by_id[visit.location_id]] if visit else known.places.values()
    return after_open_hours(places, now, ANSWER_BY_PERSON).at


def _answer(
    understood: Understood, meaning: Meaning, visit: Appointment | None, now: datetime
) -> None:
    place = locations.by_id(visit.location_id) if visit else locations.all_active()[0]
    language = "en"
    if visit is not None and visit.patient_id is not None:
        language = db.session.get_one(Patient, visit.patient_id).language
    kind = f"answer_{meaning.value}"
    again = meaning in BRAKED and messaging.was_owed(understood.sender, kind, now - ANSWER_WITHIN)
    with force_locale(language):
        body = answers(place.neutral_name, show_phone(place.phone))[meaning.value]
    messaging.owe(
        Owed(
            topic=f"inbound:{understood.inbound_id}",
            revision=0,
            kind=kind,
            channel=Channel.SMS,
            recipient=understood.sender,
            body=body,
            send_at=now,
            expires_at=now + ANSWER_WITHIN,
            time_zone=place.time_zone,
            language=language,
            immediate=True,
            skipped=Reason.DUPLICATE if again else None,
        ),
        now,
    )
