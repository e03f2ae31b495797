"""What is answered and typed under a hold. It is kept first; whether the time is still free comes after."""

from datetime import date, datetime

from booking.appointments.hold_cleanup import delete_hold
from booking.appointments.hold_snapshots import NOTHING_SHOWN, HoldSnapshot, require_unchanged
from booking.appointments.holds import HoldNotFound, get_hold, lock_hold
from booking.appointments.models import Appointment, BookingDraft
from booking.appointments.versions import increment_version
from booking.calendars import availability
from booking.db.idempotency import new_idempotency_key, run_once
from booking.db.transactions import transaction
from booking.extensions import db
from booking.patients.rules import Contact, normalize_name
from booking.screening import flags, history
from booking.screening import operations as screening
from booking.screening.models import FlagKind
from booking.screening.operations import ScreeningAnswers
from booking.screening.rules import ScreeningResult, is_adult


def record_screening(
    token: str,
    answers: ScreeningAnswers,
    now: datetime,
    snapshot: HoldSnapshot = NOTHING_SHOWN,
    history_key: str | None = None,
) -> tuple[ScreeningResult, int | None]:
    """Judge the safety answers for a hold; return the judgement and the id of a flag it raised.

    Answers that lead on are kept under the hold. Any that stop free the time and delete the hold with
    all that was answered under it, whether the time is free still or not, and whatever was shown; only
    a yes that asks for a call first leaves a flag, one for a form however often it is sent. The history under
    `history_key` gets what an adult answered, whatever it led to.
    Raises `StaleVersion`, `HoldNotFound`, `IncompleteAnswers`, `OutdatedQuestions`.
    """
    questions = availability.current_catalogue().questions
    day = _appointment_date(token, now)
    result = screening.evaluate_answers(questions, answers, day)
    if result.outcome.allows_booking:
        _keep_answers(token, answers, result, now, snapshot, history_key)
        return result, None
    if history_key is not None and is_adult(answers.birth_date, day):
        history.record_submission(history_key, answers, result.outcome, now)
    if result.calls_first:
        return result, _raise_flag_once(token, answers, result, now)
    # There is none when the same press came before: it leads to the same page
    delete_hold(token, now)
    return result, None


def _appointment_date(token: str, now: datetime) -> date:
    """Return the day of the appointment that is held, or today."""
    try:
        return get_hold(token).local_date
    except HoldNotFound:
        return availability.get_clinic_date(now)


@transaction()
def _keep_answers(
    token: str,
    answers: ScreeningAnswers,
    result: ScreeningResult,
    now: datetime,
    snapshot: HoldSnapshot,
    history_key: str | None,
) -> None:
    hold = lock_hold(token)
    require_unchanged(hold, snapshot)
    draft, earlier_response = db.session.get(BookingDraft, hold.id), screening.find_answers(hold.id)
    if draft and earlier_response and earlier_response.birth_date != answers.birth_date:
        draft.details = {**draft.details, "who_is_open": True}
    if history_key is not None:
        history.record_submission(history_key, answers, result.outcome, now)
    screening.save_answers(hold.id, answers, result.outcome, now, history_key=history_key)
    increment_version(hold)


def _raise_flag_once(
    token: str, answers: ScreeningAnswers, result: ScreeningResult, now: datetime
) -> int | None:
    """Drop the hold and raise a flag; sent again, return the flag raised before."""

    def produce() -> tuple[int, dict[str, int]]:
        delete_hold(token, now)
        flag = flags.raise_flag(
            FlagKind.CALL_FIRST,
            result.yes_answers,
            answers.birth_date,
            now,
            "online",
            is_verified=False,
        )
        return 200, {"flag": flag.id}

    flag_id: int = run_once("stopped", token or new_idempotency_key(), {}, now, produce)[1]["flag"]
    return flag_id


@transaction()
def record_contact(
    token: str,
    contact: Contact,
    *,
    sms_consent: bool,
    wording: str,
    now: datetime,
    snapshot: HoldSnapshot = NOTHING_SHOWN,
) -> None:
    """Keep what was typed on "you" under the hold.

    Another person's name than before: the birth date and the answers were not theirs, and are deleted.
    Raises `StaleVersion`, `HoldNotFound`.
    """
    hold = lock_hold(token)
    require_unchanged(hold, snapshot)
    draft = db.session.get(BookingDraft, hold.id)
    if draft and _is_someone_else(draft, contact):
        history.delete_answers(hold.id)
    draft = draft or BookingDraft(appointment_id=hold.id)
    draft.details = {"contact": contact.to_dict(), "sms_consent": sms_consent, "wording": wording}
    db.session.add(draft)
    increment_version(hold)


def _is_someone_else(draft: BookingDraft, contact: Contact) -> bool:
    earlier_contact = Contact.from_dict(draft.details["contact"])
    is_uncertain = draft.details.get("who_is_open", False)
    return not is_uncertain and normalize_name(earlier_contact.full_name) != normalize_name(
        contact.full_name
    )


def has_contact(hold: Appointment) -> bool:
    """Tell whether it was said whom the appointment, with the answers given, is for."""
    draft = db.session.get(BookingDraft, hold.id)
    return draft is not None and "who_is_open" not in draft.details


def has_sms_consent(hold: Appointment) -> bool:
    """Tell whether "may we text you?" was answered with yes under the hold."""
    draft = db.session.get(BookingDraft, hold.id)
    return draft is not None and bool(draft.details["sms_consent"])
