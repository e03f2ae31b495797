"""Turning a time and a person into a booked appointment: online, through the API, and at the desk."""

from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import delete, select

from booking.appointments import callbacks
from booking.appointments import operations as appointment_operations
from booking.appointments.contacts import save_appointment_contact
from booking.appointments.hold_snapshots import NOTHING_SHOWN, HoldSnapshot, require_unchanged
from booking.appointments.holds import (
    HoldNotFound,
    renew_claims,
)
from booking.appointments.models import Appointment, BookingDraft
from booking.appointments.online_patients import identify_online_patient
from booking.appointments.patient_booking import OpenFlag, mark_booked
from booking.appointments.pending import build_pending_appointment
from booking.appointments.rules import Origin, Status
from booking.appointments.slot_checks import require_hold_time_free, require_slot_offered
from booking.calendars import availability
from booking.calendars import operations as calendars
from booking.calendars.location_calendars import LocationCalendar
from booking.db.statements import KEEPS_ITS_ID
from booking.db.transactions import transaction
from booking.extensions import db
from booking.patients import operations as patients
from booking.patients.models import Patient
from booking.patients.operations import IdentifiedPatient
from booking.patients.rules import Contact
from booking.screening import flags, history
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
    answers: ScreeningAnswers
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
    location: LocationCalendar


@dataclass(frozen=True, slots=True)
class NotBooked:
    """The answers don't lead to a booking; `outcome` says where they lead."""

    outcome: ScreeningOutcome


@transaction()
def book_slot(request: BookingRequest, now: datetime) -> Booked | NotBooked:
    """Book a slot in one step, as the API does.

    Raises `SlotTaken`, `UnknownSlug`, `IncompleteAnswers`, `OutdatedQuestions`, `PatientNotBookable`.
    """
    catalogue = availability.current_catalogue()
    service = availability.get_service(catalogue, request.service)
    location = availability.get_location(catalogue, request.location)
    day = request.starts_at.astimezone(location.zone).date()
    details = request.details
    result = screening.evaluate_answers(catalogue.questions, details.answers, day)
    if stop := _refuse_booking(result, details, location, request.starts_at, now, Origin.API):
        return stop
    require_slot_offered(location, service, request.starts_at, now)
    identity = _who_may_book(details, now, Origin.API)
    appointment = build_pending_appointment(
        location, service, service.demand, request.starts_at, now, Origin.API
    )
    mark_booked(appointment, identity.patient, now, Origin.API, is_new=identity.is_new)
    calendars.claim_resources(appointment.id, location, service.demand, request.starts_at, now)
    _record_details(appointment, identity, details, result, now)
    return Booked(appointment, location)


@transaction()
def book_hold(
    token: str,
    now: datetime,
    flag_id: int | None = None,
    snapshot: HoldSnapshot = NOTHING_SHOWN,
    language: str | None = None,
) -> Booked | NotBooked:
    """Book the time held under `token` with what was answered and typed under it, as it was `snapshot`.

    A stop that was answered yes and taken back is seen at the appointment, as a flag.

    Pressed twice, it books once. `flag_id` is a flag that the same browser raised a moment ago:
    answering again doesn't clear it. `language` is that of the page on which it was booked.
    Raises `StaleVersion`, `SlotTaken`, `HoldNotFound`, `PatientNotBookable`.
    """
    appointment = db.session.scalar(
        select(Appointment).filter_by(token=token).with_for_update(**KEEPS_ITS_ID)
    )
    if appointment is None or appointment.status not in (Status.PENDING, Status.BOOKED):
        raise HoldNotFound(token)
    catalogue = availability.current_catalogue()
    location = catalogue.locations_by_id[appointment.location_id]
    if appointment.status is Status.BOOKED:
        return Booked(appointment, location)
    require_unchanged(appointment, snapshot)
    details = _details_of_hold(appointment, language)
    result = screening.evaluate_answers(
        catalogue.questions, details.answers, appointment.local_date
    )
    starts_at, origin = appointment.starts_at, appointment.origin
    if stop := _refuse_booking(result, details, location, starts_at, now, origin, flag_id):
        return stop
    require_hold_time_free(appointment, now)
    identity = _who_may_book(details, now, appointment.origin)
    renew_claims(appointment, None, now)
    mark_booked(appointment, identity.patient, now, appointment.origin, is_new=identity.is_new)
    taken_back = history.list_stops_taken_back(appointment.id, catalogue.questions.questions)
    seen = replace(result, yes_answers=(*taken_back, *result.yes_answers))
    _record_details(appointment, identity, details, seen, now)
    db.session.execute(delete(BookingDraft).filter_by(appointment_id=appointment.id))
    return Booked(appointment, location)


def _details_of_hold(appointment: Appointment, language: str | None) -> BookingDetails:
    """Return what was told step by step under a hold. Raises `HoldNotFound` when a step is missing."""
    draft, response = (
        db.session.get(BookingDraft, appointment.id),
        screening.find_answers(appointment.id),
    )
    if draft is None or response is None:
        raise HoldNotFound(appointment.token)
    contact = Contact.from_dict(draft.details["contact"])
    return BookingDetails(
        replace(contact, language=language or contact.language),
        ScreeningAnswers(
            response.version, response.answers, response.birth_date, response.language
        ),
        draft.details["sms_consent"],
        draft.details["wording"],
    )


def _refuse_booking(
    result: ScreeningResult,
    details: BookingDetails,
    location: LocationCalendar,
    starts_at: datetime,
    now: datetime,
    origin: Origin,
    flag_id: int | None = None,
) -> NotBooked | None:
    """Return where the answers lead instead of to a booking.

    Whoever raised a flag in this very browser is told the same again.
    """
    contact, birth_date = details.contact, details.answers.birth_date
    outcome = result.outcome
    if outcome.allows_booking and flags.is_open_flag_for(flag_id, birth_date):
        return NotBooked(ScreeningOutcome.CALL_FIRST)
    if result.calls_first:
        raise_flag_for_answers(FlagKind.CALL_FIRST, result, contact, birth_date, now, origin)
    if outcome is ScreeningOutcome.CALL_FIRST and contact.phone:
        name = f"{contact.given_name} {contact.family_name}"
        callbacks.request_call_before_booking(
            name, contact.phone, now, location=location, wanted_start=starts_at
        )
    return None if outcome.allows_booking else NotBooked(outcome)


def _who_may_book(details: BookingDetails, now: datetime, origin: Origin) -> IdentifiedPatient:
    """Return the record of who books. Raises `OpenFlag`, `TooManyAppointments`.

    Nobody is looked for before the time was found free: of a taken one, asked for as often as anyone
    likes, no answer and no time it takes says who is known here (invariant 14).
    """
    contact, birth_date = details.contact, details.answers.birth_date
    if flags.requires_call_first(contact, birth_date):
        raise OpenFlag
    return identify_online_patient(contact, birth_date, now, origin)


def _record_details(
    appointment: Appointment,
    identity: IdentifiedPatient,
    details: BookingDetails,
    result: ScreeningResult,
    now: datetime,
) -> None:
    """Keep where messages go, the answers, what a person has to look at, and "may we text you?"."""
    contact, answers, patient = details.contact, details.answers, identity.patient
    save_appointment_contact(appointment, identity, contact, now)
    screening.save_answers(appointment.id, answers, result.outcome, now, patient_id=patient.id)
    raise_flag_for_answers(
        FlagKind.SEEN_AT_APPOINTMENT,
        result,
        contact,
        answers.birth_date,
        now,
        appointment.origin,
        patient,
    )
    if contact.phone is None:
        return
    if not identity.is_new:
        earlier_consent = patients.has_text_consent(patient.id, contact.phone)
        if earlier_consent is not details.sms_consent:
            appointment_operations.mark_upcoming_changed(patient.id, now)
    patients.record_consent(
        patient, contact.phone, details.wording, now, granted=details.sms_consent
    )


def raise_flag_for_answers(
    kind: FlagKind,
    result: ScreeningResult,
    contact: Contact,
    birth_date: date,
    now: datetime,
    actor: str,
    patient: Patient | None = None,
) -> None:
    """Keep that someone must look at what was answered with yes, if anything was."""
    if result.yes_answers:
        patient_id = patient.id if patient else None
        flags.raise_flag(
            kind, result.yes_answers, birth_date, now, actor,
            contact=contact, patient_id=patient_id, is_verified=actor not in (Origin.ONLINE, Origin.API),
        )  # fmt: skip
