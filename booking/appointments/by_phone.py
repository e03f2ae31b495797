"""Booking for a patient who calls, or stands at the desk: the questions are asked aloud."""

from datetime import date, datetime

from booking.appointments import callbacks
from booking.appointments.booking import Booked, NotBooked, raise_flag_for_answers
from booking.appointments.exemptions import USUAL_TERMS, ClaimTerms
from booking.appointments.models import Appointment
from booking.appointments.patient_booking import (
    NotAnAdult,
    book_for_patient,
    find_same_appointment,
    require_bookable,
)
from booking.appointments.rules import Origin
from booking.audit.rules import staff_actor
from booking.calendars import availability
from booking.calendars.catalogue import BookableService
from booking.calendars.location_calendars import LocationCalendar
from booking.calendars.slots import compute_last_bookable_day
from booking.db.transactions import transaction
from booking.patients import operations as patients
from booking.patients.models import Patient
from booking.patients.rules import Contact
from booking.screening import operations as screening
from booking.screening.models import FlagKind
from booking.screening.operations import ScreeningAnswers
from booking.screening.rules import (
    IncompleteAnswers,
    ScreeningOutcome,
    ScreeningResult,
    is_adult,
)


@transaction()
def book_by_phone(
    patient: Patient,
    location: LocationCalendar,
    service: BookableService,
    starts_at: datetime,
    answers: ScreeningAnswers | None,
    staff_id: int,
    now: datetime,
    terms: ClaimTerms = USUAL_TERMS,
) -> Booked | NotBooked:
    """Book for a patient who calls; `answers` are those staff has asked for, None where nothing is asked.

    Rules of the calendar are overridden by who may, with a reason, as `terms` say. Pressed
    twice, it books once. Danger is answered first, whoever calls; what stops a booking becomes a
    practitioner's task. Raises `NotAnAdult`, `OpenFlag`, `SlotTaken`, `OverrideRefused`, `PatientBusy`,
    `IncompleteAnswers`, `OutdatedQuestions`.
    """
    if already := find_same_appointment(patient.id, location.id, service.id, starts_at):
        return Booked(already, location)
    actor, day = staff_actor(staff_id), starts_at.astimezone(location.zone).date()
    result = _evaluate(answers, day)
    if result is None or result.outcome is not ScreeningOutcome.HELP_FIRST:
        require_bookable(patient, day)
    if result is None and service.asks_screening:
        questions = availability.current_catalogue().questions.questions
        raise IncompleteAnswers([question.slug for question in questions])
    if result and not result.outcome.allows_booking:
        _refuse_booking(patient, result, now, actor)
        return NotBooked(result.outcome)
    appointment = book_for_patient(
        *(patient, location, service, service.demand, starts_at, now),
        origin=Origin.DESK,
        actor=actor,
        terms=terms,
    )
    if answers and result:
        _save_answers(appointment, patient, answers, result, staff_id, now)
    return Booked(appointment, location)


def _evaluate(answers: ScreeningAnswers | None, day: date) -> ScreeningResult | None:
    if answers is None:
        return None
    questions = availability.current_catalogue().questions
    return screening.evaluate_answers(questions, answers, day)


def _save_answers(
    appointment: Appointment,
    patient: Patient,
    answers: ScreeningAnswers,
    result: ScreeningResult,
    staff_id: int,
    now: datetime,
) -> None:
    """Keep what was answered and who asked; what the practitioner must see raises a flag."""
    screening.save_answers(
        appointment.id, answers, result.outcome, now, patient_id=patient.id, asked_by_id=staff_id
    )
    kind, actor = FlagKind.SEEN_AT_APPOINTMENT, staff_actor(staff_id)
    raise_flag_for_answers(kind, result, patient.contact, patient.birth_date, now, actor, patient)


@transaction()
def register_caller(
    contact: Contact,
    birth_date: date,
    location: LocationCalendar,
    staff_id: int,
    now: datetime,
    *,
    may_text: bool,
    wording: str,
    is_new: bool,
) -> Patient:
    """Make the record of someone who calls; `is_new`: whoever is alike has been looked at.

    Raises `NotAnAdult` for who is under age on the last day that can be booked, `PossibleDuplicates`.
    """
    if not is_adult(birth_date, compute_last_bookable_day(location, now)):
        raise NotAnAdult
    return patients.register_patient(
        contact, birth_date, staff_id, now, may_text=may_text, wording=wording, is_new=is_new
    )


def _refuse_booking(patient: Patient, result: ScreeningResult, now: datetime, actor: str) -> None:
    """Have a clinician call who may not be booked yet, at once where someone is in danger."""
    if result.outcome is ScreeningOutcome.HELP_FIRST:
        callbacks.open_crisis_task(patient, now)
    if result.calls_first:
        birth_date = patient.birth_date
        raise_flag_for_answers(
            FlagKind.CALL_FIRST, result, patient.contact, birth_date, now, actor, patient
        )
    if result.outcome is ScreeningOutcome.CALL_FIRST:
        callbacks.open_call_before_booking_task(patient, now)
