"""Booking for a patient who calls, or stands at the desk: the questions are asked aloud."""

from datetime import datetime
from functools import partial

from booking.appointments import callbacks
from booking.appointments.booking import Booked, NotBooked, raise_flag_for_answers
from booking.appointments.patient_booking import book_appointment, find_same_appointment
from booking.appointments.rules import Origin
from booking.calendars import availability
from booking.calendars.catalogue import BookableService
from booking.calendars.location_calendars import LocationCalendar
from booking.db.transactions import transaction
from booking.patients.models import Patient
from booking.screening import operations as screening
from booking.screening.models import FlagKind
from booking.screening.operations import ScreeningAnswers
from booking.screening.rules import ScreeningOutcome, ScreeningResult


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

    Pressed twice, it books once. What stops a booking becomes a practitioner's task. Raises `SlotTaken`,
    `PatientBusy`, `IncompleteAnswers`, `OutdatedQuestions`.
    """
    actor = f"staff:{staff_id}"
    book_it = partial(
        book_appointment, patient, location, service, service.demand, starts_at, now,
        origin=Origin.DESK, actor=actor,
    )  # fmt: skip
    if already := find_same_appointment(patient.id, location.id, service.id, starts_at):
        return Booked(already, location)
    if answers is None:
        return Booked(book_it(), location)
    day = starts_at.astimezone(location.zone).date()
    result = screening.evaluate_answers(availability.current_catalogue().questions, answers, day)
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
