"""Booking for a patient who calls, or stands at the desk: the questions are asked aloud."""

from datetime import datetime
from functools import partial

from booking.appointments import calls
from booking.appointments.booking import Booked, Stopped, flag_answers
from booking.appointments.rules import Origin
from booking.appointments.visits import book_visit, visit_at
from booking.calendars import offering
from booking.calendars.catalogue import Offer
from booking.calendars.places import Place
from booking.db import transaction
from booking.patients.models import Patient
from booking.screening import operations as screening
from booking.screening.models import FlagKind
from booking.screening.operations import Answers
from booking.screening.rules import Judgement, ScreeningOutcome


@transaction()
def book_by_phone(
    patient: Patient,
    place: Place,
    offer: Offer,
    starts_at: datetime,
    given: Answers | None,
    staff_id: int,
    now: datetime,
) -> Booked | Stopped:
    """Book a visit for a patient who calls; `given` is what a member of staff has asked them, if anything.

    Pressed twice, it books once. What stops a booking becomes a practitioner's task. Raises `SlotTaken`,
    `PatientBusy`, `AnswersError`, `VersionError`.
    """
    actor = f"staff:{staff_id}"
    booked = partial(
        book_visit, patient, place, offer, offer.demand, starts_at, now,
        origin=Origin.DESK, actor=actor,
    )  # fmt: skip
    if already := visit_at(patient.id, place.id, offer.id, starts_at):
        return Booked(already, place)
    if given is None:
        return Booked(booked(), place)
    day = starts_at.astimezone(place.zone).date()
    judgement = screening.judge_answers(offering.catalogue().questions, given, day)
    if not judgement.outcome.books:
        _stop_by_phone(patient, judgement, now, actor)
        return Stopped(judgement.outcome)
    visit = booked()
    screening.keep_answers(
        visit.id, given, judgement.outcome, now, patient_id=patient.id, asked_by_id=staff_id
    )
    born = patient.birth_date
    flag_answers(FlagKind.SEEN_AT_VISIT, judgement, patient.contact, born, now, actor, patient)
    return Booked(visit, place)


def _stop_by_phone(patient: Patient, judgement: Judgement, now: datetime, actor: str) -> None:
    """Have a clinician call who may not be booked yet, at once where someone is in danger."""
    if judgement.outcome is ScreeningOutcome.HELP_FIRST:
        calls.ask_after_danger(patient, now)
    if judgement.calls_first:
        born = patient.birth_date
        flag_answers(FlagKind.CALL_FIRST, judgement, patient.contact, born, now, actor, patient)
    if judgement.outcome is ScreeningOutcome.CALL_FIRST:
        calls.ask_to_call_patient_first(patient, now)
