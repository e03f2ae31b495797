"""Where a closure and each of its patients stand, and by when who is asked has to answer."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from booking.messaging.rules import move_before_night, next_sending_start, within_sending_hours

PLANNED_AHEAD = timedelta(days=14)  # of an outage without an end, what is planned for at once
NOTICE = timedelta(hours=2)  # nobody is given a time that begins sooner than this after being told
PATIENT_ANSWERS_WITHIN = timedelta(hours=24)  # of being asked
LEAST_TO_ANSWER = timedelta(hours=1)  # who has less is called
BEFORE_OLD_START = timedelta(hours=2)  # by then an answer is needed: who sets out must know
BEFORE_NEW_START = timedelta(hours=4)  # by then too, so that there is time to call
HELD_BEFORE_START = timedelta(hours=1)  # a new time is held until then at most


class CaseStatus(StrEnum):
    """Where the new times of all whom an outage hits stand."""

    PLANNING = "planning"  # the scheduler is at it
    PROPOSED = "proposed"  # a practitioner decides
    APPLIED = "applied"  # times are held, and patients are asked
    ENDED = "ended"  # everybody is seen to, or the outage is over


class PlanScope(StrEnum):
    """Where a plan looks for new times."""

    ALL_LOCATIONS = "all_locations"
    SAME_LOCATION = "same_location"
    WHOLE_SERIES = "whole_series"  # at all locations, and other visits of a series move, too


class AnswerStatus(StrEnum):
    """How far a patient is with a new time."""

    TO_CALL = "to_call"  # not asked by text: too soon, no way to, or nothing to offer
    ASKED = "asked"
    ACCEPTED = "accepted"
    CHOSE_OTHER = "chose_other"
    DECLINED = "declined"  # none of the times suits: somebody calls
    EXPIRED = "expired"  # nobody answered, and the time is held no longer
    SETTLED = "settled"  # moved, cancelled or seen to in another way


OPEN_ANSWERS = (
    AnswerStatus.TO_CALL,
    AnswerStatus.ASKED,
    AnswerStatus.DECLINED,
    AnswerStatus.EXPIRED,
)
ANSWERABLE = (
    AnswerStatus.TO_CALL,
    AnswerStatus.ASKED,
)  # by link or by phone, while the time is held


class CallOutcome(StrEnum):
    """What came of calling somebody."""

    REACHED = "reached"
    VOICEMAIL = "voicemail"
    NO_ANSWER = "no_answer"


class NoTimeReason(StrEnum):
    """Why a plan has no time for an appointment."""

    NO_DAY = "no_day"  # the distance to its neighbours allows none on which anything could be
    NOT_CLEARED = "not_cleared"
    FULL = "full"
    TAKEN = "taken"  # its time went before it could be held


@dataclass(frozen=True, slots=True)
class AnswerTimes:
    """When somebody is asked, and by when they answer before they are called; UTC."""

    ask_at: datetime
    answer_by: datetime


def schedule_answer(
    old_start: datetime, new_start: datetime, now: datetime, time_zone: str
) -> AnswerTimes | None:
    """Return when a patient is asked about a new time; None for one who must be called instead.

    Nobody is asked at night, and nobody's time to answer ends in it.
    """
    ask_at = compute_ask_time(now, time_zone)
    latest = min(old_start - BEFORE_OLD_START, new_start - BEFORE_NEW_START)
    answer_by = move_before_night(min(ask_at + PATIENT_ANSWERS_WITHIN, latest), time_zone)
    return AnswerTimes(ask_at, answer_by) if answer_by - ask_at >= LEAST_TO_ANSWER else None


def hold_until(call_by: datetime, new_start: datetime, now: datetime) -> datetime:
    """Return until when a time is held for somebody who is called by `call_by`: not until it begins."""
    return max(min(call_by, new_start - HELD_BEFORE_START), now)


def compute_ask_time(now: datetime, time_zone: str) -> datetime:
    """Return when somebody can be asked who is not to be woken: now, or the next morning."""
    return now if within_sending_hours(now, time_zone) else next_sending_start(now, time_zone)


def compute_earliest_start(old_start: datetime, now: datetime, time_zone: str) -> datetime:
    """Return the earliest new time: whoever can be asked by text must have time to answer."""
    ask_at = compute_ask_time(now, time_zone)
    in_time = ask_at + LEAST_TO_ANSWER + BEFORE_NEW_START
    is_asked = schedule_answer(old_start, in_time, now, time_zone) is not None
    return in_time if is_asked else ask_at + NOTICE
