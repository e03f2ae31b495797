"""The life of an appointment: its codes (FHIR R4 Appointment.status) and which change may follow which."""

import re
import secrets
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum

from booking.calendars.local_days import CELL_MINUTES

HOLD = timedelta(minutes=10)  # a chosen time is kept this long, anew at each step
MAX_HOLD = timedelta(minutes=60)  # from the first choice
MAX_HOLDS = 6  # open at once from one address: a family, or a clinic's own network
MAX_UPCOMING_CONSULTATIONS = 2  # coming, of one person, booked by themselves
LATE_CHOICES = (5, 10, 15, 20)  # minutes; the last means that or more
CALL_IF_LATE = 20  # minutes: whoever comes so late is asked to call
CANCEL_AHEAD = timedelta(days=1)  # before the start: what the first page and the check page ask for
EARLY_CHECK_IN = timedelta(hours=12)  # an appointment may be checked in on its day, not weeks ahead
LENGTHS = range(0, 121, CELL_MINUTES)  # minutes by which the desk lets an appointment take longer
REFERENCE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # no 0 O 1 I L: it is read aloud
REFERENCE_LETTERS = 7


class Status(StrEnum):
    """FHIR's codes, the ones we use."""

    PENDING = "pending"
    BOOKED = "booked"
    ARRIVED = "arrived"
    FULFILLED = "fulfilled"
    CANCELLED = "cancelled"
    NOSHOW = "noshow"


class Outcome(StrEnum):
    """What became of a kept appointment; only *treated* counts as a session done."""

    TREATED = "treated"
    STOPPED_EARLY = "stopped_early"
    NO_RIDE = "no_ride"
    HAD_EATEN = "had_eaten"
    BLOOD_PRESSURE = "blood_pressure"
    DECLINED = "declined"
    SEEN = "seen"  # a consultation or follow-up that took place


OCCUPYING_STATES = (Status.BOOKED, Status.ARRIVED)  # states that take the patient's time
# States of an appointment that stands or was kept: a later one of the same patient is not their first.
STANDING_OR_KEPT = (Status.BOOKED, Status.ARRIVED, Status.FULFILLED)
# Outcomes of an infusion that take the day
DAY_TAKING_OUTCOMES = (Outcome.TREATED, Outcome.STOPPED_EARLY)


class Origin(StrEnum):
    """Where a booking was made."""

    ONLINE = "online"
    API = "api"
    DESK = "desk"
    SERIES = "series"


class Action(StrEnum):
    """What can be done to an appointment once it is booked."""

    MOVE = "move"
    CANCEL = "cancel"
    CHECK_IN = "check_in"
    FULFIL = "fulfil"
    MARK_NO_SHOW = "mark_no_show"
    RECORD_STEP = "record_step"  # of an infusion on its day: `day_rules`
    CHANGE_LENGTH = "change_length"  # its start stays


class ActionNotAllowed(ValueError):
    """The appointment is not in a state, or not at a time, in which this can be done. `reason` is a code."""

    def __init__(self, step: Action, reason: str) -> None:
        super().__init__(f"{step}: {reason}")
        self.step, self.reason = step, reason


ALLOWED_FROM: Mapping[Action, frozenset[Status]] = {
    Action.MOVE: frozenset({Status.BOOKED}),
    Action.CANCEL: frozenset({Status.BOOKED}),
    Action.CHECK_IN: frozenset({Status.BOOKED, Status.NOSHOW}),
    Action.FULFIL: frozenset({Status.ARRIVED, Status.FULFILLED}),
    Action.MARK_NO_SHOW: frozenset({Status.BOOKED}),
    Action.RECORD_STEP: frozenset({Status.ARRIVED}),
    Action.CHANGE_LENGTH: frozenset({Status.BOOKED, Status.ARRIVED}),
}
# What is over is corrected while its day lasts: a late arrival, another outcome
ON_ITS_DAY = frozenset({(Action.CHECK_IN, Status.NOSHOW), (Action.FULFIL, Status.FULFILLED)})
TOLD_ACTIONS = frozenset({Action.MOVE, Action.CANCEL})  # of which the patient gets a message
# Outcomes without a treatment, which may be recorded before the start of an appointment
BEFORE_START_OUTCOMES = frozenset(
    {Outcome.NO_RIDE, Outcome.HAD_EATEN, Outcome.BLOOD_PRESSURE, Outcome.DECLINED}
)


def require_action_allowed(
    step: Action,
    status: Status,
    starts_at: datetime,
    now: datetime,
    *,
    has_reason: bool = False,
    is_its_day: bool = False,
) -> None:
    """Raise `ActionNotAllowed` unless `step` may be done now to an appointment in `status`.

    An appointment is moved or cancelled before it starts, or after with a reason where the visit did not
    begin; missed only after, checked in on its day. How long it takes is changed until its day is over; what
    is over is corrected while `is_its_day`, by its location's clock.
    """
    if status not in ALLOWED_FROM[step]:
        raise ActionNotAllowed(step, f"is_{status.value}")
    if (step, status) in ON_ITS_DAY and not is_its_day:
        raise ActionNotAllowed(step, f"is_{status.value}")
    if step in (Action.MOVE, Action.CANCEL) and now >= starts_at and not has_reason:
        raise ActionNotAllowed(step, "has_started")
    if step is Action.MARK_NO_SHOW and now < starts_at:
        raise ActionNotAllowed(step, "not_started")
    if step is Action.CHECK_IN and now < starts_at - EARLY_CHECK_IN:
        raise ActionNotAllowed(step, "too_early")
    if step is Action.CHANGE_LENGTH and now >= starts_at and not is_its_day:
        raise ActionNotAllowed(step, "day_over")


def require_length_allowed(extra_minutes: int, usual_end: datetime, now: datetime) -> None:
    """Raise `ActionNotAllowed` unless an appointment may end so long after its usual end.

    Never less than its service, or what was prescribed, takes; and it doesn't end before `now`.
    """
    if extra_minutes < LENGTHS.start:
        raise ActionNotAllowed(Action.CHANGE_LENGTH, "too_short")
    if extra_minutes not in LENGTHS:
        raise ActionNotAllowed(Action.CHANGE_LENGTH, "no_such_length")
    if usual_end + timedelta(minutes=extra_minutes) <= now:
        raise ActionNotAllowed(Action.CHANGE_LENGTH, "ends_in_past")


def is_action_allowed(
    action: Action,
    status: Status,
    starts_at: datetime,
    now: datetime,
    *,
    has_reason: bool = False,
    is_its_day: bool = False,
) -> bool:
    """Tell whether `require_action_allowed` lets an action pass: what a page offers."""
    try:
        require_action_allowed(
            action, status, starts_at, now, has_reason=has_reason, is_its_day=is_its_day
        )
    except ActionNotAllowed:
        return False
    return True


def require_outcome_allowed(
    outcome: Outcome, *, is_infusion: bool, starts_at: datetime, now: datetime
) -> None:
    """Raise `ValueError` for an outcome of another kind, `ActionNotAllowed` before it can be true."""
    if outcome not in allowed_outcomes(is_infusion):
        raise ValueError(outcome)
    if outcome not in allowed_outcomes(is_infusion, has_started=now >= starts_at):
        raise ActionNotAllowed(Action.FULFIL, "treated_too_early")


def compute_notice_time(now: datetime, wait: timedelta, starts: Sequence[datetime]) -> datetime:
    """Return when a change is told of: after `wait`, in which it can be undone with nobody told.

    Sooner where one of the `starts` to come, the old and the new, is near: `wait` before it, or at once.
    """
    latest = [start - wait for start in starts if start > now]
    return max(now, min([now + wait, *latest]))


def is_late_announceable(local_date: date, today: date, ends_at: datetime, now: datetime) -> bool:
    """Tell whether somebody may say that they come late: on the appointment's local day, until its end."""
    return local_date == today and now < ends_at


def allowed_outcomes(is_infusion: bool, *, has_started: bool = True) -> tuple[Outcome, ...]:
    """Return the outcomes a kept appointment can have; before its start none that says it took place."""
    outcomes = set(Outcome) - {Outcome.SEEN} if is_infusion else {Outcome.SEEN, Outcome.DECLINED}
    if not has_started:
        outcomes &= BEFORE_START_OUTCOMES
    return tuple(outcome for outcome in Outcome if outcome in outcomes)


def hold_started_at(first_held_at: datetime, now: datetime) -> datetime:
    """Return from when a hold counts: anew once others had their chance for as long as a step takes."""
    return now if now >= first_held_at + MAX_HOLD + HOLD else first_held_at


def hold_expires_at(first_held_at: datetime, now: datetime) -> datetime:
    """Return until when a hold is kept after a step at `now`: 10 minutes, an hour in all at most."""
    return min(now + HOLD, first_held_at + MAX_HOLD)


def new_reference() -> str:
    """Return a reference like K7Q-4MXW: 31 to the 7th (2.7e10) possibilities, no proof of anything."""
    letters = "".join(secrets.choice(REFERENCE_ALPHABET) for _ in range(REFERENCE_LETTERS))
    return f"{letters[:3]}-{letters[3:]}"


def parse_reference(text: str) -> str | None:
    """Return the reference that `text` spells, in either case, with its dash or without; None for none."""
    letters = re.sub(r"[\s-]", "", text).upper()
    if len(letters) != REFERENCE_LETTERS or not set(letters) <= set(REFERENCE_ALPHABET):
        return None
    return f"{letters[:3]}-{letters[3:]}"


def new_token() -> str:
    """Return 128 random bits, safe in an address."""
    return secrets.token_urlsafe(16)
