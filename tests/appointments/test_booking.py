"""Booking a consultation: once, for one person, or not at all."""

from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from booking.appointments import booking, nearest_slots, patient_booking
from booking.appointments import operations as appointment_operations
from booking.appointments.booking import Booked, NotBooked
from booking.appointments.models import Appointment
from booking.appointments.patient_booking import NotCleared, OpenFlag, PatientBusy
from booking.appointments.rules import Origin, Status
from booking.audit.models import AuditEntry
from booking.calendars import availability
from booking.calendars import operations as calendars
from booking.calendars.models import Claim
from booking.calendars.operations import SlotTaken
from booking.extensions import db
from booking.locations.models import Resource
from booking.locations.rules import ResourceKind
from booking.patients.models import CallRequest, Patient
from booking.screening.models import Flag, FlagKind
from booking.screening.operations import OutdatedQuestions, ScreeningAnswers
from booking.screening.rules import IncompleteAnswers, ScreeningOutcome
from booking.tasks.models import Task, TaskKind
from tests.builders import (
    NOW,
    TOMORROW,
    Clinic,
    a_booking,
    a_clinic,
    a_contact,
    a_patient,
    a_request,
    answers,
    local,
)


@pytest.fixture
def clinic(app: Flask) -> Clinic:
    return a_clinic()


def count(table: type) -> int:
    return db.session.scalar(select(func.count()).select_from(table)) or 0


def infusion(clinic: Clinic, patient: Patient, hour: int, day: date = TOMORROW) -> Appointment:
    catalogue = availability.current_catalogue()
    service, location = catalogue.services["infusion"], catalogue.locations["ahwatukee"]
    return patient_booking.book_for_patient(
        patient, location, service, service.demand, local(hour, day=day), NOW,
        origin=Origin.DESK, actor="staff:1",
    )  # fmt: skip


def test_a_consultation_takes_a_room_and_a_practitioner_and_their_buffer(
    clinic: Clinic,
) -> None:
    appointment = a_booking(local(10))
    rows = db.session.execute(
        select(Resource.kind, Claim.starts_at, Claim.ends_at)
        .join(Resource, Resource.id == Claim.resource_id)
        .where(Claim.appointment_id == appointment.id)
    ).all()
    expected = {ResourceKind.ROOM, ResourceKind.PRACTITIONER}
    assert {kind for kind, _, _ in rows} == expected
    assert {(a, b) for _, a, b in rows} == {(local(10), local(10, 55))}
    assert (appointment.status, appointment.ends_at) == (Status.BOOKED, local(10, 45))


def test_a_time_is_booked_once(clinic: Clinic) -> None:
    a_booking(local(10))
    with pytest.raises(SlotTaken):
        a_booking(local(10))
    assert count(Appointment) == 1


@pytest.mark.parametrize("minutes", [-60, 60])
def test_what_is_not_offered_is_not_booked(clinic: Clinic, minutes: int) -> None:
    too_soon_or_too_late = NOW + timedelta(minutes=minutes)
    with pytest.raises(SlotTaken):
        a_booking(too_soon_or_too_late)


def test_an_infusion_cannot_be_booked_online(clinic: Clinic) -> None:
    with pytest.raises(SlotTaken):
        booking.book_slot(a_request(service="infusion"), NOW)


def test_invariant_14_the_same_person_is_found_again(clinic: Clinic) -> None:
    contact = a_contact(family_name="O'Brien")
    first = a_booking(local(10), contact=contact)
    again = a_contact(family_name="OBRIEN", phone=contact.phone, email=None)
    assert a_booking(local(12), contact=again).patient_id == first.patient_id


def test_invariant_14_a_name_and_birth_date_alone_match_nobody(clinic: Clinic) -> None:
    contact = a_contact()
    first = a_booking(local(10), contact=contact)
    stranger = a_contact(family_name=contact.family_name)
    assert a_booking(local(12), contact=stranger).patient_id != first.patient_id


def test_invariant_14_contacts_on_file_are_never_written_over(clinic: Clinic) -> None:
    contact = a_contact()
    first = a_booking(local(10), contact=contact)
    a_booking(
        local(12),
        contact=a_contact(family_name=contact.family_name, phone=contact.phone),
    )
    patient = db.session.get_one(Patient, first.patient_id)
    assert (patient.phone, patient.email) == (contact.phone, contact.email)


def test_invariant_2_a_patient_is_in_one_place_at_a_time(clinic: Clinic) -> None:
    a_clinic(slug="scottsdale")
    contact = a_contact()
    a_booking(local(10), contact=contact)
    with pytest.raises(PatientBusy):
        a_booking(local(10, 30), contact=contact, location="scottsdale")


def test_invariant_2_one_infusion_a_day(clinic: Clinic) -> None:
    patient = a_patient(clinic)
    infusion(clinic, patient, 9)
    with pytest.raises(PatientBusy):
        infusion(clinic, patient, 14)
    infusion(clinic, patient, 14, TOMORROW + timedelta(days=1))


def test_invariant_7_no_infusion_without_clearance(clinic: Clinic) -> None:
    with pytest.raises(NotCleared):
        infusion(clinic, a_patient(clinic, cleared=False), 9)
    assert count(Appointment) == 0


def test_flagged_answers_book_and_leave_a_flag(clinic: Clinic) -> None:
    appointment = a_booking(local(10), answers=answers(pregnancy=True))
    flag = db.session.scalars(select(Flag)).one()
    assert (flag.kind, flag.patient_id) == (FlagKind.SEEN_AT_APPOINTMENT, appointment.patient_id)


def test_psychosis_books_nothing_and_asks_for_a_call(clinic: Clinic) -> None:
    result = booking.book_slot(a_request(answers=answers(psychosis=True)), NOW)
    assert result == NotBooked(ScreeningOutcome.CALL_FIRST)
    assert count(Appointment) == count(Patient) == 0
    task = db.session.scalars(select(Task)).one()
    assert (task.kind, task.due_at) == (TaskKind.CALL_FIRST, local(17))  # tomorrow's closing
    assert db.session.scalars(select(CallRequest)).one().wanted_start == local(10)


def test_invariant_14_answering_again_clears_nothing(clinic: Clinic) -> None:
    contact = a_contact()
    booking.book_slot(a_request(contact=contact, answers=answers(psychosis=True)), NOW)
    for known_by in (
        {"phone": contact.phone},
        {"email": contact.email},
        {"family_name": contact.family_name},
    ):
        with pytest.raises(OpenFlag):
            booking.book_slot(a_request(contact=a_contact(**known_by)), NOW)


def test_a_minor_leaves_nothing_behind(clinic: Clinic) -> None:
    result = booking.book_slot(a_request(answers=answers(date(2010, 1, 1), psychosis=True)), NOW)
    assert result == NotBooked(ScreeningOutcome.ADULTS_ONLY)
    assert count(Appointment) == count(Patient) == count(Flag) == count(Task) == 0


def test_danger_comes_before_all_else(clinic: Clinic) -> None:
    result = booking.book_slot(a_request(answers=answers(date(2010, 1, 1), danger=True)), NOW)
    assert result == NotBooked(ScreeningOutcome.HELP_FIRST)


def test_an_unanswered_question_is_named(clinic: Clinic) -> None:
    given = ScreeningAnswers(1, {"danger": False, "psychosis": False}, date(1980, 1, 1))
    with pytest.raises(IncompleteAnswers) as refusal:
        booking.book_slot(a_request(answers=given), NOW)
    assert refusal.value.slugs == ("pregnancy",)


def test_answers_to_old_questions_are_refused(clinic: Clinic) -> None:
    with pytest.raises(OutdatedQuestions):
        booking.book_slot(a_request(answers=ScreeningAnswers(0, {}, date(1980, 1, 1))), NOW)


def test_invariant_12_a_booking_is_in_the_audit_trail_without_names(
    clinic: Clinic,
) -> None:
    contact = a_contact(family_name="Unmistakable")
    appointment = a_booking(local(10), contact=contact)
    entries = db.session.scalars(select(AuditEntry)).all()
    assert ("book", appointment.id) in [(e.action, e.subject_id) for e in entries]
    written = " ".join(f"{e.actor} {e.facts}" for e in entries)
    for private in (contact.family_name, contact.phone, contact.email):
        assert private not in written


def test_the_nearest_free_times_are_offered_instead(clinic: Clinic) -> None:
    a_booking(local(10))
    near = nearest_slots.list_nearest_slots("consultation", local(10), NOW)
    assert [s.starts_at for s in near[:2]] == [local(9), local(11)]


def test_a_moved_appointment_keeps_its_reference_and_frees_its_old_time(
    clinic: Clinic,
) -> None:
    appointment = a_booking(local(10))
    reference, uid = appointment.reference, appointment.uid
    moved = appointment_operations.move(appointment.id, local(14), NOW, "staff:1")
    assert (moved.reference, moved.uid, moved.sequence) == (reference, uid, 1)
    assert isinstance(booking.book_slot(a_request(local(10)), NOW), Booked)


def test_an_appointment_may_be_moved_onto_part_of_its_own_time(clinic: Clinic) -> None:
    appointment = a_booking(local(10))
    assert appointment_operations.move(
        appointment.id, local(10, 15), NOW, "staff:1"
    ).starts_at == local(10, 15)


def test_a_move_to_a_taken_time_changes_nothing(clinic: Clinic) -> None:
    first, second = a_booking(local(10)), a_booking(local(12))
    with pytest.raises(SlotTaken):
        appointment_operations.move(second.id, first.starts_at, NOW, "staff:1")
    assert db.session.get_one(Appointment, second.id).starts_at == local(12)
    assert len(calendars.claimed_resource_ids(second.id)) == 2
