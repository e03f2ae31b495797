"""A series gets an end, by day or by number; it comes when it comes, and can be taken away again."""

from datetime import date, timedelta

import pytest

from booking.appointments import operations as appointment_operations
from booking.appointments.rules import Outcome, Status
from booking.series import endings
from booking.series import operations as series_operations
from booking.series.booking_ahead import book_sessions_ahead
from booking.series.endings import SeriesEnd
from booking.series.healing import propose_ways
from booking.series.operations import BOOK_AHEAD_INTERVAL
from booking.series.progress import SeriesStatus, SessionState
from booking.series.queries import get_phases, is_placeable, list_sessions
from booking.series.refusals import InvalidChange, PractitionerRequired, SeriesNotPending
from booking.series.reviews import ReviewReason
from booking.series.revisions import list_revisions
from booking.series.work_list import list_unattended_sessions
from booking.tasks.models import TaskKind
from tests.builders import NOW, Clinic
from tests.series.ongoing import Ongoing, an_ongoing_series, days, starts
from tests.series.prescribed import RECOMMENDED, a_booked_series, appointments, doctor, tasks_of
from tests.series.test_life import take_place

A_DAY, A_WEEK = timedelta(days=1), timedelta(weeks=1)


@pytest.fixture
def ongoing(clinic: Clinic) -> Ongoing:
    return an_ongoing_series(clinic)


def end(ongoing: Ongoing, last_day: date | None = None, sessions: int | None = None) -> None:
    endings.end_series_after(
        ongoing.series.id, SeriesEnd(last_day, sessions), ongoing.practitioner, NOW, reason="Enough"
    )


def has_failed() -> bool:
    """Tell whether a practitioner is asked to look at a series that the program could not book."""
    reviews = tasks_of(TaskKind.REVIEW_SERIES)
    return ReviewReason.NOT_BOOKED in [task.details["why"] for task in reviews]


def give_up_all(ongoing: Ongoing) -> None:
    """Cancel all that is booked, and find no other time for any of it."""
    by = doctor(ongoing.clinic)
    for appointment in ongoing.coming(ongoing.dense[0]):
        appointment_operations.cancel(appointment.id, NOW, by, by_patient=False, reason="Closed")
    for each in list_sessions(ongoing.series.id):
        series_operations.give_up_session(
            each.session.id, ongoing.practitioner, NOW, reason="No time suits"
        )


def test_an_end_by_day_cancels_what_is_later(ongoing: Ongoing) -> None:
    end(ongoing, ongoing.weekly[1].local_date + A_DAY)
    assert starts(ongoing.coming()) == starts(ongoing.weekly[:2])
    assert [each.status for each in ongoing.weekly[2:]] == [Status.CANCELLED] * len(
        ongoing.weekly[2:]
    )
    assert [phase.sessions for phase in get_phases(ongoing.row)] == [6, 2]
    (revision,) = list_revisions(ongoing.series.id)
    assert (revision.reason, revision.revised_by_id) == ("Enough", ongoing.practitioner)


def test_an_end_far_off_is_booked_up_to_and_no_further(ongoing: Ongoing) -> None:
    last_day = ongoing.weekly[-1].local_date + 2 * A_WEEK + A_DAY
    end(ongoing, last_day)
    assert starts(ongoing.coming()) == starts(ongoing.weekly)
    for week in range(1, 12):
        book_sessions_ahead(NOW + week * A_WEEK)
    assert len(ongoing.coming()) == len(ongoing.weekly) + 2
    assert max(days(ongoing.coming())) <= last_day
    assert tasks_of(TaskKind.PLACE_SESSION) == []
    assert get_phases(ongoing.row)[-1].sessions == len(ongoing.weekly) + 2


def test_a_series_is_complete_once_its_end_has_come(clinic: Clinic) -> None:
    ongoing = an_ongoing_series(clinic)
    end(ongoing, sessions=7)
    for appointment in ongoing.coming(ongoing.dense[0]):
        take_place(appointment, Outcome.TREATED)
    book_sessions_ahead(ongoing.weekly[0].ends_at + BOOK_AHEAD_INTERVAL)
    assert ongoing.row.status is SeriesStatus.COMPLETED


def test_a_series_all_of_which_was_given_up_goes_on_to_its_end(ongoing: Ongoing) -> None:
    booked = len(ongoing.states())
    end(ongoing, sessions=booked + 2)
    give_up_all(ongoing)
    book_sessions_ahead(NOW + BOOK_AHEAD_INTERVAL)
    assert ongoing.states() == [SessionState.CANCELLED] * booked + [SessionState.BOOKED] * 2
    assert not has_failed()


def test_a_series_all_of_which_was_given_up_is_over_with_its_last_day(ongoing: Ongoing) -> None:
    give_up_all(ongoing)
    end(ongoing, NOW.date() + A_DAY)
    book_sessions_ahead(NOW + 2 * A_DAY)
    assert ongoing.row.status is SeriesStatus.COMPLETED
    assert not has_failed()


def test_a_series_with_no_day_left_before_its_last_one_is_closed(ongoing: Ongoing) -> None:
    last = ongoing.weekly[-1]
    end(ongoing, last.local_date + A_DAY)
    for appointment in ongoing.coming(ongoing.dense[0]):
        take_place(appointment, Outcome.TREATED)
    book_sessions_ahead(last.ends_at + 3 * A_DAY)
    assert ongoing.row.status is SeriesStatus.COMPLETED
    assert not has_failed()


@pytest.mark.parametrize(("count", "stands"), [(3, 3), (8, 8), (20, None)])
def test_an_end_by_number_counts_what_is_to_come(
    ongoing: Ongoing, count: int, stands: int | None
) -> None:
    booked = len(ongoing.dense) + len(ongoing.weekly)
    end(ongoing, sessions=count)
    assert len(ongoing.coming(ongoing.dense[0])) == (stands or booked)
    assert sum(phase.sessions or 0 for phase in get_phases(ongoing.row)) == count
    for week in range(1, 14):
        book_sessions_ahead(NOW + week * A_WEEK)
    assert len(ongoing.coming(ongoing.dense[0])) == count


def test_an_end_can_be_taken_away_again(ongoing: Ongoing) -> None:
    end(ongoing, ongoing.weekly[1].local_date)
    end(ongoing)
    assert get_phases(ongoing.row) == RECOMMENDED
    assert ongoing.row.last_day is None
    book_sessions_ahead(NOW + BOOK_AHEAD_INTERVAL)
    assert len(ongoing.coming()) >= len(ongoing.weekly)
    with pytest.raises(InvalidChange, match="no_end"):
        end(ongoing)


def test_sessions_without_a_time_past_the_end_are_given_up(ongoing: Ongoing) -> None:
    by = doctor(ongoing.clinic)
    for appointment in (ongoing.weekly[0], ongoing.weekly[3]):
        appointment_operations.cancel(appointment.id, NOW, by, by_patient=False, reason="Closed")
    end(ongoing, sessions=8)  # six, the one that waits, and one more
    assert starts(ongoing.coming()) == starts(ongoing.weekly[1:2])
    assert len(tasks_of(TaskKind.PLACE_SESSION)) == 1
    assert list_unattended_sessions() == []
    assert ongoing.states()[9:] == [SessionState.CANCELLED] * len(ongoing.states()[9:])


def test_a_miss_past_the_end_stays_a_fact_and_asks_nobody(ongoing: Ongoing) -> None:
    appointment_operations.cancel(ongoing.weekly[-1].id, NOW, "online", by_patient=True)
    assert len(tasks_of(TaskKind.DECIDE_AFTER_MISS)) == 1
    end(ongoing, sessions=7)
    assert ongoing.states()[-1] is SessionState.MISSED
    assert tasks_of(TaskKind.DECIDE_AFTER_MISS) == []
    session = list_sessions(ongoing.series.id)[-1].session
    assert not is_placeable(session, ongoing.row)
    with pytest.raises(SeriesNotPending):
        propose_ways(session, NOW)


def test_a_series_that_ends_can_end_sooner(clinic: Clinic) -> None:
    series = a_booked_series(clinic)
    booked = appointments(series)
    ongoing = Ongoing(clinic, series, booked, booked)
    with pytest.raises(InvalidChange, match="sessions"):
        end(ongoing, sessions=7)  # a longer phase is prescribed
    end(ongoing, sessions=4)
    assert len(ongoing.coming()) == 4
    assert [phase.sessions for phase in get_phases(ongoing.row)] == [4]
    assert list_unattended_sessions() == []


@pytest.mark.parametrize(
    ("last_day", "sessions", "field"),
    [
        (-1, None, "last_day"),
        (900, None, "last_day"),
        (None, 0, "sessions"),
        (None, 99, "sessions"),
    ],
)
def test_an_end_that_can_not_be_is_refused_by_its_field(
    ongoing: Ongoing, last_day: int | None, sessions: int | None, field: str
) -> None:
    day = None if last_day is None else NOW.date() + last_day * A_DAY
    with pytest.raises(InvalidChange) as refusal:
        end(ongoing, day, sessions)
    assert refusal.value.field == field


def test_only_a_practitioner_sets_an_end(ongoing: Ongoing) -> None:
    with pytest.raises(PractitionerRequired):
        endings.end_series_after(
            ongoing.series.id, SeriesEnd(sessions=2), ongoing.clinic.front_desk.id, NOW, reason="x"
        )
