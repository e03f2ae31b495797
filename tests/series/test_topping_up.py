"""Open-ended series are kept booked ahead, once, by however many schedulers."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete

from booking import create_app
from booking.appointments.models import Appointment
from booking.appointments.rules import Status
from booking.calendars.models import CatalogueVersion
from booking.calendars.operations import SlotTaken
from booking.db.transactions import transaction
from booking.extensions import db
from booking.locations.models import Closure
from booking.series import booking_ahead
from booking.series import operations as series_operations
from booking.series.booking_ahead import book_sessions_ahead
from booking.series.gap_rules import list_gap_violations
from booking.series.models import InfusionSeries, Session
from booking.series.operations import BOOK_AHEAD_INTERVAL
from booking.series.preferences import Preferences
from booking.series.progress import SessionState
from booking.series.proposals import propose_plans
from booking.series.queries import get_phases, list_sessions, list_standing_sessions
from booking.series.rules import Gap, Phase
from booking.tasks.models import TaskKind
from tests.builders import NOW, TOMORROW, Clinic, a_closure, a_patient
from tests.databases import settings_for
from tests.forked import forkserver
from tests.series.prescribed import (
    RECOMMENDED,
    TWICE,
    WEEKLY,
    a_booked_series,
    a_template,
    appointments,
    count,
    starts,
    tasks_of,
)

FORTNIGHTLY = Gap(12, 14, 14, 16)
AHEAD = timedelta(weeks=6)


def ongoing(gap: Gap) -> tuple[Phase, ...]:
    """Return two sessions and then an open end at this gap."""
    first = Phase("At first", 2, TWICE, 15, 45, 30)
    return (first, Phase("Ongoing", None, gap, 15, 45, 30, 4))


def run_top_up(url: str, now: datetime, shot: Any, results: Any) -> None:
    """Be a scheduler of its own that tops up when all are ready."""
    with create_app(settings_for(url)).app_context():
        db.session.connection()  # connected, like one that has run for long
        db.session.rollback()
        shot.wait(30)
        results.put(book_sessions_ahead(now))


def top_up_at_once(url: str, now: datetime, processes: int = 2) -> int:
    """Let several schedulers top up at one moment; return how many series they looked at together."""
    shot, results = forkserver.Barrier(processes), forkserver.Queue()
    arguments = (url, now, shot, results)
    racers = [forkserver.Process(target=run_top_up, args=arguments) for _ in range(processes)]
    for racer in racers:
        racer.start()
    looked: int = sum(results.get(timeout=60) for _ in racers)
    for racer in racers:
        racer.join(10)
    return looked


def coming(series: InfusionSeries, now: datetime) -> list[Appointment]:
    """Return the appointments of the open-ended phase that stand after `now`."""
    open_phase = len(get_phases(series)) - 1
    return [
        session.appointment
        for session in list_sessions(series.id)
        if session.session.phase == open_phase
        and session.appointment
        and session.appointment.starts_at > now
    ]


def numbers(series: InfusionSeries) -> list[int]:
    return [session.session.number for session in list_sessions(series.id)]


def test_two_schedulers_at_once_book_each_session_once(clinic: Clinic, database_url: str) -> None:
    series = a_booked_series(clinic, RECOMMENDED)
    known, later = len(appointments(series)), appointments(series)[6].starts_at
    assert top_up_at_once(database_url, later) == 1
    found = appointments(series)
    assert len(found) > known
    assert numbers(series) == list(range(1, len(found) + 1))
    assert count(Appointment) == count(Session) == len(found)
    assert (
        list_gap_violations(get_phases(series), list_standing_sessions(list_sessions(series.id)))
        == []
    )


def four_series(clinic: Clinic) -> list[InfusionSeries]:
    """Book four patients' open-ended series of one template."""
    phases = ongoing(WEEKLY)
    template, given = a_template(phases), (Preferences(), "ahwatukee", TOMORROW)
    found = []
    for _ in range(4):
        patient, by = a_patient(clinic), clinic.practitioner.id
        series = series_operations.prescribe_series(patient, template.id, phases, *given, by, NOW)
        found.append(
            series_operations.book_plan(
                series.id, starts(propose_plans(series, NOW)), NOW, "staff:1"
            )
        )
    return found


def test_two_schedulers_at_once_share_several_series(clinic: Clinic, database_url: str) -> None:
    all_made = four_series(clinic)
    later = NOW + timedelta(weeks=4)
    assert top_up_at_once(database_url, later) == 4
    for series in all_made:
        assert coming(series, later)[-1].starts_at > later + AHEAD - timedelta(
            days=WEEKLY.ideal_max_days
        )
        assert numbers(series) == list(range(1, len(appointments(series)) + 1))


@pytest.mark.parametrize(("gap", "sessions"), [(TWICE, 12), (WEEKLY, 6), (FORTNIGHTLY, 4)])
def test_booked_ahead_is_the_larger_of_six_weeks_and_four_sessions(
    clinic: Clinic, gap: Gap, sessions: int
) -> None:
    series = a_booked_series(clinic, ongoing(gap))
    for week in range(2, 6):
        now = NOW + timedelta(weeks=week)
        book_sessions_ahead(now)
        ahead = coming(series, now)
        assert sessions <= len(ahead) <= sessions + 2
        assert ahead[-1].starts_at > now + AHEAD - timedelta(days=gap.ideal_max_days)


def close(clinic: Clinic, first: date, days: int) -> None:
    for number in range(days):
        a_closure(clinic.location, first + timedelta(days=number))


def open_again() -> None:
    with transaction():
        db.session.execute(delete(Closure))
        db.session.get_one(CatalogueVersion, 1).version += 1


def test_what_has_no_place_is_one_session_and_one_task_however_often_it_is_looked_at(
    clinic: Clinic, database_url: str
) -> None:
    series = a_booked_series(clinic, RECOMMENDED)
    close(clinic, appointments(series)[-1].local_date + timedelta(days=5), 5)
    now = appointments(series)[7].starts_at
    top_up_at_once(database_url, now)
    for times in range(1, 4):
        book_sessions_ahead(now + times * BOOK_AHEAD_INTERVAL)
    unplaced = [
        o.session for o in list_sessions(series.id) if o.session.state is SessionState.UNPLACED
    ]
    assert [session.number for session in unplaced] == [11]
    (task,) = tasks_of(TaskKind.PLACE_SESSION)
    assert (task.subject_kind, task.subject_id) == ("session", unplaced[0].id)


def test_once_there_is_a_place_again_it_is_booked_and_its_task_is_settled(clinic: Clinic) -> None:
    series = a_booked_series(clinic, RECOMMENDED)
    close(clinic, appointments(series)[-1].local_date + timedelta(days=5), 5)
    now = appointments(series)[7].starts_at
    book_sessions_ahead(now)
    assert len(tasks_of(TaskKind.PLACE_SESSION)) == 1
    open_again()
    book_sessions_ahead(now + BOOK_AHEAD_INTERVAL)
    assert {session.session.state for session in list_sessions(series.id)} == {SessionState.BOOKED}
    assert tasks_of(TaskKind.PLACE_SESSION) == []
    assert {appointment.status for appointment in appointments(series)} == {Status.BOOKED}


def test_a_series_that_is_refused_holds_up_no_other(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = a_booked_series(clinic, RECOMMENDED)
    second = series_operations.prescribe_series(
        a_patient(clinic), first.template_id, RECOMMENDED, Preferences(), "ahwatukee", TOMORROW,
        clinic.practitioner.id, NOW,
    )  # fmt: skip
    made = [
        first,
        series_operations.book_plan(second.id, starts(propose_plans(second, NOW)), NOW, "staff:1"),
    ]
    later = max(appointment.starts_at for one in made for appointment in appointments(one))
    book_ahead = booking_ahead._book_ahead

    def refuse_the_first(series: InfusionSeries, now: datetime) -> None:
        if series.id == made[0].id:
            raise SlotTaken
        book_ahead(series, now)

    before = [len(appointments(one)) for one in made]
    monkeypatch.setattr(booking_ahead, "_book_ahead", refuse_the_first)
    book_sessions_ahead(later)
    assert len(appointments(made[0])) == before[0]
    assert len(appointments(made[1])) > before[1]
    monkeypatch.undo()
    book_sessions_ahead(later + timedelta(minutes=11))
    assert len(appointments(made[0])) > before[0]
