"""Turning a time and a person into a booked visit: online, through the API, and at the desk."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import delete, select

from booking.appointments import calls
from booking.appointments import operations as appointments
from booking.appointments.bookers import identify_booker
from booking.appointments.contacts import keep_contact
from booking.appointments.holds import HoldGone, new_visit, require_offered, require_time, secure
from booking.appointments.models import Appointment, BookingDraft
from booking.appointments.rules import Origin, Status
from booking.appointments.shown import NOTHING_SHOWN, Shown, require_shown
from booking.appointments.visits import FlagOpen, settle_on
from booking.calendars import offering
from booking.calendars import operations as calendars
from booking.calendars.offering import Slot
from booking.calendars.places import Place
from booking.db import transaction
from booking.extensions import db
from booking.patients import operations as patients
from booking.patients.models import Patient
from booking.patients.operations import Identified
from booking.patients.rules import Contact
from booking.screening import operations as screening
from booking.screening.models import FlagKind
from booking.screening.operations import Answers
from booking.screening.rules import Judgement, ScreeningOutcome

NEARBY_DAYS = 14  # how far alternatives to a time that went are looked for


@dataclass(frozen=True, slots=True)
class Told:
    """What someone told us to book: who it is for, the safety answers, and "may we text you?".

    `wording` is what consent was asked in.
    """

    contact: Contact
    given: Answers
    sms_consent: bool
    wording: str


@dataclass(frozen=True, slots=True)
class BookingRequest:
    """All that is needed to book at once; `starts_at` in UTC."""

    service: str
    location: str
    starts_at: datetime
    told: Told


@dataclass(frozen=True, slots=True)
class Booked:
    """The visit is booked, at this place."""

    appointment: Appointment
    place: Place


@dataclass(frozen=True, slots=True)
class Stopped:
    """The answers don't lead to a booking; `outcome` says where they lead."""

    outcome: ScreeningOutcome


@transaction()
def book(request: BookingRequest, now: datetime) -> Booked | Stopped:
    """Book a slot in one step, as the API does.

    Raises `SlotTaken`, `UnknownName`, `AnswersError`, `VersionError`, `NotBookable`.
    """
    known = offering.catalogue()
    offer = offering.find_offer(known, request.service)
    place = offering.find_place(known, request.location)
    day = request.starts_at.astimezone(place.zone).date()
    told = request.told
    judgement = screening.judge_answers(known.questions, told.given, day)
    if stop := _stop(judgement, told, place, request.starts_at, now):
        return stop
    require_offered(place, offer, request.starts_at, now)
    identified = _who_may_book(told, now, Origin.API)
    visit = new_visit(place, offer, offer.demand, request.starts_at, now, Origin.API)
    settle_on(visit, identified.patient, now, Origin.API)
    calendars.claim(visit.id, place, offer.demand, request.starts_at, now)
    _keep_what_was_told(visit, identified, told, judgement, now)
    return Booked(visit, place)


@transaction()
def book_held(
    token: str, now: datetime, flag_id: int | None = None, shown: Shown = NOTHING_SHOWN
) -> Booked | Stopped:
    """Book the time held under `token` with what was answered and typed under it, as it was `shown`.

    Pressed twice, it books once. `flag_id` is a flag that the same browser raised a moment ago:
    answering again doesn't clear it. Raises `StaleVersion`, `SlotTaken`, `HoldGone`, `NotBookable`.
    """
    held = db.session.scalar(select(Appointment).filter_by(token=token).with_for_update())
    if held is None or held.status not in (Status.PENDING, Status.BOOKED):
        raise HoldGone(token)
    known = offering.catalogue()
    place = known.places_by_id[held.location_id]
    if held.status is Status.BOOKED:
        return Booked(held, place)
    require_shown(held, shown)
    told = _told_under(held)
    judgement = screening.judge_answers(known.questions, told.given, held.local_date)
    if stop := _stop(judgement, told, place, held.starts_at, now, flag_id):
        return stop
    require_time(held, now)
    identified = _who_may_book(told, now, held.origin)
    secure(held, None, now)
    settle_on(held, identified.patient, now, held.origin)
    _keep_what_was_told(held, identified, told, judgement, now)
    db.session.execute(delete(BookingDraft).filter_by(appointment_id=held.id))
    return Booked(held, place)


def _told_under(held: Appointment) -> Told:
    """Return what was told step by step under a hold. Raises `HoldGone` when a step is missing."""
    draft, kept = db.session.get(BookingDraft, held.id), screening.answers_under(held.id)
    if draft is None or kept is None:
        raise HoldGone(held.token)
    return Told(
        Contact.from_data(draft.details["contact"]),
        Answers(kept.version, kept.answers, kept.birth_date),
        draft.details["sms_consent"],
        draft.details["wording"],
    )


def _stop(
    judgement: Judgement,
    told: Told,
    place: Place,
    starts_at: datetime,
    now: datetime,
    flag_id: int | None = None,
) -> Stopped | None:
    """Return where the answers lead instead of to a booking.

    Whoever raised a flag in this very browser is told the same again.
    """
    contact, born = told.contact, told.given.birth_date
    outcome = judgement.outcome
    if outcome.books and screening.is_open_for(flag_id, born):
        return Stopped(ScreeningOutcome.CALL_FIRST)
    if judgement.calls_first:
        flag_answers(FlagKind.CALL_FIRST, judgement, contact, born, now, Origin.API)
    if outcome is ScreeningOutcome.CALL_FIRST and contact.phone:
        name = f"{contact.given_name} {contact.family_name}"
        calls.ask_to_call_first(name, contact.phone, now, place=place, wanted_start=starts_at)
    return None if outcome.books else Stopped(outcome)


def _who_may_book(told: Told, now: datetime, origin: Origin) -> Identified:
    """Return the record of who books. Raises `FlagOpen`, `TooManyAppointments`.

    Nobody is looked for before the time was found free: of a taken one, asked for as often as anyone
    likes, no answer and no time it takes says who is known here (invariant 14).
    """
    contact, born = told.contact, told.given.birth_date
    if screening.must_be_called_first(contact, born):
        raise FlagOpen
    return identify_booker(contact, born, now, origin)


def _keep_what_was_told(
    visit: Appointment, identified: Identified, told: Told, judgement: Judgement, now: datetime
) -> None:
    """Keep where messages go, the answers, what a person has to look at, and "may we text you?"."""
    contact, given, patient = told.contact, told.given, identified.patient
    keep_contact(visit, identified, contact, now)
    screening.keep_answers(visit.id, given, judgement.outcome, now, patient_id=patient.id)
    flag_answers(
        FlagKind.SEEN_AT_VISIT, judgement, contact, given.birth_date, now, visit.origin, patient
    )
    if contact.phone is None:
        return
    is_known = patient.created_at < now
    if is_known and patients.may_text(patient.id, contact.phone) is not told.sms_consent:
        appointments.look_again(patient.id, now)
    patients.record_consent(patient, contact.phone, told.wording, now, granted=told.sms_consent)


def flag_answers(
    kind: FlagKind,
    judgement: Judgement,
    contact: Contact,
    birth_date: date,
    now: datetime,
    actor: str,
    patient: Patient | None = None,
) -> None:
    """Keep that someone must look at what was answered with yes, if anything was."""
    if judgement.yes:
        patient_id = patient.id if patient else None
        screening.raise_flag(
            kind, judgement.yes, birth_date, now, actor,
            contact=contact, patient_id=patient_id, is_verified=actor not in (Origin.ONLINE, Origin.API),
        )  # fmt: skip


def nearest_slots(
    service: str,
    starts_at: datetime,
    now: datetime,
    *,
    location: str | None = None,
    count: int = 4,
) -> list[Slot]:
    """Return the `count` free slots nearest in time to one that went, at `location` or at all."""
    day = starts_at.date()
    found = offering.slots(
        service,
        [location] if location else None,
        day - timedelta(days=NEARBY_DAYS),
        day + timedelta(days=NEARBY_DAYS),
        now,
    )
    # The one asked for is left out though it be free: who is busy then is nobody's business.
    others = [slot for slot in found if (slot.starts_at, slot.place.slug) != (starts_at, location)]
    return sorted(others, key=lambda slot: abs(slot.starts_at - starts_at))[:count]
