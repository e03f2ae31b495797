"""Other systems' statuses and columns: what stands, what doesn't, and what nobody can know."""

import pytest

from booking.importing.outcomes import RowRefused
from booking.importing.statuses import (
    find_reason_left,
    is_cancelled,
    is_marked,
    require_standing,
)


@pytest.mark.parametrize(
    "status",
    [
        *("Canceled", "Cancelled", "Clinician Canceled", "Late Cancelled", "Cancelled by client"),
        *("No Show", "no-show", "NoShow", "Did Not Arrive", "Didn't attend", "Missed", "Rejected"),
        *("Invitee declined", "Denied", "Deleted", "Archived", "Voided", "Entered in error"),
        *("Expired", "Cancelado", "No asistió"),
    ],
)
def test_who_doesnt_come_is_known_by_a_word_anywhere_in_the_status(status: str) -> None:
    assert is_cancelled(["Confirmed", status])


@pytest.mark.parametrize(
    "status",
    [
        *("", "Booked", "scheduled", "CONFIRMED", "Active", "Upcoming", "New", "Pending"),
        *("Arrived", "Not confirmed", "Unconfirmed", "Checked in", "Show", "Accepted"),
    ],
)
def test_what_stands_is_taken(status: str) -> None:
    assert not is_cancelled([status])
    require_standing(status)


@pytest.mark.parametrize(
    "status", ["Rescheduled", "Waitlist", "Inactive", "Not booked", "Completed"]
)
def test_a_status_that_may_mean_anything_is_refused_by_its_name(status: str) -> None:
    assert not is_cancelled([status])
    with pytest.raises(RowRefused, match=f'the status "{status}" isn\'t known'):
        require_standing(status)


def test_a_status_is_named_on_one_short_line() -> None:
    with pytest.raises(RowRefused) as refusal:
        require_standing("\x1b[2J\n" + "a" * 100)
    assert str(refusal.value) == f'the status "[2J{"a" * 37}" isn\'t known'


def test_a_column_says_that_something_was_done_by_anything_but_a_no() -> None:
    for text in ("yes", "TRUE", "1", "x", "✓", "2026-11-01", "Nov 1, 2026", "Ann Lee"):
        assert is_marked(["no", text])
    for text in ("No", "FALSE", "0", "-", "n/a", "never"):
        assert not is_marked([text])
    assert not is_marked([])


def test_who_is_no_patient_any_more_is_told_from_who_only_stays_away() -> None:
    assert find_reason_left(["Active", "Deceased"]) == "deceased there"
    assert find_reason_left(["Archived"]) == "archived or deleted there"
    assert find_reason_left(["Banned"]) == "banned there"
    for status in ("Active", "Inactive", "Discharged", ""):
        assert find_reason_left([status]) == ""
