"""Turning a time and a person into a booked appointment: online, through the API, and at the desk."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import delete, select

from booking.appointments import callbacks
from booking.appointments import operations as appointment_operations
from booking.appointments.contacts import save_appointment_contact
from booking.appointments.hold_snapshots import NOTHING_SHOWN, HoldSnapshot, require_unchanged
from booking.appointments.holds import (
    HoldNotFound,
    renew_claims,
    require_hold_time_free,
    require_slot_offered,
)
from booking.appointments.models import Appointment, BookingDraft
from booking.appointments.online_patients import identify_online_patient
from booking.appointments.patient_booking import OpenFlag, confirm_booking
from booking.appointments.pending import build_pending_appointment
from booking.appointments.rules import Origin, Status
from booking.calendars import availability
from booking.calendars import operations as calendars
from booking.calendars.location_calendars import LocationCalendar
from booking.db.transactions import transaction
from booking.extensions import db
from booking.patients import operations as patients
from booking.patients.models import Patient
from booking.patients.operations import IdentifiedPatient
from booking.patients.rules import Contact
from booking.screening import flags
from booking.screening import operations as screening
from booking.screening.models import FlagKind
from booking.screening.operations import ScreeningAnswers
from booking.screening.rules import ScreeningOutcome, ScreeningResult


@dataclass(frozen=True, slots=True)
class BookingDetails:
    """What someone told us to book: who it is for, the safety answers, and "may we text you?".

    `wording` is what consent was asked in.
    """

    contact: Contact
    given: ScreeningAnswers
    sms_consent: bool
    wording: str


@dataclass(frozen=True, slots=True)
class BookingRequest:
    """All that is needed to book at once; `starts_at` in UTC."""

    service: str
    location: str
    starts_at: datetime
    details: BookingDetails


@dataclass(frozen=True, slots=True)
class Booked:
    """The appointment is booked, at this place."""

    appointment: Appointment
    place: LocationCalendar


@dataclass(frozen=True, slots=True)
class NotBooked:
    """The answers don't lead to a booking; `outcome` says where they lead."""

    outcome: ScreeningOutcome


@transaction()
def book_slot(request: BookingRequest, now: datetime) -> Booked | NotBooked:
    """Book a slot in one step, as the API does.

    Raises `SlotTaken`, `UnknownSlug`, `IncompleteAnswers`, `OutdatedQuestions`, `PatientNotBookable`.
    """
    known = availability.current_catalogue()
    offer = availability.find_service(known, request.service)
    place = availability.find_location(known, request.location)
    day = request.starts_at.astimezone(place.zone).date()
    told = request.details
    judgement = screening.evaluate_answers(known.questions, told.given, day)
    if stop := _refuse_booking(judgement, told, place, request.starts_at, now):
        return stop
    require_slot_offered(place, offer, request.starts_at, now)
    identified = _who_may_book(told, now, Origin.API)
    appointment = build_pending_appointment(
        place, offer, offer.demand, request.starts_at, now, Origin.API
    )
    confirm_booking(appointment, identified.patient, now, Origin.API)
    calendars.claim_resources(appointment.id, place, offer.demand, request.starts_at, now)
    _record_details(appointment, identified, told, judgement, now)
    return Booked(appointment, place)


@transaction()
def book_hold(
    token: str, now: datetime, flag_id: int | None = None, shown: HoldSnapshot = NOTHING_SHOWN
) -> Booked | NotBooked:
    """Book the time held under `token` with what was answered and typed under it, as it was `shown`.

    Pressed twice, it books once. `flag_id` is a flag that the same browser raised a moment ago:
    answering again doesn't clear it.
    Raises `StaleVersion`, `SlotTaken`, `HoldNotFound`, `PatientNotBookable`.
    """
    held = db.session.scalar(select(Appointment).filter_by(token=token).with_for_update())
    if held is None or held.status not in (Status.PENDING, Status.BOOKED):
        raise HoldNotFound(token)
    known = availability.current_catalogue()
    place = known.locations_by_id[held.location_id]
    if held.status is Status.BOOKED:
        return Booked(held, place)
    require_unchanged(held, shown)
    told = _details_of_hold(held)
    judgement = screening.evaluate_answers(known.questions, told.given, held.local_date)
    if stop := _refuse_booking(judgement, told, place, held.starts_at, now, flag_id):
        return stop
    require_hold_time_free(held, now)
    identified = _who_may_book(told, now, held.origin)
    renew_claims(held, None, now)
    confirm_booking(held, identified.patient, now, held.origin)
    _record_details(held, identified, told, judgement, now)
    db.session.execute(delete(BookingDraft).filter_by(appointment_id=held.id))
    return Booked(held, place)


def _details_of_hold(held: Appointment) -> BookingDetails:
    """Return what was told step by step under a hold. Raises `HoldNotFound` when a step is missing."""
    draft, kept = db.session.get(BookingDraft, held.id), screening.get_answers(held.id)
    if draft is None or kept is None:
        raise HoldNotFound(held.token)
    return BookingDetails(
        Contact.from_dict(draft.details["contact"]),
        ScreeningAnswers(kept.version, kept.answers, kept.birth_date),
        draft.details["sms_consent"],
        draft.details["wording"],
    )


def _refuse_booking(
    judgement: ScreeningResult,
    told: BookingDetails,
    place: LocationCalendar,
    starts_at: datetime,
    now: datetime,
    flag_id: int | None = None,
) -> NotBooked | None:
    """Return where the answers lead instead of to a booking.

    Whoever raised a flag in this very browser is told the same again.
    """
    contact, born = told.contact, told.given.birth_date
    outcome = judgement.outcome
    if outcome.allows_booking and flags.is_open_flag_for(flag_id, born):
        return NotBooked(ScreeningOutcome.CALL_FIRST)
    if judgement.calls_first:
        raise_flag_for_answers(FlagKind.CALL_FIRST, judgement, contact, born, now, Origin.API)
    if outcome is ScreeningOutcome.CALL_FIRST and contact.phone:
        name = f"{contact.given_name} {contact.family_name}"
        callbacks.request_call_before_booking(
            name, contact.phone, now, place=place, wanted_start=starts_at
        )
    return None if outcome.allows_booking else NotBooked(outcome)


def _who_may_book(told: BookingDetails, now: datetime, origin: Origin) -> IdentifiedPatient:
    """Return the record of who books. Raises `OpenFlag`, `TooManyAppointments`.

    Nobody is looked for before the time was found free: of a taken one, asked for as often as anyone
    likes, no answer and no time it takes says who is known here (invariant 14).
    """
    contact, born = told.contact, told.given.birth_date
    if flags.requires_call_first(contact, born):
        raise OpenFlag
    return identify_online_patient(contact, born, now, origin)


def _record_details(
    appointment: Appointment,
    identified: IdentifiedPatient,
    told: BookingDetails,
    judgement: ScreeningResult,
    now: datetime,
) -> None:
    """Keep where messages go, the answers, what a person has to look at, and "may we text you?"."""
    contact, given, patient = told.contact, told.given, identified.patient
    save_appointment_contact(appointment, identified, contact, now)
    screening.save_answers(appointment.id, given, judgement.outcome, now, patient_id=patient.id)
    raise_flag_for_answers(
        FlagKind.SEEN_AT_APPOINTMENT,
        judgement,
        contact,
        given.birth_date,
        now,
        appointment.origin,
        patient,
    )
    if contact.phone is None:
        return
    is_known = patient.created_at < now
    if is_known and patients.has_text_consent(patient.id, contact.phone) is not told.sms_consent:
        appointment_operations.mark_upcoming_changed(patient.id, now)
    patients.record_consent(patient, contact.phone, told.wording, now, granted=told.sms_consent)


def raise_flag_for_answers(
    kind: FlagKind,
    judgement: ScreeningResult,
    contact: Contact,
    birth_date: date,
    now: datetime,
    actor: str,
    patient: Patient | None = None,
) -> None:
    """Keep that someone must look at what was answered with yes, if anything was."""
    if judgement.yes_answers:
        patient_id = patient.id if patient else None
        flags.raise_flag(
            kind, judgement.yes_answers, birth_date, now, actor,
            contact=contact, patient_id=patient_id, is_verified=actor not in (Origin.ONLINE, Origin.API),
        )  # fmt: skip
