"""A series is booked whole or not at all, keeps its gaps, and never loses a session in silence."""

from datetime import date, datetime, time, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from booking.appointments import operations as appointments
from booking.appointments.guards import ChangeRefused
from booking.appointments.models import Appointment
from booking.appointments.rules import Origin, Outcome, Status
from booking.appointments.visits import NotCleared, book_visit
from booking.calendars import offering
from booking.calendars.models import Claim
from booking.db import transaction
from booking.extensions import db
from booking.patients.models import Patient
from booking.screening import operations as screening
from booking.screening.rules import Finding
from booking.series import operations as series
from booking.series.models import InfusionSeries, ScheduleTemplate, Session
from booking.series.operations import GapRefused, NotAPractitioner, PlanChanged
from booking.series.progress import SeriesStatus, SessionState
from booking.series.proposing import Proposal, propose
from booking.series.reading import progress_of, sessions_of
from booking.series.rules import Gap, Phase, Preferences
from booking.series.topping_up import top_up
from booking.tasks.models import Task, TaskKind
from tests.builders import NOW, TOMORROW, Clinic, a_clinic, a_closure, a_patient

TWICE, WEEKLY = Gap(2, 3, 4, 5), Gap(5, 7, 7, 9)
RECOMMENDED = (
    Phase("Twice a week", 6, TWICE, 15, 45, 30),
    Phase("Weekly", None, WEEKLY, 15, 45, 30, 4),
)
SIX = RECOMMENDED[:1]


@pytest.fixture
def clinic(app: Flask) -> Clinic:
    return a_clinic(weekdays=range(5))


def a_template(phases: tuple[Phase, ...] = RECOMMENDED) -> ScheduleTemplate:
    with transaction():
        made = ScheduleTemplate(
            slug="recommended", version=1, digest="0" * 64, approved_by="Test", position=0,
            data={
                "slug": "recommended", "names": {"en": "Recommended"}, "version": 1,
                "approved_by": "Test", "phases": [p.as_data() for p in phases],
            },
            created_at=NOW,
        )  # fmt: skip
        db.session.add(made)
    return made


def a_series(
    clinic: Clinic, phases: tuple[Phase, ...] = SIX, patient: Patient | None = None
) -> InfusionSeries:
    return series.prescribe(
        patient or a_patient(clinic), a_template(phases).id, phases, Preferences(), "ahwatukee",
        TOMORROW, clinic.practitioner.id, NOW,
    )  # fmt: skip


def starts(proposal: Proposal, which: int = 0) -> list[datetime]:
    return [session.starts_at for session in proposal.plans[which].sessions]


def a_booked_series(clinic: Clinic, phases: tuple[Phase, ...] = SIX) -> InfusionSeries:
    made = a_series(clinic, phases)
    return series.book_plan(made.id, starts(propose(made, NOW)), NOW, "staff:1")


def visits(made: InfusionSeries) -> list[Appointment]:
    return [one.visit for one in sessions_of(made.id) if one.visit]


def count(table: type) -> int:
    return db.session.scalar(select(func.count()).select_from(table)) or 0


def tasks_of(kind: TaskKind) -> list[Task]:
    return list(db.session.scalars(select(Task).where(Task.kind == kind, Task.done_at.is_(None))))


def test_a_proposal_shows_day_time_chair_and_gap(clinic: Clinic) -> None:
    best = propose(a_series(clinic), NOW).plans[0]
    assert len(best.sessions) == 6
    assert best.sessions[0].chair == "chair 1"
    assert best.sessions[0].planned.gap is None
    assert {s.planned.gap for s in best.sessions[1:]} <= {3, 4}


def test_at_least_two_alternatives_are_proposed(clinic: Clinic) -> None:
    assert len(propose(a_series(clinic), NOW).plans) >= 3


def test_proposing_books_nothing(clinic: Clinic) -> None:
    propose(a_series(clinic), NOW)
    assert count(Appointment) == count(Claim) == count(Session) == 0


def test_invariant_6_a_series_is_booked_whole(clinic: Clinic) -> None:
    made = a_booked_series(clinic)
    assert made.status is SeriesStatus.ACTIVE
    assert [v.status for v in visits(made)] == [Status.BOOKED] * 6
    assert {v.origin for v in visits(made)} == {Origin.SERIES}


def test_every_alternative_can_be_booked(clinic: Clinic) -> None:
    made = a_series(clinic)
    proposal = propose(made, NOW)
    series.book_plan(made.id, starts(proposal, len(proposal.plans) - 1), NOW, "staff:1")
    assert len(visits(made)) == 6


def test_invariant_6_when_one_time_went_nothing_is_booked(app: Flask) -> None:
    clinic = a_clinic(weekdays=range(5), chairs=1)
    made = a_series(clinic)
    chosen = starts(propose(made, NOW))
    known = offering.catalogue()
    place, offer = known.places["ahwatukee"], known.offers["infusion"]
    other = a_patient(clinic)
    book_visit(
        other, place, offer, offer.demand, chosen[3], NOW, origin=Origin.DESK, actor="staff:1"
    )
    with pytest.raises(PlanChanged):
        series.book_plan(made.id, chosen, NOW, "staff:1")
    assert count(Appointment) == 1
    assert db.session.get_one(InfusionSeries, made.id).status is SeriesStatus.PROPOSED


def test_pressed_twice_a_series_is_booked_once(clinic: Clinic) -> None:
    made = a_series(clinic)
    chosen = starts(propose(made, NOW))
    series.book_plan(made.id, chosen, NOW, "staff:1")
    series.book_plan(made.id, chosen, NOW, "staff:1")
    assert count(Appointment) == 6


def test_a_plan_against_the_gaps_is_refused_whoever_made_it(clinic: Clinic) -> None:
    made = a_series(clinic)
    chosen = starts(propose(made, NOW))
    chosen[1] = chosen[0] + timedelta(days=1)
    with pytest.raises(PlanChanged):
        series.book_plan(made.id, chosen, NOW, "staff:1")
    assert count(Appointment) == 0


def test_only_a_practitioner_prescribes(clinic: Clinic) -> None:
    with pytest.raises(NotAPractitioner):
        series.prescribe(
            a_patient(clinic), a_template().id, SIX, Preferences(), "ahwatukee", TOMORROW,
            clinic.front_desk.id, NOW,
        )  # fmt: skip


def test_invariant_7_nobody_is_prescribed_for_who_is_not_found_suitable(clinic: Clinic) -> None:
    with pytest.raises(NotCleared):
        a_series(clinic, patient=a_patient(clinic, cleared=False))


def test_invariant_6_a_move_keeps_the_gaps(clinic: Clinic) -> None:
    third = visits(a_booked_series(clinic))[2]
    with pytest.raises(ChangeRefused) as refusal:
        appointments.move(third.id, third.starts_at + timedelta(days=7), NOW, "staff:1")
    assert refusal.value.reason_helps
    assert db.session.get_one(Appointment, third.id).sequence == 0


def test_a_reason_lets_a_permitted_person_past_the_gaps(clinic: Clinic) -> None:
    last = visits(a_booked_series(clinic))[-1]
    later = last.starts_at + timedelta(days=7)
    moved = appointments.move(last.id, later, NOW, "staff:1", reason="Travelling")
    assert moved.starts_at == later


def test_a_move_within_the_gaps_needs_no_reason(clinic: Clinic) -> None:
    first = visits(a_booked_series(clinic))[0]
    moved = appointments.move(first.id, first.starts_at + timedelta(minutes=15), NOW, "staff:1")
    assert moved.sequence == 1


def test_the_clinics_cancellation_is_asked_for_a_reason_and_leaves_the_session_unplaced(
    clinic: Clinic,
) -> None:
    made = a_booked_series(clinic)
    third = visits(made)[2]
    with pytest.raises(ChangeRefused):
        appointments.cancel(third.id, NOW, "staff:1", by_patient=False)
    appointments.cancel(third.id, NOW, "staff:1", by_patient=False, reason="Chair broken")
    assert sessions_of(made.id)[2].session.state is SessionState.UNPLACED
    assert len(tasks_of(TaskKind.PLACE_SESSION)) == 1


def test_invariant_6_a_patients_cancellation_is_a_fact(clinic: Clinic) -> None:
    made = a_booked_series(clinic)
    third = visits(made)[2]
    appointments.cancel(third.id, NOW, "online", by_patient=True)
    assert sessions_of(made.id)[2].session.state is SessionState.MISSED
    assert [v.status for v in visits(made)].count(Status.BOOKED) == 5
    assert len(tasks_of(TaskKind.DECIDE_AFTER_MISS)) == 1


def test_a_no_show_is_recorded_and_makes_a_task_for_the_same_day(clinic: Clinic) -> None:
    made = a_booked_series(clinic)
    first = visits(made)[0]
    after = first.starts_at + timedelta(minutes=30)
    appointments.mark_no_show(first.id, after, "staff:1")
    assert sessions_of(made.id)[0].session.state is SessionState.MISSED
    task = tasks_of(TaskKind.DECIDE_AFTER_MISS)[0]
    assert task.due_at - after < timedelta(hours=8)


@pytest.mark.parametrize(
    ("outcome", "state"),
    [(Outcome.TREATED, SessionState.DONE), (Outcome.HAD_EATEN, SessionState.MISSED)],
)
def test_only_treated_counts_as_done(clinic: Clinic, outcome: Outcome, state: SessionState) -> None:
    made = a_booked_series(clinic)
    first = visits(made)[0]
    appointments.check_in(first.id, first.starts_at, "staff:1")
    appointments.fulfil(first.id, outcome, first.starts_at + timedelta(hours=1), "staff:1")
    assert sessions_of(made.id)[0].session.state is state


def test_a_missed_session_is_placed_again_within_the_gaps(clinic: Clinic) -> None:
    made = a_booked_series(clinic)
    last = visits(made)[-1]
    appointments.cancel(last.id, NOW, "online", by_patient=True)
    session = sessions_of(made.id)[-1].session
    with pytest.raises(GapRefused):
        series.place_session(session.id, last.starts_at + timedelta(days=14), NOW, "staff:1")
    series.place_session(session.id, last.starts_at, NOW, "staff:1")
    assert sessions_of(made.id)[-1].session.state is SessionState.BOOKED
    assert not tasks_of(TaskKind.DECIDE_AFTER_MISS)


def test_a_finished_series_is_completed_and_its_progress_is_known(clinic: Clinic) -> None:
    made = a_booked_series(clinic)
    for visit in visits(made):
        appointments.check_in(visit.id, visit.starts_at, "staff:1")
        appointments.fulfil(visit.id, Outcome.TREATED, visit.ends_at, "staff:1")
    assert db.session.get_one(InfusionSeries, made.id).status is SeriesStatus.COMPLETED
    done = progress_of(made)
    assert (done.done, done.gaps_due, done.gaps_kept) == (6, 5, 5)


def test_an_open_ended_series_is_booked_four_sessions_ahead_at_first(clinic: Clinic) -> None:
    made = a_booked_series(clinic, RECOMMENDED)
    phases = [one.session.phase for one in sessions_of(made.id)]
    assert phases == [0] * 6 + [1] * 4


def test_top_up_books_six_weeks_ahead(clinic: Clinic) -> None:
    made = a_booked_series(clinic, RECOMMENDED)
    later = visits(made)[6].starts_at
    top_up(later)
    last = visits(made)[-1]
    assert last.starts_at >= later + timedelta(weeks=5, days=5)
    assert {one.session.state for one in sessions_of(made.id)} == {SessionState.BOOKED}


def test_top_up_twice_books_nothing_twice(clinic: Clinic) -> None:
    made = a_booked_series(clinic, RECOMMENDED)
    later = visits(made)[6].starts_at
    top_up(later)
    before = count(Appointment)
    assert top_up(later) == 0
    top_up(later + timedelta(hours=6))
    assert count(Appointment) == before


def test_what_top_up_cannot_place_is_a_task_and_is_tried_again(clinic: Clinic) -> None:
    made = a_booked_series(clinic, RECOMMENDED)
    last_day = visits(made)[-1].local_date
    closed: list[date] = [last_day + timedelta(days=n) for n in range(5, 10)]
    for day in closed:
        a_closure(clinic.location, day)
    later = visits(made)[7].starts_at
    top_up(later)
    top_up(later + timedelta(hours=6))
    unplaced = [o.session for o in sessions_of(made.id) if o.session.state is SessionState.UNPLACED]
    assert [s.number for s in unplaced] == [11]
    assert [t.subject_id for t in tasks_of(TaskKind.PLACE_SESSION)] == [unplaced[0].id]


def test_invariant_7_a_series_without_clearance_is_not_topped_up(clinic: Clinic) -> None:
    made = a_booked_series(clinic, RECOMMENDED)
    patient = db.session.get_one(Patient, made.patient_id)
    screening.record_finding(patient, Finding.NOT_SUITABLE, clinic.practitioner.id, NOW)
    before = count(Appointment)
    top_up(visits(made)[7].starts_at)
    assert count(Appointment) == before
    assert len(tasks_of(TaskKind.REVIEW_SERIES)) == 1


def test_a_stopped_series_frees_what_was_to_come(clinic: Clinic) -> None:
    made = a_booked_series(clinic)
    series.stop(made.id, NOW, "staff:1", reason="Patient's wish")
    assert {v.status for v in visits(made)} == {Status.CANCELLED}
    assert count(Claim) == 0


def test_gaps_are_local_days_also_where_clocks_change(app: Flask) -> None:
    clinic = a_clinic(zone="America/Denver", weekdays=range(5), closes=time(18))
    made = a_series(clinic)
    before = datetime.combine(date(2026, 10, 26), time(12), NOW.tzinfo)
    with transaction():
        db.session.get_one(InfusionSeries, made.id).first_day = date(2026, 10, 26)
    proposal = propose(db.session.get_one(InfusionSeries, made.id), before)
    clock_times = {s.planned.minute for s in proposal.plans[0].sessions}
    assert len(clock_times) == 1
    assert len({s.starts_at.hour for s in proposal.plans[0].sessions}) == 2
