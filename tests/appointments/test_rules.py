"""The life of a visit, by example."""

from datetime import timedelta

import pytest

from booking.appointments.rules import (
    Outcome,
    Status,
    Step,
    StepRefused,
    hold_expiry,
    new_reference,
    new_token,
    outcomes_for,
    require_step,
)
from tests.builders import NOW

SOON, PAST = NOW + timedelta(hours=1), NOW - timedelta(hours=1)


@pytest.mark.parametrize(
    ("step", "status", "starts_at"),
    [
        (Step.MOVE, Status.BOOKED, SOON),
        (Step.CANCEL, Status.BOOKED, SOON),
        (Step.CHECK_IN, Status.BOOKED, SOON),
        (Step.CHECK_IN, Status.BOOKED, PAST),
        (Step.FULFIL, Status.ARRIVED, PAST),
        (Step.MARK_NO_SHOW, Status.BOOKED, PAST),
    ],
)
def test_steps_that_may_be_taken(step: Step, status: Status, starts_at: object) -> None:
    require_step(step, status, starts_at, NOW)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("step", "status", "starts_at", "reason"),
    [
        (Step.CANCEL, Status.BOOKED, PAST, "has_started"),
        (Step.MOVE, Status.BOOKED, NOW, "has_started"),
        (Step.CANCEL, Status.ARRIVED, SOON, "is_arrived"),
        (Step.MARK_NO_SHOW, Status.BOOKED, SOON, "not_started"),
        (Step.CHECK_IN, Status.BOOKED, NOW + timedelta(days=2), "too_early"),
        (Step.FULFIL, Status.BOOKED, PAST, "is_booked"),
        (Step.MOVE, Status.CANCELLED, SOON, "is_cancelled"),
    ],
)
def test_steps_that_are_refused_say_why(
    step: Step, status: Status, starts_at: object, reason: str
) -> None:
    with pytest.raises(StepRefused) as refusal:
        require_step(step, status, starts_at, NOW)  # type: ignore[arg-type]
    assert refusal.value.reason == reason


def test_only_an_infusion_is_treated() -> None:
    assert Outcome.TREATED in outcomes_for(is_infusion=True)
    assert Outcome.TREATED not in outcomes_for(is_infusion=False)


def test_a_hold_lasts_ten_minutes_and_never_past_an_hour() -> None:
    assert hold_expiry(NOW, NOW) == NOW + timedelta(minutes=10)
    assert hold_expiry(NOW, NOW + timedelta(minutes=55)) == NOW + timedelta(minutes=60)


def test_references_can_be_read_aloud() -> None:
    assert all(not set(new_reference()) & set("01OIL") for _ in range(100))


def test_tokens_have_128_bits() -> None:
    assert len(new_token()) == 22
    assert len({new_token() for _ in range(100)}) == 100
