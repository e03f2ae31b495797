"""After a gap over the limit a practitioner gives a phase once more, though the series never rested."""

from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from flask import Flask

from booking.appointments import attendance
from booking.appointments.rules import Status
from booking.extensions import db
from booking.series import endings
from booking.series.continuations import list_repeatable_phases
from booking.series.decisions import list_decisions
from booking.series.models import InfusionSeries
from booking.series.pause_rules import PauseDays
from booking.series.pauses import pause_series
from booking.series.progress import DecisionKind, SeriesStatus, SessionState
from booking.series.queries import get_phases, list_sessions
from booking.series.refusals import (
    InvalidChange,
    PlanChanged,
    PractitionerRequired,
    SeriesNotPending,
)
from booking.series.repeats import preview_repeat, repeat_phase
from booking.series.revisions import list_revisions
from booking.series.rules import find_phase
from booking.tasks.models import TaskKind
from tests.builders import Clinic, a_closure, local
from tests.series.life_decisions import DecidedLife
from tests.series.prescribed import RECOMMENDED, a_booked_series, appointments, tasks_of
from tests.series.test_healing import fill, treat

A_DAY = timedelta(days=1)


def miss_from(series: InfusionSeries, count: int, missed: int) -> datetime:
    """Treat the first sessions, let the patient not come to so many, and return when that was."""
    treat(series, count)
    lost = appointments(series)[count : count + missed]
    for appointment in lost:
        attendance.mark_no_show(appointment.id, appointment.ends_at, "staff:1")
    return lost[-1].ends_at


def row(series: InfusionSeries) -> InfusionSeries:
    return db.session.get_one(InfusionSeries, series.id)


def repeat(clinic: Clinic, series: InfusionSeries, now: datetime) -> None:
    key = preview_repeat(row(series), 0, now).key
    repeat_phase(
        series.id, 0, clinic.practitioner.id, now, reason="Two weeks without", expected_key=key
    )


def test_a_phase_is_given_once_more_from_now_on_and_keeps_what_suits(clinic: Clinic) -> None:
    series = a_booked_series(clinic, RECOMMENDED)
    now = miss_from(series, 3, 2)
    coming = {each.id for each in appointments(series) if each.starts_at > now}
    tail = preview_repeat(row(series), 0, now)
    assert tail.first_number == 6
    assert [phase.sessions for phase in tail.phases] == [5, 6, None]
    repeat(clinic, series, now)
    booked = [
        each for each in list_sessions(series.id) if each.session.state is SessionState.BOOKED
    ]
    assert [each.session.phase for each in booked][:6] == [1] * 6
    assert {each.appointment.id for each in booked if each.appointment} & coming
    days = [each.appointment.local_date for each in booked[:6] if each.appointment]
    assert all(2 <= (b - a).days <= 5 for a, b in pairwise(days))


def test_what_was_to_be_decided_about_missed_sessions_is_decided_with_it(clinic: Clinic) -> None:
    series = a_booked_series(clinic, RECOMMENDED)
    now = miss_from(series, 3, 2)
    assert len(tasks_of(TaskKind.DECIDE_AFTER_MISS)) == 2
    repeat(clinic, series, now)
    assert tasks_of(TaskKind.DECIDE_AFTER_MISS) == []
    (revision,) = list_revisions(series.id)
    assert (revision.revised_by_id, revision.reason) == (
        clinic.practitioner.id,
        "Two weeks without",
    )
    missed = [
        each for each in list_sessions(series.id) if each.session.state is SessionState.MISSED
    ]
    assert len(missed) == 2


def test_where_nothing_is_free_within_the_limit_it_begins_as_soon_after_as_can_be(
    clinic: Clinic,
) -> None:
    series = a_booked_series(clinic, RECOMMENDED)
    now = miss_from(series, 3, 1)
    last = appointments(series)[2].local_date
    for days in range(2, 12):
        a_closure(clinic.location, last + days * A_DAY)
    tail = preview_repeat(row(series), 0, now)
    assert tail.holes == []
    first = min(each.planned.day for each in tail.added)
    assert 12 <= (first - last).days <= 15


def test_only_a_practitioner_repeats_and_only_as_it_was_shown(clinic: Clinic) -> None:
    series = a_booked_series(clinic, RECOMMENDED)
    now = miss_from(series, 3, 2)
    key = preview_repeat(row(series), 0, now).key
    with pytest.raises(PractitionerRequired):
        repeat_phase(series.id, 0, clinic.front_desk.id, now, reason="x", expected_key=key)
    first = preview_repeat(row(series), 0, now).added[0].planned.slot
    fill(clinic, local(*divmod(first.minute, 60), day=first.day))
    with pytest.raises(PlanChanged):
        repeat_phase(series.id, 0, clinic.practitioner.id, now, reason="x", expected_key=key)
    with pytest.raises(InvalidChange, match="phase"):
        preview_repeat(row(series), 1, now)
    assert [index for index, _ in list_repeatable_phases(row(series))] == [0]


def test_a_series_that_rests_or_is_over_is_not_repeated_here(clinic: Clinic) -> None:
    series = a_booked_series(clinic, RECOMMENDED)
    now = miss_from(series, 3, 1)
    first = (now + 3 * A_DAY).date()
    pause_series(series.id, PauseDays(first, None), clinic.practitioner.id, now, reason="Rest")
    with pytest.raises(InvalidChange, match="paused"):
        preview_repeat(row(series), 0, now)
    endings.end_series(series.id, clinic.practitioner.id, now, reason="Enough")
    assert row(series).status is SeriesStatus.STOPPED
    with pytest.raises(SeriesNotPending):
        preview_repeat(row(series), 0, now)
    (decision,) = list_decisions(series.id)
    assert (decision.kind, decision.decided_by_id, decision.reason) == (
        DecisionKind.STOPPED, clinic.practitioner.id, "Enough",
    )  # fmt: skip
    assert not [each for each in appointments(series) if each.status is Status.BOOKED]


def test_a_session_given_up_and_needed_again_is_of_the_phase_of_its_number(app: Flask) -> None:
    life = DecidedLife.begin()
    life.authorise(sessions=8, days=8)
    life.repeat()  # one that has no place any more is given up, numbered after all others
    life.change_phases(which=40, sessions=5, most=4)
    life.authorise(sessions=6, days=60)
    life.repeat()
    scheduled = [
        each.session
        for each in list_sessions(life.series.id)
        if each.session.state is not SessionState.CANCELLED
    ]
    phases = get_phases(life.series)
    assert [(session.number, session.phase) for session in scheduled] == [
        (session.number, find_phase(phases, session.number)) for session in scheduled
    ]
