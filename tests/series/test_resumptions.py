"""How a series goes on after a pause: where it was, with a phase once more, or not at all."""

from datetime import timedelta

import pytest

from booking.db.transactions import transaction
from booking.series import resumptions
from booking.series.pause_queries import find_undecided_pause, list_pauses
from booking.series.progress import PauseDecision, SeriesStatus, SessionState
from booking.series.queries import get_phases, list_sessions
from booking.series.refusals import PlanChanged
from booking.series.resumptions import Resumption
from booking.series.rules import Gap, Phase
from booking.series.work_list import list_unattended_sessions
from booking.tasks.models import TaskKind
from tests.builders import NOW, Clinic, a_closure
from tests.series.ongoing import (
    Ongoing,
    an_ongoing_series,
    gaps,
    pause,
    resume,
    starts,
    weekday_and_minute,
)
from tests.series.prescribed import (
    TWICE,
    a_booked_series,
    appointments,
    tasks_of,
)

S, DECIDE = SessionState, TaskKind.DECIDE_PAUSED
A_DAY, A_WEEK = timedelta(days=1), timedelta(weeks=1)


@pytest.fixture
def ongoing(clinic: Clinic) -> Ongoing:
    return an_ongoing_series(clinic)


def test_a_gap_over_the_limit_asks_the_practitioner_how_it_goes_on(ongoing: Ongoing) -> None:
    pause(ongoing, ongoing.weekly[1].local_date, ongoing.weekly[1].local_date)
    (task,) = tasks_of(DECIDE)
    assert (task.subject_kind, task.subject_id) == ("infusion_series", ongoing.series.id)
    assert find_undecided_pause(ongoing.series.id) is not None


def test_a_series_goes_on_at_its_weekday_and_time(ongoing: Ongoing) -> None:
    usual = weekday_and_minute(ongoing.weekly[0])
    pause(ongoing, ongoing.weekly[1].local_date)
    first_day = ongoing.weekly[3].local_date + 9 * A_DAY
    resume(ongoing, first_day)
    after = [each for each in ongoing.coming() if each.local_date >= first_day]
    assert {weekday_and_minute(each) for each in after} == {usual}
    assert after[0].local_date - first_day <= A_WEEK
    assert set(gaps(after)) == {7}
    assert len(after) >= 4
    assert tasks_of(DECIDE) == []


def test_the_gap_over_a_pause_is_let_stand_by_the_decision(ongoing: Ongoing) -> None:
    pause(ongoing, ongoing.weekly[1].local_date)
    resume(ongoing, ongoing.weekly[3].local_date)
    allowed = {
        each.appointment.id: each.session.allowed_gap
        for each in list_sessions(ongoing.series.id)
        if each.appointment
    }
    coming = ongoing.coming()
    assert allowed[coming[1].id] == gaps(coming)[0] > 9
    assert {allowed[each.id] for each in coming[2:]} == {None}


def test_a_decision_after_a_pause_is_kept_with_who_when_and_why(ongoing: Ongoing) -> None:
    pause(ongoing, ongoing.weekly[1].local_date)
    first_day = ongoing.weekly[3].local_date + A_WEEK
    resume(ongoing, first_day)
    (decided,) = list_pauses(ongoing.series.id)
    assert (decided.decision, decided.decided_by_id) == (PauseDecision.GO_ON, ongoing.practitioner)
    assert (decided.decision_reason, decided.last_day) == ("Well", first_day - A_DAY)


def test_what_stands_after_a_pause_stays_when_it_goes_on(ongoing: Ongoing) -> None:
    pause(ongoing, ongoing.weekly[1].local_date, ongoing.weekly[2].local_date)
    stands = ongoing.weekly[3:]
    resume(ongoing, stands[0].local_date)
    coming = ongoing.coming()
    assert starts(coming)[: 1 + len(stands)] == starts([ongoing.weekly[0], *stands])
    assert set(gaps(coming[1:])) == {7}


def test_the_rest_of_a_phase_is_booked_when_it_goes_on_with_the_fewest_appointments_lost(
    ongoing: Ongoing,
) -> None:
    fourth, sixth = ongoing.dense[3], ongoing.dense[5]
    pause(ongoing, fourth.local_date, ongoing.dense[4].local_date)
    resume(ongoing, sixth.local_date)
    coming = ongoing.coming(ongoing.dense[0])
    assert S.UNPLACED not in ongoing.states()
    assert starts(coming)[:4] == starts([*ongoing.dense[:3], sixth])
    numbers = ongoing.numbers()
    assert [numbers[each.id] for each in coming] == list(range(1, len(coming) + 1))
    dense = [*gaps(coming)[3:5]]
    assert all(TWICE.allows(each) for each in dense)
    kept = [each for each in ongoing.weekly if each in coming]
    assert len(kept) >= len(ongoing.weekly) - 1


def test_a_phase_can_be_given_once_more(ongoing: Ongoing) -> None:
    done_until = ongoing.weekly[1]
    pause(ongoing, ongoing.weekly[2].local_date)
    later = ongoing.weekly[2].local_date + 4 * A_WEEK
    finish_sessions(ongoing, 8)
    resume(ongoing, later, repeats=0)
    coming = [each for each in ongoing.coming() if each.starts_at > done_until.starts_at]
    assert all(TWICE.allows(each) for each in gaps(coming[:6]))
    assert [phase.sessions for phase in get_phases(ongoing.row)] == [6, 2, 6, None]
    assert len(coming) >= 10


def finish_sessions(ongoing: Ongoing, number: int) -> None:
    """Let the first sessions have been done: their states alone matter here."""
    with transaction():
        for each in list_sessions(ongoing.series.id)[:number]:
            each.session.state = S.DONE


def test_a_series_ends_after_a_pause_if_so_decided(ongoing: Ongoing) -> None:
    pause(ongoing, ongoing.weekly[2].local_date)
    resumptions.end_paused_series(ongoing.series.id, ongoing.practitioner, NOW, reason="Enough")
    assert ongoing.row.status is SeriesStatus.STOPPED
    assert ongoing.coming() == []
    assert tasks_of(DECIDE) == []
    (only,) = list_pauses(ongoing.series.id)
    assert only.decision is PauseDecision.END


def test_what_finds_no_place_after_a_pause_is_somebodys_task(ongoing: Ongoing) -> None:
    pause(ongoing, ongoing.dense[3].local_date)
    first_day = ongoing.dense[3].local_date + 2 * A_WEEK
    for number in range(5, 70):
        a_closure(ongoing.clinic.location, first_day + number * A_DAY)
    resume(ongoing, first_day)
    assert S.UNPLACED in ongoing.states()
    assert len(tasks_of(TaskKind.PLACE_SESSION)) == ongoing.states().count(S.UNPLACED)
    assert list_unattended_sessions() == []


def test_only_what_was_shown_is_done(ongoing: Ongoing) -> None:
    pause(ongoing, ongoing.weekly[1].local_date)
    resumption = Resumption(ongoing.weekly[3].local_date + A_WEEK)
    tail = resumptions.preview_resumption(ongoing.row, resumption, NOW)
    a_closure(ongoing.clinic.location, tail.added[0].planned.day)
    with pytest.raises(PlanChanged):
        resumptions.resume_series(
            ongoing.series.id,
            resumption,
            ongoing.practitioner,
            NOW,
            reason="x",
            expected_key=tail.key,
        )
    assert find_undecided_pause(ongoing.series.id) is not None


def test_a_series_that_ends_rests_and_goes_on(clinic: Clinic) -> None:
    series = a_booked_series(clinic, (Phase("All", 4, Gap(2, 3, 4, 5), 15, 45, 30),))
    booked = appointments(series)
    ongoing = Ongoing(clinic, series, booked, booked)
    pause(ongoing, booked[2].local_date)
    assert ongoing.states() == [S.BOOKED] * 2 + [S.UNPLACED] * 2
    resume(ongoing, booked[3].local_date + 3 * A_WEEK)
    assert ongoing.states()[:4] == [S.BOOKED] * 4
    assert set(ongoing.states()[4:]) == {S.CANCELLED}
    assert ongoing.row.status is SeriesStatus.ACTIVE
