"""Asking a patient about new times: when, until when the times are held, and who must be called instead."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from booking.appointments.models import Appointment
from booking.appointments.operations import location_of
from booking.calendars.deadlines import end_of_business_day
from booking.outages.messages import ask_about_new_times
from booking.outages.models import AffectedPatient
from booking.outages.queries import AffectedRecord
from booking.outages.rules import AnswerStatus, AnswerTimes, hold_until, schedule_answer
from booking.reminders.persons import get_appointment_zone
from booking.reminders.recipients import find_channel_recipient


@dataclass(frozen=True, slots=True)
class AnswerWindow:
    """When somebody is asked, None where they must be called; and until when new times are held."""

    times: AnswerTimes | None
    held_until: datetime | None


def plan_question(
    moves: Sequence[tuple[Appointment, datetime | None]],
    now: datetime,
    kept_starts: Sequence[datetime] = (),
) -> AnswerWindow:
    """Return how to ask about new times: of one person, in order of time, each with its new start if any.

    Held as long as a person has to call whoever does not answer: to the end of the next day of opening, and
    not until one of `kept_starts`: what nothing is wrong with takes place then, unless they agree.
    """
    new_starts = [starts_at for _, starts_at in moves if starts_at is not None]
    if not new_starts:
        return AnswerWindow(None, None)
    first, new_start = moves[0][0], min([*new_starts, *kept_starts])
    times = None
    if len(new_starts) == len(moves):
        times = schedule_answer(first.starts_at, new_start, now, get_appointment_zone(first))
    asked_until = times.answer_by if times else now
    call_by = end_of_business_day([location_of(first)], asked_until).at
    return AnswerWindow(times, hold_until(call_by, new_start, asked_until))


def try_ask_patient(
    affected: AffectedPatient,
    records: Sequence[AffectedRecord],
    question: AnswerWindow,
    now: datetime,
) -> bool:
    """Enqueue the question about new times; False, and nothing changed, where a patient can't be asked."""
    first = next(record.appointment for record in records if record.affected.is_hit)
    addressee = find_channel_recipient(first)
    all_held = all(record.affected.hold_id is not None for record in records)
    if question.times is None or addressee is None or not all_held:
        return False
    affected.status, affected.asked_at = AnswerStatus.ASKED, question.times.ask_at
    affected.answer_by = question.times.answer_by
    ask_about_new_times(affected, first, addressee, question.times, now)
    return True
