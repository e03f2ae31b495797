"""The life of an appointment, by example."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.appointments.rules import (
    EARLY_CHECK_IN,
    Action,
    ActionNotAllowed,
    Outcome,
    Status,
    allowed_outcomes,
    compute_notice_time,
    hold_expires_at,
    is_action_allowed,
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


@pytest.mark.parametrize("step", [Action.MOVE, Action.CANCEL])
def test_after_the_start_a_reason_lets_it_be_moved_or_cancelled(step: Action) -> None:
    require_action_allowed(step, Status.BOOKED, PAST, NOW, has_reason=True)
    assert not is_action_allowed(step, Status.ARRIVED, PAST, NOW, has_reason=True)


@pytest.mark.parametrize(
    ("step", "status"), [(Action.CHECK_IN, Status.NOSHOW), (Action.FULFIL, Status.FULFILLED)]
)
def test_what_is_over_is_corrected_on_its_day(step: Action, status: Status) -> None:
    require_action_allowed(step, status, PAST, NOW, is_its_day=True)
    with pytest.raises(ActionNotAllowed) as refusal:
        require_action_allowed(step, status, PAST, NOW)
    assert refusal.value.reason == f"is_{status.value}"


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


def test_before_the_start_no_outcome_says_that_it_took_place() -> None:
    early = allowed_outcomes(is_infusion=True, has_started=False)
    assert set(early) == set(Outcome) - {Outcome.TREATED, Outcome.STOPPED_EARLY, Outcome.SEEN}
    assert allowed_outcomes(is_infusion=False, has_started=False) == (Outcome.DECLINED,)


MINUTES = st.integers(0, 60).map(lambda minutes: timedelta(minutes=minutes))
STARTS = st.lists(st.integers(-600, 600).map(lambda minutes: NOW + timedelta(minutes=minutes)))


@given(wait=MINUTES, starts=STARTS)
def test_a_change_is_told_after_the_wait_and_as_long_before_each_start_to_come(
    wait: timedelta, starts: list[datetime]
) -> None:
    told_at = compute_notice_time(NOW, wait, starts)
    assert NOW <= told_at <= NOW + wait
    to_come = [start for start in starts if start > NOW]
    assert told_at == NOW or all(told_at + wait <= start for start in to_come)
    if all(start >= NOW + 2 * wait for start in to_come):
        assert told_at == NOW + wait
