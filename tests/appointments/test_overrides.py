"""Booking against rules: by who may, for a reason, and never what somebody else has."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import select

from booking.appointments import operations as appointment_operations
from booking.appointments.exemptions import USUAL_TERMS, ClaimTerms, OverrideRefused
from booking.appointments.impossible import is_still_possible
from booking.appointments.length_options import list_length_options
from booking.appointments.lengths import set_extra_minutes
from booking.appointments.models import Appointment
from booking.appointments.patient_booking import PatientBusy, book_for_patient
from booking.appointments.rules import Origin
from booking.appointments.seating import move_to_resource
from booking.audit.models import AuditEntry
from booking.calendars import availability
from booking.calendars.operations import SlotTaken
from booking.calendars.overrides import CalendarRule
from booking.db.transactions import transaction
from booking.extensions import db
from booking.patients.models import Patient
from booking.staff.models import Role, Staff
from tests.builders import (
    NOW,
    TOMORROW,
    Clinic,
    a_booking,
    a_clinic,
    a_closure,
    a_patient,
    an_infusion,
    local,
)

LATE = local(17, 30)
AFTER_HOURS = frozenset({CalendarRule.HOURS, CalendarRule.PRACTITIONER})
TERMS = ClaimTerms((), AFTER_HOURS, "Comes from work")


@pytest.fixture
def clinic(app: Flask) -> Clinic:
    return a_clinic()


def actor(staff: Staff) -> str:
    return f"staff:{staff.id}"


def book(
    patient: Patient, starts_at: datetime, by: str, terms: ClaimTerms = USUAL_TERMS
) -> Appointment:
    catalogue = availability.current_catalogue()
    location, service = catalogue.locations["ahwatukee"], catalogue.services["consultation"]
    return book_for_patient(
        *(patient, location, service, service.demand, starts_at, NOW),
        origin=Origin.DESK, actor=by, terms=terms,
    )  # fmt: skip


def test_a_time_after_hours_is_booked_with_a_reason_which_is_kept(clinic: Clinic) -> None:
    by = actor(clinic.practitioner)
    booked = book(a_patient(), LATE, by, TERMS)
    assert booked.exempt_rules == ["hours", "practitioner"]
    assert booked.note == "Comes from work"
    entry = db.session.scalars(select(AuditEntry).filter_by(action="override_rules")).one()
    assert (entry.actor, entry.subject_id) == (by, booked.id)
    assert entry.facts == {"rules": "hours practitioner"}
    assert is_still_possible(booked)


def test_what_was_booked_against_a_rule_may_take_longer_against_it(clinic: Clinic) -> None:
    booked = book(a_patient(), LATE, actor(clinic.practitioner), TERMS)
    blockers = {each.extra_minutes: each.blockers for each in list_length_options(booked, NOW)}
    assert blockers[30] == []
    set_extra_minutes(booked.id, 30, NOW, actor(clinic.front_desk))
    assert booked.extra_minutes == 30


@pytest.mark.parametrize(
    ("exempt", "reason"),
    [
        (AFTER_HOURS, ""),
        ({CalendarRule.HOURS}, "Comes from work"),
        ({CalendarRule.GRID}, "Comes from work"),
    ],
)
def test_without_a_reason_or_with_other_rules_named_nothing_is_booked(
    clinic: Clinic, exempt: set[CalendarRule], reason: str
) -> None:
    terms = ClaimTerms((), frozenset(exempt), reason)
    with pytest.raises(OverrideRefused):
        book(a_patient(), LATE, actor(clinic.practitioner), terms)
    assert db.session.scalars(select(Appointment)).all() == []


def test_who_may_not_override_a_rule_is_refused(clinic: Clinic) -> None:
    with pytest.raises(OverrideRefused):
        book(a_patient(), LATE, actor(clinic.front_desk), TERMS)
    with transaction():
        db.session.get_one(Staff, clinic.front_desk.id).role = Role.MANAGER
    assert book(a_patient(), LATE, actor(clinic.front_desk), TERMS).starts_at == LATE


def test_the_front_desk_books_between_the_usual_starts(clinic: Clinic) -> None:
    terms = ClaimTerms((), frozenset({CalendarRule.GRID}), "Walks in")
    book(a_patient(), local(10, 10), actor(clinic.front_desk), terms)
    with pytest.raises(OverrideRefused):  # five minutes are the finest that anything claims
        book(a_patient(), local(13, 3), actor(clinic.front_desk), terms)


def test_what_stood_against_it_alone_is_remembered(clinic: Clinic) -> None:
    terms = ClaimTerms((), AFTER_HOURS | {CalendarRule.GRID}, "Comes from work")
    assert book(a_patient(), local(11), actor(clinic.practitioner), terms).exempt_rules == []


def test_what_somebody_has_is_never_overridden(clinic: Clinic) -> None:
    by, everything = actor(clinic.practitioner), ClaimTerms((), frozenset(CalendarRule), "Please")
    book(a_patient(), LATE, by, TERMS)
    with pytest.raises((OverrideRefused, SlotTaken)):
        book(a_patient(), LATE, by, everything)
    infusion = an_infusion(clinic, local(10))
    patient = db.session.get_one(Patient, infusion.patient_id)
    with pytest.raises((PatientBusy, OverrideRefused)):
        book(patient, local(10, 10), by, everything)
    assert len(db.session.scalars(select(Appointment)).all()) == 2


def test_a_closure_made_later_is_not_what_it_was_exempted_from(clinic: Clinic) -> None:
    booked = book(a_patient(), LATE, actor(clinic.practitioner), TERMS)
    a_closure(clinic.location, TOMORROW)
    assert not is_still_possible(booked)
    closed = ClaimTerms((), AFTER_HOURS | {CalendarRule.CLOSED}, "We open for her")
    again = book(a_patient(), LATE + timedelta(hours=2), actor(clinic.practitioner), closed)
    assert is_still_possible(again)


def test_moved_against_a_rule_and_moved_back_it_remembers_none(clinic: Clinic) -> None:
    appointment, by = a_booking(local(10)), actor(clinic.practitioner)
    terms = ClaimTerms((), AFTER_HOURS, "Her train")
    with pytest.raises(SlotTaken):
        appointment_operations.move(appointment.id, LATE, NOW, by)
    moved = appointment_operations.move(
        appointment.id, LATE, NOW, by, reason="Her train", terms=terms
    )
    assert (moved.exempt_rules, is_still_possible(moved)) == (["hours", "practitioner"], True)
    moved = appointment_operations.move(appointment.id, local(11), NOW, by)
    assert moved.exempt_rules == []


def test_at_its_own_time_it_changes_chairs_all_the_same(clinic: Clinic) -> None:
    by, exempt = actor(clinic.practitioner), frozenset(CalendarRule)
    infusion = an_infusion(clinic, local(10))
    terms = ClaimTerms((), exempt, "Her train")
    appointment_operations.move(infusion.id, LATE, NOW, by, reason="Her train", terms=terms)
    chairs = availability.current_catalogue().locations["ahwatukee"].resources
    chair = [key for kind, keys in chairs.items() if kind.value == "chair" for key in keys][-1]
    move_to_resource(infusion.id, LATE, chair, "ahwatukee", NOW, by)
    assert is_still_possible(infusion)


def test_of_two_overrides_at_one_moment_one_has_the_time(app: Flask, clinic: Clinic) -> None:
    by, patients = actor(clinic.practitioner), [a_patient(given_name=name) for name in ("A", "B")]
    ids, start = [patient.id for patient in patients], Barrier(2)

    def race(patient_id: int) -> str:
        with app.app_context():
            patient = db.session.get_one(Patient, patient_id)
            db.session.rollback()
            start.wait(30)
            try:
                book(patient, LATE, by, TERMS)
            except (SlotTaken, OverrideRefused):
                return "refused"
            return "booked"

    db.session.rollback()
    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(race, ids)) == ["booked", "refused"]
