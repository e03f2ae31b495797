"""A session is lost: what can be done is proposed, and done in one step, or not at all."""

from contextlib import suppress
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from booking.appointments import attendance
from booking.appointments import operations as appointment_operations
from booking.appointments.models import Appointment
from booking.appointments.rules import Outcome, Status
from booking.calendars.operations import SlotTaken
from booking.db.transactions import transaction
from booking.extensions import db
from booking.series.applied_healing import apply_healing
from booking.series.healing import (
    Healing,
    HealingOrder,
    HealingWay,
    propose_healing,
    propose_ways,
)
from booking.series.models import InfusionSeries, Session
from booking.series.progress import SessionState
from booking.series.queries import list_sessions
from booking.series.refusals import (
    PlanChanged,
    PractitionerRequired,
    ReasonRequired,
    SeriesNotPending,
)
from booking.tasks.models import TaskKind
from tests.builders import NOW, Clinic, a_closure, an_infusion, local
from tests.series.prescribed import (
    RECOMMENDED,
    SIX,
    a_booked_series,
    appointments,
    doctor,
    tasks_of,
)

S = SessionState
W = HealingWay
A_DAY = timedelta(days=1)


def front_desk(clinic: Clinic) -> str:
    return f"staff:{clinic.front_desk.id}"


def treat(series: InfusionSeries, count: int) -> None:
    """Treat the first sessions."""
    for appointment in appointments(series)[:count]:
        attendance.check_in(appointment.id, appointment.starts_at, "staff:1")
        attendance.fulfil(appointment.id, Outcome.TREATED, appointment.ends_at, "staff:1")


def miss(series: InfusionSeries, number: int) -> Session:
    """Treat all before session `number`, and let the patient not come to it."""
    treat(series, number - 1)
    missed = appointments(series)[number - 1]
    attendance.mark_no_show(missed.id, missed.starts_at + timedelta(hours=1), "staff:1")
    return list_sessions(series.id)[number - 1].session


def booked_days(series: InfusionSeries) -> list[str]:
    return [
        f"{each.session.number} {each.appointment.local_date:%a %d}"
        for each in list_sessions(series.id)
        if each.appointment and each.session.state is S.BOOKED
    ]


def all_appointments() -> dict[int, object]:
    rows = db.session.scalars(select(Appointment))
    return {each.id: (each.starts_at, each.status) for each in rows}


def a_proposal(session: Session, way: HealingWay, now: datetime) -> Healing:
    return propose_healing(HealingOrder(session.series_id, session.id, way), now)


def fill(clinic: Clinic, starts_at: datetime) -> None:
    """Book infusions of others until none can start then."""
    with suppress(SlotTaken):
        while True:
            an_infusion(clinic, starts_at)


def test_a_missed_session_is_made_up_next_and_the_others_stay(clinic: Clinic) -> None:
    series = a_booked_series(clinic)
    session = miss(series, 3)
    now = appointments(series)[2].ends_at
    before = booked_days(series)
    proposal = a_proposal(session, W.REPEAT, now)
    assert (proposal.moved_count, proposal.new_count, proposal.long_gaps) == (0, 1, ())
    apply_healing(proposal.order, proposal.key, now, front_desk(clinic))
    assert booked_days(series)[1:] == before
    assert session.state is S.BOOKED
    assert tasks_of(TaskKind.DECIDE_AFTER_MISS) == []


def test_the_rule_of_the_phase_comes_first_and_each_way_is_shown_once(clinic: Clinic) -> None:
    series = a_booked_series(clinic)
    session = miss(series, 3)
    now = appointments(series)[2].ends_at
    ways = propose_ways(session, now)
    assert ways[0].order.way is W.REPEAT
    assert ways[0].by_rule
    assert W.GO_ON in [each.order.way for each in ways]
    assert len({(each.key, each.given_up is None) for each in ways}) == len(ways)


def test_going_on_without_it_is_a_practitioners_and_asks_for_a_reason(clinic: Clinic) -> None:
    series = a_booked_series(clinic)
    session = miss(series, 3)
    now = appointments(series)[2].ends_at
    order = HealingOrder(series.id, session.id, W.AS_THEY_ARE)
    key = propose_healing(order, now).key
    with pytest.raises(PractitionerRequired):
        apply_healing(order, key, now, front_desk(clinic), reason="Fine")
    with pytest.raises(ReasonRequired):
        apply_healing(order, key, now, doctor(clinic))
    before = booked_days(series)
    apply_healing(order, key, now, doctor(clinic), reason="Doing well")
    assert booked_days(series) == before
    assert session.state is S.MISSED
    assert tasks_of(TaskKind.DECIDE_AFTER_MISS) == []
    second, _, fourth = (each.appointment for each in list_sessions(series.id)[1:4])
    assert second
    assert fourth
    allowed_gap = list_sessions(series.id)[3].session.allowed_gap
    assert allowed_gap == (fourth.local_date - second.local_date).days


def test_added_at_the_end_of_its_phase_all_before_it_stay(clinic: Clinic) -> None:
    series = a_booked_series(clinic)
    session = miss(series, 3)
    now = appointments(series)[2].ends_at
    before = [day.split(" ", 1)[1] for day in booked_days(series)]
    order = HealingOrder(series.id, session.id, W.ADD_AT_END)
    proposal = propose_healing(order, now)
    apply_healing(order, proposal.key, now, doctor(clinic), reason="As the schedule says")
    after = [day.split(" ", 1)[1] for day in booked_days(series)]
    assert after[: len(before)] == before
    assert len(after) == len(before) + 1
    numbers = [each.split(" ")[0] for each in booked_days(series)]
    assert numbers == sorted(numbers)


def test_what_was_taken_meanwhile_changes_nothing_at_all(clinic: Clinic) -> None:
    series = a_booked_series(clinic)
    session = miss(series, 3)
    now = appointments(series)[2].ends_at
    proposal = a_proposal(session, W.REPEAT, now)
    [new] = [each.after for each in proposal.changes if each.before is None]
    assert new is not None
    fill(clinic, local(*divmod(new.minute, 60), day=new.day))
    before = all_appointments()
    with pytest.raises(PlanChanged):
        apply_healing(proposal.order, proposal.key, now, doctor(clinic))
    assert all_appointments() == before
    assert session.state is S.MISSED


@pytest.mark.parametrize("key", ["", "x", "2 ahwatukee 2026-12-05 540", "2 nowhere 2026-12-04 9"])
def test_a_plan_that_was_never_proposed_is_refused(clinic: Clinic, key: str) -> None:
    series = a_booked_series(clinic)
    session = miss(series, 3)
    now = appointments(series)[2].ends_at
    before = booked_days(series)
    if key == "":
        with pytest.raises((PlanChanged, PractitionerRequired)):
            apply_healing(HealingOrder(series.id, session.id), key, now, front_desk(clinic))
    else:
        with pytest.raises(PlanChanged):
            apply_healing(HealingOrder(series.id, session.id), key, now, doctor(clinic))
    assert booked_days(series) == before


def test_who_is_away_gets_the_fewest_new_times_and_none_in_those_days(clinic: Clinic) -> None:
    series = a_booked_series(clinic, RECOMMENDED)
    weekly = [each for each in list_sessions(series.id) if each.session.phase == 1]
    first = weekly[1].appointment.local_date
    days = tuple(first + n * A_DAY for n in range(-1, 2))
    order = HealingOrder(series.id, away_days=days)
    proposal = propose_healing(order, NOW)
    assert proposal.moved_count == 1
    assert not proposal.needs_practitioner
    apply_healing(order, proposal.key, NOW, front_desk(clinic))
    assert not {each.local_date for each in appointments(series)} & set(days)


def test_a_day_that_closes_moves_one_session(clinic: Clinic) -> None:
    series = a_booked_series(clinic)
    day = appointments(series)[2].local_date
    a_closure(clinic.location, day)
    proposal = propose_healing(HealingOrder(series.id), NOW)
    assert proposal.moved_count == 1
    [change] = [each for each in proposal.changes if not each.is_kept]
    assert change.before is not None
    assert change.before.day == day
    apply_healing(proposal.order, proposal.key, NOW, front_desk(clinic))
    assert day not in {
        each.local_date for each in appointments(series) if each.status is Status.BOOKED
    }


def test_weeks_away_ask_the_practitioner_and_what_has_no_place_is_a_decision(
    clinic: Clinic,
) -> None:
    series = a_booked_series(clinic)
    treat(series, 2)
    now, first = appointments(series)[1].ends_at, appointments(series)[2].local_date
    order = HealingOrder(series.id, away_days=tuple(first + n * A_DAY for n in range(-2, 10)))
    proposal = propose_healing(order, now)
    assert proposal.long_gaps
    with pytest.raises(PractitionerRequired):
        apply_healing(order, proposal.key, now, front_desk(clinic), reason="Away")
    apply_healing(order, proposal.key, now, doctor(clinic), reason="Family")
    again = propose_healing(HealingOrder(series.id), now)
    assert again.moved_count == 0
    assert again.long_gaps == ()


def test_a_session_with_a_time_is_not_healed(clinic: Clinic) -> None:
    series = a_booked_series(clinic, SIX)
    session = list_sessions(series.id)[0].session
    with pytest.raises(SeriesNotPending):
        propose_ways(session, NOW)


def test_what_the_patient_cancelled_is_not_put_on_that_day_again(clinic: Clinic) -> None:
    series = a_booked_series(clinic)
    third = appointments(series)[2]
    appointment_operations.cancel(third.id, NOW, "online", by_patient=True)
    session = list_sessions(series.id)[2].session
    proposal = a_proposal(session, W.REPEAT, NOW)
    assert third.local_date not in {each.day for each in proposal.plan.sessions}
    with transaction():
        apply_healing(proposal.order, proposal.key, NOW, doctor(clinic), reason="Called")
    assert session.state is S.BOOKED
