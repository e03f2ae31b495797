"""What is answered and typed under a hold. It is kept first; whether the time is still free comes after."""

from datetime import date, datetime

from sqlalchemy.orm.attributes import flag_modified

from booking.appointments.holds import HoldGone, drop, find_hold, lock_hold
from booking.appointments.models import Appointment, BookingDraft
from booking.appointments.shown import NOTHING_SHOWN, Shown, require_shown
from booking.calendars import offering
from booking.db import transaction
from booking.extensions import db
from booking.idempotency import answer_once, new_key
from booking.patients.rules import Contact, name_key
from booking.screening import operations as screening
from booking.screening.models import FlagKind
from booking.screening.operations import Answers
from booking.screening.rules import Judgement

# In a draft's details: whose answers these are must be asked, since the birth date changed.
WHO_IS_OPEN = "who_is_open"


def screen(
    token: str, given: Answers, now: datetime, shown: Shown = NOTHING_SHOWN
) -> tuple[Judgement, int | None]:
    """Judge the safety answers for a hold; return the judgement and the id of a flag it raised.

    Answers that lead on are kept under the hold. Any that stop free the time and delete the hold with
    all that was answered under it, whether the time is free still or not, and whatever was shown; only
    a yes that asks for a call first leaves a flag, one for a form however often it is sent.
    Raises `StaleVersion`, `HoldGone`, `AnswersError`, `VersionError`.
    """
    questions = offering.catalogue().questions
    judgement = screening.judge_answers(questions, given, _day_of_visit(token, now))
    if judgement.outcome.books:
        _keep_answers(token, given, judgement, now, shown)
        return judgement, None
    if judgement.calls_first:
        return judgement, _flag_once(token, given, judgement, now)
    drop(token, now)  # there is none when the same press came before: it leads to the same page
    return judgement, None


def _day_of_visit(token: str, now: datetime) -> date:
    """Return the day of the visit that is held, or today."""
    try:
        return find_hold(token).local_date
    except HoldGone:
        return now.date()


@transaction()
def _keep_answers(
    token: str, given: Answers, judgement: Judgement, now: datetime, shown: Shown
) -> None:
    held = lock_hold(token)
    require_shown(held, shown)
    draft, before = db.session.get(BookingDraft, held.id), screening.answers_under(held.id)
    if draft and before and before.birth_date != given.birth_date:
        draft.details = draft.details | {WHO_IS_OPEN: True}
    screening.keep_answers(held.id, given, judgement.outcome, now)
    _count_up(held)


def _flag_once(token: str, given: Answers, judgement: Judgement, now: datetime) -> int | None:
    """Drop the hold and raise a flag; sent again, return the flag raised before."""

    def produce() -> tuple[int, dict[str, int]]:
        drop(token, now)
        flag = screening.raise_flag(
            FlagKind.CALL_FIRST, judgement.yes, given.birth_date, now, "online", is_verified=False
        )
        return 200, {"flag": flag.id}

    flag_id: int = answer_once("stopped", token or new_key(), {}, now, produce)[1]["flag"]
    return flag_id


@transaction()
def describe(
    token: str,
    contact: Contact,
    *,
    sms_consent: bool,
    wording: str,
    now: datetime,
    shown: Shown = NOTHING_SHOWN,
) -> None:
    """Keep what was typed on "you" under the hold.

    Another person's name than before: the birth date and the answers were not theirs, and are deleted.
    Raises `StaleVersion`, `HoldGone`.
    """
    held = lock_hold(token)
    require_shown(held, shown)
    draft = db.session.get(BookingDraft, held.id)
    if draft and _is_someone_else(draft, contact):
        screening.forget_answers(held.id)
    draft = draft or BookingDraft(appointment_id=held.id)
    draft.details = {"contact": contact.as_data(), "sms_consent": sms_consent, "wording": wording}
    db.session.add(draft)
    _count_up(held)


def _is_someone_else(draft: BookingDraft, contact: Contact) -> bool:
    before = Contact.from_data(draft.details["contact"])
    is_open = draft.details.get(WHO_IS_OPEN, False)
    return not is_open and name_key(before.whole_name) != name_key(contact.whole_name)


def is_told_who(held: Appointment) -> bool:
    """Tell whether it was said whom the visit, with the answers given, is for."""
    draft = db.session.get(BookingDraft, held.id)
    return draft is not None and WHO_IS_OPEN not in draft.details


def _count_up(held: Appointment) -> None:
    """Count up the hold's version: forms that showed what was under it are stale."""
    flag_modified(held, "note")
