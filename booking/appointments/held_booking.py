"""Booking what is held in one step, as programs do: whom it is for and all answers come at once."""

from datetime import datetime

from booking.appointments.booking import Booked, BookingDetails, NotBooked, book_hold
from booking.appointments.hold_cleanup import delete_hold
from booking.appointments.hold_details import record_contact
from booking.appointments.holds import lock_hold
from booking.calendars import availability
from booking.db.transactions import transaction
from booking.screening import operations as screening


@transaction()
def book_hold_at_once(token: str, details: BookingDetails, now: datetime) -> Booked | NotBooked:
    """Book a hold with what is told of it now; answers that lead to no booking let go of its time.

    Raises what `book_hold` does, and `IncompleteAnswers`, `OutdatedQuestions`.
    """
    hold = lock_hold(token)
    questions = availability.current_catalogue().questions
    result = screening.evaluate_answers(questions, details.answers, hold.local_date)
    screening.save_answers(hold.id, details.answers, result.outcome, now)
    record_contact(
        token, details.contact, sms_consent=details.sms_consent, wording=details.wording, now=now
    )
    booked = book_hold(token, now)
    if isinstance(booked, NotBooked):
        delete_hold(token, now)
    return booked
