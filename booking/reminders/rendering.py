"""What messages about visits say, made of the facts when they are planned and again when they are sent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask_babel import force_locale
from sqlalchemy import select

from booking.appointments.contacts import contact_of
from booking.appointments.ics import Method, calendar_file
from booking.appointments.misfits import impossible_among
from booking.appointments.models import Appointment
from booking.appointments.rules import Status
from booking.extensions import db
from booking.locations import operations as locations
from booking.messaging.rendering import Draft, Rendered
from booking.messaging.rules import Channel
from booking.patients import operations as patients
from booking.patients.models import Patient
from booking.patients.rules import Contact
from booking.reminders.list_texts import list_words
from booking.reminders.persons import names_on_shared, patients_at
from booking.reminders.rules import Kind
from booking.reminders.texts import words
from booking.reminders.topics import APPOINTMENT, SERIES, place_last_told, places_of, topic_parts
from booking.reminders.wording import organizer, wording

WITH_CALENDAR = {
    Kind.CONFIRMATION: Method.REQUEST,
    Kind.MOVED: Method.REQUEST,
    Kind.CANCELLATION: Method.CANCEL,
}
# An invitation is for one UID alone (RFC 5546, 3.2.2): several visits go as a file to be imported.
LIST_TYPE = f"text/calendar; method={Method.PUBLISH.value}; name=visits.ics"


@dataclass(frozen=True, slots=True)
class News:
    """What one message tells: of one visit, or in a list of several; all of one patient, by time.

    It addresses `contact`, as named for the visit. `called` names the patient where others share the number,
    `new_place` says that the visit was moved to another location.
    """

    kind: Kind
    channel: Channel
    recipient: str
    patient: Patient
    contact: Contact
    visits: Sequence[Appointment]
    in_list: bool = False
    called: str = ""
    new_place: bool = False


def say(news: News, now: datetime) -> Rendered:
    """Return the words that are true now, in the patient's language, until midnight at the location."""
    first = news.visits[0]
    zone = ZoneInfo(locations.by_id(first.location_id).time_zone)
    about = wording(
        first,
        news.contact,
        news.visits if news.in_list else (),
        today=now.astimezone(zone).date(),
        called=news.called,
        new_place=news.new_place,
    )
    with force_locale(news.contact.language):
        say_it = list_words if news.in_list else words
        said = say_it(news.kind, news.channel, about)
        attachment, its_type = _calendar(news, now)
    midnight = datetime.combine(about.today + timedelta(days=1), time.min, zone)
    return Rendered(said.subject, said.body, attachment, its_type, midnight.astimezone(UTC))


def _calendar(news: News, now: datetime) -> tuple[str | None, str | None]:
    """Return the calendar file that goes with an e-mail, and its MIME type."""
    method = WITH_CALENDAR.get(news.kind) if news.channel is Channel.EMAIL else None
    if method is None:
        return None, None
    if news.in_list:
        return calendar_file(news.visits, Method.PUBLISH, now, organizer=organizer()), LIST_TYPE
    file = calendar_file(news.visits, method, now, organizer=organizer(), attendee=news.recipient)
    return file, f"text/calendar; method={method.value}"


def called_on(phone: str, patient: Patient, now: datetime) -> str:
    """Return what a patient is called in texts to a number: nothing unless others share it."""
    return names_on_shared(patients_at([phone], now)[phone]).get(patient.id, "")


def render(drafts: Sequence[Draft], now: datetime) -> Mapping[int, Rendered | None]:
    """Return the words of messages about visits as they are true now; None for what is no longer so.

    A visit that can't take place is told of by a person alone; answers to texts keep the words they
    were owed with.
    """
    about = {draft.id: places_of(draft.topic, draft.details) for draft in drafts}
    visits = _read({number for numbers in about.values() for number in numbers})
    impossible = impossible_among(visits.keys())
    phones = {draft.recipient for draft in drafts if draft.channel is Channel.SMS}
    names = {phone: names_on_shared(some) for phone, some in patients_at(phones, now).items()}
    rendered: dict[int, Rendered | None] = {}
    for draft in drafts:
        if about[draft.id]:
            possible = [number for number in about[draft.id] if number not in impossible]
            standing = [visits[number] for number in possible if number in visits]
            news = _news(draft, [one for one in standing if _is_true(draft, one, now)], names)
            rendered[draft.id] = say(news, now) if news else None
    return rendered


def _read(numbers: set[int]) -> dict[int, Appointment]:
    fresh = select(Appointment).where(Appointment.id.in_(numbers))
    rows = db.session.scalars(fresh.execution_options(populate_existing=True))
    return {visit.id: visit for visit in rows}


def _is_true(draft: Draft, visit: Appointment, now: datetime) -> bool:
    """Tell whether a visit is as a message tells: to come, and booked or cancelled since its revision."""
    told = Status.CANCELLED if draft.kind == Kind.CANCELLATION.value else Status.BOOKED
    kind, _ = topic_parts(draft.topic)
    unmoved = visit.sequence == draft.revision if kind == APPOINTMENT else True
    return visit.starts_at > now and visit.status is told and unmoved


def _news(
    draft: Draft, visits: Sequence[Appointment], names: Mapping[str, Mapping[int, str]]
) -> News | None:
    if not visits or visits[0].patient_id is None:
        return None
    patient = patients.survivor(db.session.get_one(Patient, visits[0].patient_id))
    kind, _ = topic_parts(draft.topic)
    return News(
        Kind(draft.kind),
        draft.channel,
        draft.recipient,
        patient,
        contact_of(visits[0], patient),
        sorted(visits, key=lambda visit: visit.starts_at),
        in_list=kind == SERIES,
        called=names.get(draft.recipient, {}).get(patient.id, ""),
        new_place=draft.kind == Kind.MOVED.value and is_new_place(visits[0]),
    )


def is_new_place(visit: Appointment) -> bool:
    """Tell whether a visit is now at another location than its patient was last told."""
    return place_last_told(visit) not in (None, visit.location_id)
