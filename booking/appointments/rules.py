"""The life of a visit: its codes (FHIR R4 Appointment.status) and which change may follow which."""

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum

HOLD = timedelta(minutes=10)  # a chosen time is kept this long, anew at each step
HOLD_AT_MOST = timedelta(minutes=60)  # from the first choice
MOST_HOLDS = 6  # open at once from one address: a family, or a clinic's own network
MOST_CONSULTATIONS = 2  # coming, of one person, booked by themselves
EARLY_CHECK_IN = timedelta(hours=12)  # a visit may be checked in on its day, not weeks ahead
REFERENCE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # no 0 O 1 I L: it is read aloud


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


OCCUPYING = (Status.BOOKED, Status.ARRIVED)  # states that take the patient's time
GIVEN = (Outcome.TREATED, Outcome.STOPPED_EARLY)  # outcomes of an infusion that take the day


class Origin(StrEnum):
    """Where a booking was made."""

    ONLINE = "online"
    API = "api"
    DESK = "desk"
    SERIES = "series"


class Step(StrEnum):
    """What can be done to a visit once it is booked."""

    MOVE = "move"
    CANCEL = "cancel"
    CHECK_IN = "check_in"
    FULFIL = "fulfil"
    MARK_NO_SHOW = "mark_no_show"


class StepRefused(ValueError):
    """The visit is not in a state, or not at a time, in which this can be done. `reason` is a code."""

    def __init__(self, step: Step, reason: str) -> None:
        super().__init__(f"{step}: {reason}")
        self.step, self.reason = step, reason


ALLOWED_FROM: Mapping[Step, frozenset[Status]] = {
    Step.MOVE: frozenset({Status.BOOKED}),
    Step.CANCEL: frozenset({Status.BOOKED}),
    Step.CHECK_IN: frozenset({Status.BOOKED}),
    Step.FULFIL: frozenset({Status.ARRIVED}),
    Step.MARK_NO_SHOW: frozenset({Status.BOOKED}),
}


def require_step(step: Step, status: Status, starts_at: datetime, now: datetime) -> None:
    """Raise `StepRefused` unless `step` may be done now to a visit in `status` starting at `starts_at`.

    A visit is moved or cancelled before it starts, missed only after, checked in on its day.
    """
    if status not in ALLOWED_FROM[step]:
        raise StepRefused(step, f"is_{status.value}")
    if step in (Step.MOVE, Step.CANCEL) and now >= starts_at:
        raise StepRefused(step, "has_started")
    if step is Step.MARK_NO_SHOW and now < starts_at:
        raise StepRefused(step, "not_started")
    if step is Step.CHECK_IN and now < starts_at - EARLY_CHECK_IN:
        raise StepRefused(step, "too_early")


def outcomes_for(is_infusion: bool) -> tuple[Outcome, ...]:
    """Return the outcomes a kept visit can have."""
    if is_infusion:
        return tuple(outcome for outcome in Outcome if outcome is not Outcome.SEEN)
    return (Outcome.SEEN, Outcome.DECLINED)


def hold_beginning(first_held_at: datetime, now: datetime) -> datetime:
    """Return from when a hold counts: anew once others had their chance for as long as a step takes."""
    return now if now >= first_held_at + HOLD_AT_MOST + HOLD else first_held_at


def hold_expiry(first_held_at: datetime, now: datetime) -> datetime:
    """Return until when a hold is kept after a step at `now`: 10 minutes, an hour in all at most."""
    return min(now + HOLD, first_held_at + HOLD_AT_MOST)


def new_reference() -> str:
    """Return a reference like K7Q-4MXW: 31 to the 7th (2.7e10) possibilities, no proof of anything."""
    letters = "".join(secrets.choice(REFERENCE_ALPHABET) for _ in range(7))
    return f"{letters[:3]}-{letters[3:]}"


def new_token() -> str:
    """Return 128 random bits, safe in an address."""
    return secrets.token_urlsafe(16)
