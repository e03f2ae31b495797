"""An appointment takes longer from its own start: as far as all that it needs is free, and nobody is told."""

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from booking.appointments import attendance, operations
from booking.appointments.length_options import list_length_options
from booking.appointments.lengths import set_extra_minutes
from booking.appointments.models import Appointment
from booking.appointments.patient_booking import PatientBusy
from booking.appointments.rules import (
    LENGTHS,
    Action,
    ActionNotAllowed,
    Status,
    require_action_allowed,
    require_length_allowed,
)
from booking.audit.models import AuditEntry
from booking.calendars import operations as calendars
from booking.calendars.operations import SlotTaken
from booking.calendars.overrides import CalendarRule
from booking.calendars.rules import ResourceDemand, ResourceNeed, infusion_needs
from booking.db.versions import StaleVersion
from booking.extensions import db
from booking.locations.rules import ResourceKind
from booking.messaging.models import Message
from booking.reminders.operations import derive_messages
from tests.builders import NOW, Clinic, a_booking, a_clinic, a_patient, an_infusion, local
from tests.reminders.prepared import a_clinic_that_reminds, an_appointment

MINUTE = timedelta(minutes=1)
ACTOR = "staff:1"
ROOM, SEAT = ResourceKind.ROOM, ResourceKind.SEAT


@pytest.fixture
def clinic(app: Flask) -> Clinic:
    return a_clinic(chairs=2)


def options_of(appointment: Appointment, now: datetime = NOW) -> list[int]:
    return [
        each.extra_minutes for each in list_length_options(appointment, now) if each.is_possible
    ]


@given(st.integers(0, 30), st.integers(1, 30), st.integers(0, 20), st.integers(0, 24))
def test_an_infusion_that_takes_longer_has_a_longer_recovery_and_back(
    setup: int, infusion: int, recovery: int, extra: int
) -> None:
    def demand(recovery: int) -> ResourceDemand:
        minutes = 5 * (setup + infusion + recovery)
        needs = infusion_needs(5 * setup, 5 * infusion, 5 * recovery, 4)
        return ResourceDemand(needs, minutes, 15, prescriber=True)

    longer = demand(recovery).lengthened(5 * extra)
    assert longer == demand(recovery + extra)
    assert longer.lengthened(-5 * extra) == demand(recovery)


def test_what_comes_after_the_end_comes_later() -> None:
    needs = (ResourceNeed(ROOM, -5, 65), ResourceNeed(SEAT, 0, 15), ResourceNeed(SEAT, 45, 10))
    longer = ResourceDemand(needs, 45, 15).lengthened(20)
    assert [(need.offset, need.minutes) for need in longer.needs] == [(-5, 85), (0, 15), (65, 10)]


@pytest.mark.parametrize(
    ("extra", "ends", "problem"),
    [(-5, 60, "too_short"), (125, 60, "no_such_length"), (7, 60, "no_such_length"),
     (15, -15, "ends_in_past")],
)  # fmt: skip
def test_lengths_that_cannot_be_are_named(extra: int, ends: int, problem: str) -> None:
    with pytest.raises(ActionNotAllowed) as refusal:
        require_length_allowed(extra, NOW + ends * MINUTE, NOW)
    assert refusal.value.reason == problem


@pytest.mark.parametrize("status", Status)
def test_only_who_is_booked_or_here_gets_more_time_and_on_no_later_day(status: Status) -> None:
    def is_refused(now: datetime, *, is_its_day: bool) -> bool:
        try:
            require_action_allowed(Action.CHANGE_LENGTH, status, NOW, now, is_its_day=is_its_day)
        except ActionNotAllowed:
            return True
        return False

    is_over = status not in (Status.BOOKED, Status.ARRIVED)
    assert is_refused(NOW - MINUTE, is_its_day=False) == is_over
    assert is_refused(NOW + MINUTE, is_its_day=True) == is_over
    assert is_refused(NOW + MINUTE, is_its_day=False)


def test_a_consultation_takes_longer_with_its_room_and_keeps_that_when_it_is_moved(
    clinic: Clinic,
) -> None:
    appointment = a_booking(local(10))
    start = appointment.starts_at
    set_extra_minutes(appointment.id, 15, NOW, ACTOR)
    assert (appointment.starts_at, appointment.ends_at) == (start, local(11))
    claims = calendars.claims_by_appointment([appointment.id])[appointment.id]
    assert {claim.ends_at for claim in claims} == {local(11, 10)}
    operations.move(appointment.id, local(14), NOW, ACTOR)
    assert appointment.ends_at == local(15)
    set_extra_minutes(appointment.id, 0, NOW, ACTOR)
    assert appointment.ends_at == local(14, 45)
    entries = select(AuditEntry).filter_by(action="change_length").order_by(AuditEntry.id)
    facts = [(each.actor, each.facts["extra_minutes"]) for each in db.session.scalars(entries)]
    assert facts == [
        (ACTOR, 15),
        (ACTOR, 0),
    ]


def test_the_next_in_the_room_stands_in_the_way_and_says_so(clinic: Clinic) -> None:
    appointment = a_booking(local(10))
    a_booking(local(11, 15), contact=a_patient(family_name="Other").contact)
    assert options_of(appointment) == [0, 5, 10, 15, 20]
    with pytest.raises(SlotTaken):
        set_extra_minutes(appointment.id, 25, NOW, ACTOR)
    assert appointment.ends_at == local(10, 45)
    rules = {
        blocker.rule for each in list_length_options(appointment, NOW) for blocker in each.blockers
    }
    assert rules == {CalendarRule.ROOM, CalendarRule.PRACTITIONER_BUSY}


def test_the_clinic_closes_on_time(clinic: Clinic) -> None:
    assert options_of(a_booking(local(16))) == [0, 5]


def test_a_patient_is_not_in_two_appointments_at_once(clinic: Clinic) -> None:
    patient = a_patient(clinic)
    an_infusion(clinic, local(11, 15), patient)
    appointment = a_booking(local(10), contact=patient.contact)
    assert options_of(appointment)[-1] == 30
    with pytest.raises(PatientBusy):
        set_extra_minutes(appointment.id, 35, NOW, ACTOR)


def test_who_is_here_stays_in_the_chair(clinic: Clinic) -> None:
    first, second = (an_infusion(clinic, local(hour, 0), a_patient(clinic)) for hour in (10, 12))
    chair = {claim.resource_id for claim in claims_of(first)} & {
        claim.resource_id for claim in claims_of(second)
    }
    assert chair  # the same chair, one after the other
    assert 45 in options_of(first)  # to come: another chair would do
    attendance.check_in(first.id, local(10), ACTOR)
    now = local(11)
    assert options_of(first, now)[-1] == 30
    resources = [
        each.unavailable for each in list_length_options(first, now) if each.extra_minutes == 45
    ]
    assert [[row.id for row in rows] for rows in resources] == [list(chair)]
    with pytest.raises(SlotTaken):
        set_extra_minutes(first.id, 45, now, ACTOR)
    set_extra_minutes(first.id, 30, now, ACTOR)
    assert first.ends_at == local(12)
    attendance.check_in(second.id, now, ACTOR)  # and is pinned, as it was before
    assert options_of(first, now)[-1] == 30


def claims_of(appointment: Appointment) -> list[calendars.ClaimedTime]:
    chairs = calendars.claims_by_appointment([appointment.id])[appointment.id]
    return [claim for claim in chairs if claim.ends_at == appointment.ends_at][:1]


def test_the_second_of_two_who_looked_is_told_and_the_same_length_changes_nothing(
    clinic: Clinic,
) -> None:
    appointment = a_booking(local(10))
    shown = appointment.version
    set_extra_minutes(appointment.id, 10, NOW, ACTOR, expected_version=shown)
    with pytest.raises(StaleVersion):
        set_extra_minutes(appointment.id, 20, NOW, ACTOR, expected_version=shown)
    version = appointment.version
    set_extra_minutes(appointment.id, 10, NOW, ACTOR)
    assert appointment.version == version


def test_the_patient_is_told_nothing(app: Flask) -> None:
    a_clinic_that_reminds()
    appointment = an_appointment()
    derive_messages(NOW)
    before = Counter(db.session.scalars(select(Message.kind)))
    set_extra_minutes(appointment.id, 15, NOW + MINUTE, ACTOR)
    derive_messages(NOW + MINUTE)
    assert Counter(db.session.scalars(select(Message.kind))) == before != Counter()


@pytest.mark.parametrize("seed", range(3))
def test_what_is_offered_can_be_had_and_nothing_else(clinic: Clinic, seed: int) -> None:
    chance = random.Random(seed)
    standing = []
    for start in range(9 * 60, 16 * 60, 30):
        try:
            standing.append(an_infusion(clinic, local(*divmod(start, 60)), a_patient(clinic)))
        except SlotTaken:
            continue
    for appointment in standing[: len(standing) // 2]:
        attendance.check_in(appointment.id, local(9), ACTOR)
    for _ in range(20):
        appointment, extra = chance.choice(standing), chance.choice(LENGTHS)
        is_offered = extra in options_of(appointment, local(9))
        try:
            set_extra_minutes(appointment.id, extra, local(9), ACTOR)
        except (SlotTaken, PatientBusy):
            assert not is_offered
        else:
            assert is_offered


@pytest.mark.parametrize("_round", range(3))
def test_at_once_one_gets_the_time(app: Flask, clinic: Clinic, _round: int) -> None:
    key = a_booking(local(10)).id
    contact = a_patient(family_name="Other").contact
    start = Barrier(2)

    def run(lengthens: bool) -> str:
        with app.app_context():
            start.wait(60)
            try:
                if lengthens:
                    set_extra_minutes(key, 30, NOW, ACTOR)
                else:
                    a_booking(local(11), contact=contact)
            except (SlotTaken, AssertionError):
                return "taken"
            finally:
                db.session.remove()
            return "done"

    with ThreadPoolExecutor(2) as threads:
        outcomes = list(threads.map(run, (True, False)))
    assert sorted(outcomes) == ["done", "taken"]
