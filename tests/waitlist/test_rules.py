"""Whom a free time suits, and when one may be offered."""

from datetime import date, datetime, timedelta

import pytest

from booking.calendars.local_days import PartOfDay
from booking.waitlist.rules import EmptyWish, FreeTime, WaitingEntry, Wish, may_offer_at
from tests.builders import local
from tests.waitlist.waiting import a_wish

PHOENIX = "America/Phoenix"
MONDAY = date(2026, 12, 7)
HERE, THERE = 1, 2
MORNING = FreeTime(local(9, day=MONDAY), HERE, MONDAY, PartOfDay.MORNING)


def entry(wish: Wish | None = None, *, refused: date | None = None) -> WaitingEntry:
    """Return somebody whose appointment is on the day after."""
    dates = frozenset({refused}) if refused else frozenset[date]()
    return WaitingEntry(1, wish or a_wish(HERE), MONDAY + timedelta(days=1), dates)


def test_a_time_on_an_earlier_day_suits() -> None:
    assert entry().suits(MORNING)


@pytest.mark.parametrize(
    "wish",
    [
        a_wish(THERE),
        a_wish(HERE, weekdays=range(1, 7)),
        a_wish(HERE, parts=[PartOfDay.AFTERNOON, PartOfDay.EVENING]),
    ],
)
def test_another_location_day_or_part_of_the_day_does_not(wish: Wish) -> None:
    assert not entry(wish).suits(MORNING)


def test_an_earlier_time_of_the_same_day_does_not() -> None:
    same_day = MONDAY + timedelta(days=1)
    assert not entry().suits(FreeTime(local(9, day=same_day), HERE, same_day, PartOfDay.MORNING))


def test_a_day_that_was_let_go_by_does_not() -> None:
    assert not entry(refused=MONDAY).suits(MORNING)


@pytest.mark.parametrize(
    ("weekdays", "parts", "locations"),
    [([], list(PartOfDay), [1]), ([0], [], [1]), ([0], [PartOfDay.MORNING], [])],
)
def test_a_wish_that_nothing_could_meet_is_refused(
    weekdays: list[int], parts: list[PartOfDay], locations: list[int]
) -> None:
    with pytest.raises(EmptyWish):
        a_wish(*locations, weekdays=weekdays, parts=parts)


def test_a_wish_is_kept_as_it_was() -> None:
    wish = a_wish(HERE, THERE, weekdays=[4, 0], parts=[PartOfDay.EVENING])
    assert wish.to_dict() == {"weekdays": [0, 4], "parts": ["evening"], "location_ids": [1, 2]}
    assert Wish.from_dict(wish.to_dict()) == wish


@pytest.mark.parametrize(
    ("now", "allowed"),
    [
        (local(7, 59), False),
        (local(8), True),
        (local(20, 44), True),
        (local(20, 45), False),
        (local(20, 55), False),
        (local(21), False),
        (local(0), False),
    ],
)
def test_no_offer_reaches_into_the_night(now: datetime, allowed: bool) -> None:
    assert may_offer_at(now, timedelta(minutes=15), PHOENIX) is allowed
