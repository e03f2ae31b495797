"""A series rests: its visits in that time are cancelled, and a practitioner decides how it goes on."""

from datetime import timedelta

import pytest

from booking.appointments.rules import Status
from booking.calendars.operations import claimed_resource_ids
from booking.series import endings, pauses, resumptions
from booking.series.booking_ahead import book_sessions_ahead
from booking.series.operations import BOOK_AHEAD_INTERVAL
from booking.series.pause_queries import find_undecided_pause, list_pauses
from booking.series.pause_rules import PauseDays
from booking.series.progress import PauseDecision, SessionState
from booking.series.refusals import InvalidChange, PractitionerRequired
from booking.series.reopening import reopen_series_tasks
from booking.series.resumptions import Resumption
from booking.series.work_list import list_unattended_sessions
from booking.tasks import operations as tasks
from booking.tasks.models import TaskKind
from tests.builders import NOW, TOMORROW, Clinic
from tests.series.ongoing import (
    Ongoing,
    an_ongoing_series,
    days,
    pause,
    starts,
)
from tests.series.prescribed import (
    doctor,
    tasks_of,
)

S, DECIDE = SessionState, TaskKind.DECIDE_PAUSED
A_DAY, A_WEEK = timedelta(days=1), timedelta(weeks=1)


@pytest.fixture
def ongoing(clinic: Clinic) -> Ongoing:
    return an_ongoing_series(clinic)


def test_a_pause_cancels_its_appointments_alone_and_frees_their_times(ongoing: Ongoing) -> None:
    second, third = ongoing.weekly[1:3]
    pause(ongoing, second.local_date, third.local_date)
    assert starts(ongoing.coming()) == starts([ongoing.weekly[0], *ongoing.weekly[3:]])
    assert second.status is third.status is Status.CANCELLED
    assert second.note == "Travels"
    assert len(claimed_resource_ids(second.id)) == 0


def test_a_pause_that_breaks_no_gap_asks_nobody_and_ends_by_itself(ongoing: Ongoing) -> None:
    first = ongoing.weekly[1].local_date + A_DAY
    pause(ongoing, first, first + timedelta(days=4))
    assert tasks_of(DECIDE) == []
    (only,) = list_pauses(ongoing.series.id)
    assert only.decision is PauseDecision.GO_ON
    assert len(ongoing.coming()) == len(ongoing.weekly)


def test_booking_ahead_leaves_out_the_days_of_a_pause(ongoing: Ongoing) -> None:
    last = ongoing.weekly[-1].local_date
    pause(ongoing, last + 7 * A_DAY, last + 7 * A_DAY)
    assert tasks_of(DECIDE) == []
    book_sessions_ahead(ongoing.weekly[1].starts_at)
    added = ongoing.coming()[len(ongoing.weekly) :]
    assert added
    assert last + 7 * A_DAY not in days(added)


def test_a_pause_until_further_notice_cancels_all_that_comes(ongoing: Ongoing) -> None:
    pause(ongoing, ongoing.weekly[2].local_date)
    assert starts(ongoing.coming()) == starts(ongoing.weekly[:2])
    assert len(tasks_of(DECIDE)) == 1
    for later in range(1, 4):
        book_sessions_ahead(NOW + later * 7 * BOOK_AHEAD_INTERVAL)
    assert starts(ongoing.coming()) == starts(ongoing.weekly[:2])
    assert tasks_of(TaskKind.PLACE_SESSION) == []


def test_sessions_of_a_phase_that_ends_wait_and_are_on_the_list(ongoing: Ongoing) -> None:
    pause(ongoing, ongoing.dense[3].local_date)
    assert ongoing.states() == [S.BOOKED] * 3 + [S.UNPLACED] * 3 + [S.CANCELLED] * len(
        ongoing.weekly
    )
    assert list_unattended_sessions() == []
    (task,) = tasks_of(DECIDE)
    tasks.finish_task(task.id, ongoing.practitioner, "Later", NOW, is_practitioner=True)
    reopen_series_tasks(NOW)
    assert len(tasks_of(DECIDE)) == 1
    assert list_unattended_sessions() == []


def test_a_pause_before_the_next_appointments_lets_booking_ahead_come_up_to_it(
    ongoing: Ongoing,
) -> None:
    first = ongoing.weekly[-1].local_date + 10 * A_DAY
    pause(ongoing, first)
    book_sessions_ahead(ongoing.weekly[2].starts_at)
    added = ongoing.coming()[len(ongoing.weekly) :]
    assert len(added) == 1
    assert added[0].local_date < first
    assert tasks_of(TaskKind.PLACE_SESSION) == []


def test_a_stopped_series_rests_no_more(ongoing: Ongoing) -> None:
    pause(ongoing, ongoing.weekly[2].local_date)
    endings.stop_series(ongoing.series.id, NOW, doctor(ongoing.clinic), reason="Moved away")
    assert find_undecided_pause(ongoing.series.id) is None
    assert tasks_of(DECIDE) == []


@pytest.mark.parametrize(
    ("first", "last", "field"), [(-1, 3, "first_day"), (3, 2, "last_day"), (900, None, "first_day")]
)
def test_a_pause_that_can_not_be_is_refused_by_its_day(
    ongoing: Ongoing, first: int, last: int | None, field: str
) -> None:
    today = TOMORROW - A_DAY
    with pytest.raises(InvalidChange) as refusal:
        pause(ongoing, today + first * A_DAY, None if last is None else today + last * A_DAY)
    assert refusal.value.field == field
    assert starts(ongoing.coming()) == starts(ongoing.weekly)


def test_a_series_rests_once_at_a_time(ongoing: Ongoing) -> None:
    pause(ongoing, ongoing.weekly[2].local_date)
    with pytest.raises(InvalidChange, match="paused"):
        pause(ongoing, ongoing.weekly[0].local_date)
    with pytest.raises(InvalidChange, match="paused"):
        endings.preview_end(ongoing.row, endings.SeriesEnd(sessions=2), NOW)


def test_only_a_practitioner_lets_a_series_rest_and_go_on(ongoing: Ongoing) -> None:
    desk = ongoing.clinic.front_desk.id
    with pytest.raises(PractitionerRequired):
        pauses.pause_series(ongoing.series.id, PauseDays(TOMORROW, None), desk, NOW, reason="x")
    pause(ongoing, TOMORROW)
    with pytest.raises(PractitionerRequired):
        resumptions.resume_series(
            ongoing.series.id, Resumption(TOMORROW), desk, NOW, reason="x", expected_key=""
        )
