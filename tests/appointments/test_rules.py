"""The life of an appointment, by example."""

from datetime import timedelta

import pytest

from booking.appointments.rules import (
    EARLY_CHECK_IN,
    Action,
    ActionNotAllowed,
    Outcome,
    Status,
    allowed_outcomes,
    hold_expires_at,
    new_reference,
    new_token,
    require_action_allowed,
)
from tests.builders import NOW

MOMENT = timedelta(microseconds=1)
SOON, PAST = NOW + timedelta(hours=1), NOW - timedelta(hours=1)


@pytest.mark.parametrize(
    ("step", "status", "starts_at"),
    [
        (Action.MOVE, Status.BOOKED, SOON),
        (Action.CANCEL, Status.BOOKED, SOON),
        (Action.CHECK_IN, Status.BOOKED, SOON),
        (Action.CHECK_IN, Status.BOOKED, PAST),
        (Action.FULFIL, Status.ARRIVED, PAST),
        (Action.MARK_NO_SHOW, Status.BOOKED, PAST),
        (Action.MARK_NO_SHOW, Status.BOOKED, NOW),
        (Action.CHECK_IN, Status.BOOKED, NOW + EARLY_CHECK_IN),
    ],
)
def test_steps_that_may_be_taken(step: Action, status: Status, starts_at: object) -> None:
    require_action_allowed(step, status, starts_at, NOW)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("step", "status", "starts_at", "reason"),
    [
        (Action.CANCEL, Status.BOOKED, PAST, "has_started"),
        (Action.MOVE, Status.BOOKED, NOW, "has_started"),
        (Action.CANCEL, Status.ARRIVED, SOON, "is_arrived"),
        (Action.MARK_NO_SHOW, Status.BOOKED, SOON, "not_started"),
        (Action.CHECK_IN, Status.BOOKED, NOW + EARLY_CHECK_IN + MOMENT, "too_early"),
        (Action.FULFIL, Status.BOOKED, PAST, "is_booked"),
        (Action.MOVE, Status.CANCELLED, SOON, "is_cancelled"),
    ],
)
def test_steps_that_are_refused_say_why(
    step: Action, status: Status, starts_at: object, reason: str
) -> None:
    with pytest.raises(ActionNotAllowed) as refusal:
        require_action_allowed(step, status, starts_at, NOW)  # type: ignore[arg-type]
    assert refusal.value.reason == reason


def test_only_an_infusion_is_treated() -> None:
    assert Outcome.TREATED in allowed_outcomes(is_infusion=True)
    assert Outcome.TREATED not in allowed_outcomes(is_infusion=False)


def test_a_hold_lasts_ten_minutes_and_never_past_an_hour() -> None:
    assert hold_expires_at(NOW, NOW) == NOW + timedelta(minutes=10)
    assert hold_expires_at(NOW, NOW + timedelta(minutes=55)) == NOW + timedelta(minutes=60)


def test_references_can_be_read_aloud() -> None:
    assert all(not set(new_reference()) & set("01OIL") for _ in range(100))


def test_tokens_have_128_bits() -> None:
    assert len(new_token()) == 22
    assert len({new_token() for _ in range(100)}) == 100
