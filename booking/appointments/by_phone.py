"""Booking for a patient who calls, or stands at the desk: the questions are asked aloud."""

from datetime import date, datetime
from functools import partial

from booking.appointments import callbacks
from booking.appointments.booking import Booked, NotBooked, raise_flag_for_answers
from booking.appointments.patient_booking import (
    NotAnAdult,
    book_appointment,
    find_booking_refusal,
    find_same_appointment,
)
from booking.appointments.rules import Origin
from booking.audit.rules import staff_actor
from booking.calendars import availability
from booking.calendars.catalogue import BookableService
from booking.calendars.location_calendars import LocationCalendar
from booking.calendars.slots import last_bookable_day
from booking.db.transactions import transaction
from booking.patients import operations as patients
from booking.patients.models import Patient
from booking.patients.rules import Contact
from booking.screening import operations as screening
from booking.screening.models import FlagKind
from booking.screening.operations import ScreeningAnswers
from booking.screening.rules import ScreeningOutcome, ScreeningResult, is_adult


@transaction()
def book_by_phone(
    patient: Patient,
    location: LocationCalendar,
    service: BookableService,
    starts_at: datetime,
    answers: ScreeningAnswers | None,
    staff_id: int,
    now: datetime,
) -> Booked | NotBooked:
    """Book for a patient who calls; `answers` holds the answers a member of staff has asked for, if any.

    Pressed twice, it books once. Danger is answered first, whoever calls; what stops a booking becomes a
    practitioner's task. Raises `NotAnAdult`, `OpenFlag`, `SlotTaken`, `PatientBusy`, `IncompleteAnswers`,
    `OutdatedQuestions`.
    """
    actor = staff_actor(staff_id)
    book_it = partial(
        book_appointment, patient, location, service, service.demand, starts_at, now,
        origin=Origin.DESK, actor=actor,
    )  # fmt: skip
    if already := find_same_appointment(patient.id, location.id, service.id, starts_at):
        return Booked(already, location)
    day = starts_at.astimezone(location.zone).date()
    questions = availability.current_catalogue().questions
    result = screening.evaluate_answers(questions, answers, day) if answers else None
    is_in_danger = result is not None and result.outcome is ScreeningOutcome.HELP_FIRST
    if not is_in_danger and (refusal := find_booking_refusal(patient, day)):
        raise refusal
    if answers is None or result is None:
        return Booked(book_it(), location)
    if not result.outcome.allows_booking:
        _refuse_booking(patient, result, now, actor)
        return NotBooked(result.outcome)
    appointment = book_it()
    screening.save_answers(
        appointment.id, answers, result.outcome, now, patient_id=patient.id, asked_by_id=staff_id
    )
    birth_date = patient.birth_date
    raise_flag_for_answers(
        FlagKind.SEEN_AT_APPOINTMENT, result, patient.contact, birth_date, now, actor, patient
    )
    return Booked(appointment, location)


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
    if not is_adult(birth_date, last_bookable_day(location, now)):
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
