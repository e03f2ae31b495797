"""A practitioner changes a series' own phases: done stays done, and visits stay where they can."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
from sqlalchemy import select

from booking.appointments import attendance
from booking.appointments import operations as appointment_operations
from booking.appointments.models import Appointment
from booking.appointments.patient_booking import book_for_patient
from booking.appointments.rules import Origin, Outcome, Status
from booking.audit.models import AuditEntry
from booking.calendars import availability
from booking.calendars.models import Claim
from booking.db.transactions import transaction
from booking.extensions import db
from booking.series import personal_changes
from booking.series.models import InfusionSeries
from booking.series.personal_phases import rest_of_phases
from booking.series.personal_plans import TailWithLengths
from booking.series.progress import SeriesStatus, SessionState
from booking.series.queries import get_phases, list_sessions
from booking.series.refusals import (
    InvalidChange,
    PlanChanged,
    PractitionerRequired,
    SeriesNotPending,
)
from booking.series.revisions import list_revisions
from booking.series.rules import Phase
from booking.tasks.models import TaskKind
from tests.builders import NOW, Clinic, a_clinic, a_patient
from tests.series.prescribed import (
    RECOMMENDED,
    SIX,
    a_booked_series,
    appointments,
    doctor,
    tasks_of,
)

TWICE, WEEKLY = RECOMMENDED
LONGER = timedelta(minutes=105)


def preview(series: InfusionSeries, number: int, rest: Sequence[Phase]) -> TailWithLengths:
    row = db.session.get_one(InfusionSeries, series.id)
    return personal_changes.preview_phases(row, number, rest, NOW)


def change(
    clinic: Clinic, series: InfusionSeries, number: int, rest: Sequence[Phase]
) -> TailWithLengths:
    """Change a series as the preview shows it, and return that."""
    shown = preview(series, number, rest)
    personal_changes.change_phases(
        series.id, number, rest, clinic.practitioner.id, NOW, reason="Better so",
        expected_key=shown.key,
    )  # fmt: skip
    return shown


def standing(series: InfusionSeries) -> list[tuple[int, int, Appointment]]:
    """Return number, phase and appointment of each session that is booked or done, by day."""
    rows = [
        (each.session.number, each.session.phase, each.appointment)
        for each in list_sessions(series.id)
        if each.appointment and each.session.state in (SessionState.BOOKED, SessionState.DONE)
    ]
    return sorted(rows, key=lambda row: row[2].starts_at)


def chair_time(appointment: Appointment) -> timedelta:
    claims = db.session.scalars(select(Claim).filter_by(appointment_id=appointment.id)).all()
    return max(claim.ends_at for claim in claims) - min(claim.starts_at for claim in claims)


def test_two_more_twice_a_week_come_between_and_every_appointment_stays(clinic: Clinic) -> None:
    series = a_booked_series(clinic, RECOMMENDED)
    before = appointments(series)
    first, *_ = before
    attendance.check_in(first.id, first.starts_at, doctor(clinic))
    attendance.fulfil(first.id, Outcome.TREATED, first.starts_at, doctor(clinic))
    shown = change(clinic, series, 5, (replace(TWICE, sessions=4), WEEKLY))
    assert shown.tail.cancelled == []
    assert get_phases(series) == (replace(TWICE, sessions=8), WEEKLY)
    rows = standing(series)
    assert [number for number, _, _ in rows] == list(range(1, len(rows) + 1))
    assert [phase for _, phase, _ in rows][:8] == [0] * 8
    assert {each.id for each in before} <= {appointment.id for _, _, appointment in rows}
    days = [appointment.local_date for _, _, appointment in rows]
    gaps = [(b - a).days for a, b in pairwise(days)]
    assert all(2 <= gap <= 5 for gap in gaps[:7])
    assert all(5 <= gap <= 9 for gap in gaps[7:])
    assert tasks_of(TaskKind.PLACE_SESSION) == []


def test_it_is_kept_who_changed_what_and_why(clinic: Clinic) -> None:
    series = a_booked_series(clinic, RECOMMENDED)
    change(clinic, series, 9, (replace(WEEKLY, recovery=45),))
    (revision,) = list_revisions(series.id)
    assert (revision.revised_by_id, revision.revised_at) == (clinic.practitioner.id, NOW)
    assert (revision.reason, revision.first_number) == ("Better so", 9)
    assert revision.phases_before == [phase.to_dict() for phase in RECOMMENDED]
    entry = db.session.scalars(select(AuditEntry).filter_by(action="change_phases")).one()
    assert entry.actor == doctor(clinic)
    assert "Better so" not in str(entry.facts)


def test_more_minutes_from_now_on_are_claimed_where_they_are_free(clinic: Clinic) -> None:
    series = a_booked_series(clinic, RECOMMENDED)
    before = appointments(series)
    shown = change(clinic, series, 9, (replace(WEEKLY, recovery=45),))
    assert [each.is_free for each in shown.lengths] == [True] * (len(before) - 8)
    for number, _, appointment in standing(series):
        length = LONGER if number >= 9 else timedelta(minutes=90)
        assert appointment.ends_at - appointment.starts_at == length
        assert chair_time(appointment) == length
        assert appointment.sequence == 0
    assert tasks_of(TaskKind.MOVE_APPOINTMENT) == []


def test_fewer_minutes_free_the_chair(clinic: Clinic) -> None:
    series = a_booked_series(clinic)
    change(clinic, series, 2, (replace(TWICE, sessions=5, recovery=0),))
    assert [chair_time(each) for each in appointments(series)] == [
        timedelta(minutes=minutes) for minutes in (90, 60, 60, 60, 60, 60)
    ]


def test_where_a_longer_appointment_is_not_free_somebody_calls(app: object) -> None:
    clinic = a_clinic(weekdays=range(5), chairs=1)
    series = a_booked_series(clinic)
    appointment = appointments(series)[1]
    catalogue = availability.current_catalogue()
    location, service = catalogue.locations["ahwatukee"], catalogue.services["infusion"]
    book_for_patient(
        a_patient(clinic), location, service, service.demand, appointment.ends_at, NOW,
        origin=Origin.DESK, actor=doctor(clinic),
    )  # fmt: skip
    shown = change(clinic, series, 2, (replace(TWICE, sessions=5, recovery=45),))
    assert [each.is_free for each in shown.lengths] == [False, True, True, True, True]
    db.session.refresh(appointment)
    assert appointment.ends_at - appointment.starts_at == LONGER
    assert chair_time(appointment) == timedelta(minutes=90)
    assert [task.subject_id for task in tasks_of(TaskKind.MOVE_APPOINTMENT)] == [appointment.id]


def test_a_shorter_series_cancels_what_is_past_its_end_and_ends(clinic: Clinic) -> None:
    series = a_booked_series(clinic)
    before = appointments(series)
    shown = change(clinic, series, 4, (replace(TWICE, sessions=1),))
    assert [each.session.number for each in shown.tail.cancelled] == [5, 6]
    statuses = [db.session.get_one(Appointment, each.id).status for each in before]
    assert statuses == [Status.BOOKED] * 4 + [Status.CANCELLED] * 2
    assert get_phases(series) == (replace(TWICE, sessions=4),)


def test_a_series_that_ends_goes_on_with_another_phase(clinic: Clinic) -> None:
    series = a_booked_series(clinic)
    assert rest_of_phases(SIX, 7) == ()
    change(clinic, series, 7, (replace(WEEKLY, sessions=2),))
    rows = standing(series)
    assert [(number, phase) for number, phase, _ in rows[6:]] == [(7, 1), (8, 1)]
    days = [appointment.local_date for _, _, appointment in rows[5:]]
    assert all(5 <= (b - a).days <= 9 for a, b in pairwise(days))


def test_half_as_often_every_second_appointment_stays(clinic: Clinic) -> None:
    series = a_booked_series(clinic, RECOMMENDED)
    before = appointments(series)
    fortnightly = replace(WEEKLY, name="Every two weeks", gap=replace(
        WEEKLY.gap, min_days=11, ideal_min_days=14, ideal_max_days=14, max_days=17))  # fmt: skip
    shown = change(clinic, series, 8, (fortnightly,))
    stays = [each.appointment.id for each in shown.tail.remaining if each.appointment]
    assert stays == [each.id for each in before[8::2]]
    assert all(appointment.status is Status.BOOKED for _, _, appointment in standing(series))


def test_a_session_that_was_missed_keeps_its_number(clinic: Clinic) -> None:
    series = a_booked_series(clinic)
    missed = appointments(series)[3]
    appointment_operations.cancel(missed.id, NOW, "online", by_patient=True)
    change(clinic, series, 3, (replace(TWICE, sessions=4, recovery=45),))
    states = {each.session.number: each.session.state for each in list_sessions(series.id)}
    assert states[4] is SessionState.MISSED
    assert [states[number] for number in (1, 2, 3, 5, 6)] == [SessionState.BOOKED] * 5
    (session,) = [each for each in list_sessions(series.id) if each.session.number == 4]
    assert session.appointment is not None
    assert session.appointment.id == missed.id


def test_what_has_begun_or_is_not_there_can_not_change(clinic: Clinic) -> None:
    series = a_booked_series(clinic)
    first = appointments(series)[0]
    attendance.check_in(first.id, first.starts_at, doctor(clinic))
    attendance.fulfil(first.id, Outcome.TREATED, first.starts_at, doctor(clinic))
    row = db.session.get_one(InfusionSeries, series.id)
    assert personal_changes.list_changeable_numbers(row, NOW) == [2, 3, 4, 5, 6, 7]
    for number in (1, 0, 9):
        with pytest.raises(InvalidChange, match="first_number"):
            preview(series, number, (replace(TWICE, sessions=4, recovery=45),))
    with pytest.raises(InvalidChange, match="nothing"):
        preview(series, 3, rest_of_phases(SIX, 3))


def test_only_practitioners_change_phases_and_only_as_shown(clinic: Clinic) -> None:
    series = a_booked_series(clinic)
    rest = (replace(TWICE, sessions=2),)
    key = preview(series, 4, rest).key
    for staff_id, expected_key, refusal in (
        (clinic.front_desk.id, key, PractitionerRequired),
        (clinic.practitioner.id, f"{key},x", PlanChanged),
    ):
        with pytest.raises(refusal):
            personal_changes.change_phases(
                series.id, 4, rest, staff_id, NOW, reason="x",
                expected_key=expected_key,
            )  # fmt: skip
    assert list_revisions(series.id) == []


def test_a_series_that_is_over_does_not_change(clinic: Clinic) -> None:
    series = a_booked_series(clinic)
    with transaction():
        db.session.get_one(InfusionSeries, series.id).status = SeriesStatus.STOPPED
    with pytest.raises(SeriesNotPending):
        preview(series, 4, (replace(TWICE, sessions=1),))
