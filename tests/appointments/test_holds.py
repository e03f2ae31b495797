"""A held time: whose it is, how long, and what becomes of it."""

from concurrent.futures import ThreadPoolExecutor, wait
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from booking.appointments import hold_cleanup, hold_details, holds
from booking.appointments.booking import Booked, NotBooked, book_hold
from booking.appointments.models import Appointment, BookingDraft
from booking.appointments.rules import HOLD, MAX_HOLD, Status
from booking.audit.models import AuditEntry
from booking.calendars.models import Claim
from booking.calendars.operations import SlotTaken
from booking.db.transactions import transaction
from booking.extensions import db
from booking.patients.rules import Contact
from booking.screening.models import Flag, FlagKind, ScreeningResponse
from booking.screening.rules import ScreeningOutcome
from tests.builders import (
    NOW,
    TOMORROW,
    Clinic,
    a_booking,
    a_clinic,
    a_closure,
    a_contact,
    answers,
    local,
)

LATER = NOW + timedelta(minutes=30)


@pytest.fixture
def clinic(app: Flask) -> Clinic:
    return a_clinic()


def count(table: type) -> int:
    return db.session.scalar(select(func.count()).select_from(table)) or 0


def a_hold() -> str:
    return holds.create_hold("consultation", "ahwatukee", local(10), NOW).token


def a_filled_hold(contact: Contact | None = None) -> str:
    token = a_hold()
    hold_details.record_screening(token, answers(), NOW)
    hold_details.record_contact(
        token, contact or a_contact(), sms_consent=True, wording="Text me", now=NOW
    )
    return token


def test_invariant_4_a_held_time_is_nobody_elses(clinic: Clinic) -> None:
    a_hold()
    with pytest.raises(SlotTaken):
        a_booking(local(10))


def test_booking_consumes_the_hold(clinic: Clinic) -> None:
    result = book_hold(a_filled_hold(), NOW)
    assert isinstance(result, Booked)
    assert result.appointment.status is Status.BOOKED
    assert count(Appointment) == 1
    assert count(BookingDraft) == 0
    assert {c.expires_at for c in db.session.scalars(select(Claim))} == {None}


def test_an_expired_hold_is_not_booked_once_its_time_has_begun(clinic: Clinic) -> None:
    token = a_filled_hold()
    for now in (local(10), local(15)):
        with pytest.raises(SlotTaken):
            book_hold(token, now)
    assert appointments_of_status(Status.BOOKED) == 0


def test_an_expired_hold_is_not_booked_on_a_day_closed_since(clinic: Clinic) -> None:
    token = a_filled_hold()
    a_closure(clinic.location, TOMORROW)
    with pytest.raises(SlotTaken):
        book_hold(token, LATER)
    assert appointments_of_status(Status.BOOKED) == 0


def test_a_hold_that_has_not_expired_is_not_booked_on_a_day_closed_since(clinic: Clinic) -> None:
    token = a_filled_hold()
    a_closure(clinic.location, TOMORROW)
    with pytest.raises(SlotTaken):
        book_hold(token, NOW)
    assert db.session.scalars(select(Appointment)).one().status is Status.PENDING


def test_a_hold_that_is_being_booked_is_not_deleted_as_abandoned(
    clinic: Clinic, app: Flask
) -> None:
    token, later = a_filled_hold(), NOW + timedelta(hours=23, minutes=30)

    def delete_abandoned() -> int:
        with app.app_context():
            return hold_cleanup.delete_abandoned_holds(later)

    with ThreadPoolExecutor(1) as pool:
        with transaction():
            book_hold(token, later)
            deleting = pool.submit(delete_abandoned)
            wait([deleting], timeout=0.5)  # it waits for the row, or for its turn to write
        assert deleting.result(10) == 0
    assert appointments_of_status(Status.BOOKED) == 1


def appointments_of_status(status: Status) -> int:
    of_status = select(func.count()).where(Appointment.status == status)
    return db.session.scalar(of_status) or 0


def test_danger_is_heard_though_the_time_has_gone(clinic: Clinic) -> None:
    token = a_hold()
    a_booking(local(10), LATER)
    result, _ = hold_details.record_screening(token, answers(danger=True), LATER)
    assert result.outcome is ScreeningOutcome.HELP_FIRST


def test_a_yes_that_asks_for_a_call_is_kept_beside_a_graver_one(clinic: Clinic) -> None:
    result, flag_id = hold_details.record_screening(
        a_hold(), answers(danger=True, psychosis=True), NOW
    )
    assert result.outcome is ScreeningOutcome.HELP_FIRST
    assert db.session.get_one(Flag, flag_id).kind is FlagKind.CALL_FIRST


def test_invariant_5_pressing_book_twice_books_once(clinic: Clinic) -> None:
    token = a_filled_hold()
    first, second = book_hold(token, NOW), book_hold(token, NOW)
    assert isinstance(first, Booked)
    assert isinstance(second, Booked)
    assert first.appointment.id == second.appointment.id


def test_an_expired_hold_is_silently_taken_again(clinic: Clinic) -> None:
    assert isinstance(book_hold(a_filled_hold(), LATER), Booked)


def test_an_expired_hold_stands_in_nobodys_way(clinic: Clinic) -> None:
    token = a_filled_hold()
    other = a_booking(local(9, 30), LATER)  # sweeps the expired claim in its way
    from_desk = db.session.get_one(Appointment, other.id)
    assert from_desk.status is Status.BOOKED
    with pytest.raises(SlotTaken):
        book_hold(token, LATER)


def test_a_time_that_went_meanwhile_keeps_what_was_typed(clinic: Clinic) -> None:
    token = a_filled_hold()
    a_booking(local(10), LATER)
    with pytest.raises(SlotTaken):
        book_hold(token, LATER)
    appointment = holds.change_hold_time(token, "ahwatukee", local(14), LATER)
    assert appointment.starts_at == local(14)
    assert isinstance(book_hold(token, LATER), Booked)


def test_each_step_extends_the_hold(clinic: Clinic) -> None:
    token = a_hold()
    holds.renew_hold(token, NOW + timedelta(minutes=8))
    with pytest.raises(SlotTaken):
        a_booking(local(10), NOW + timedelta(minutes=15))


def test_nobody_holds_a_time_for_ever(clinic: Clinic) -> None:
    token = a_hold()
    for minutes in range(0, 70, 5):
        appointment = holds.renew_hold(token, NOW + timedelta(minutes=minutes))
    assert appointment.expires_at == NOW + MAX_HOLD
    assert isinstance(a_booking(local(10), NOW + timedelta(minutes=66)), Appointment)


def test_a_hold_without_answers_books_nothing(clinic: Clinic) -> None:
    with pytest.raises(holds.HoldNotFound):
        book_hold(a_hold(), NOW)


def test_an_answer_that_stops_frees_the_time_and_keeps_no_answers(
    clinic: Clinic,
) -> None:
    result, flag_id = hold_details.record_screening(a_hold(), answers(danger=True), NOW)
    assert (result.outcome, flag_id) == (ScreeningOutcome.HELP_FIRST, None)
    assert count(Appointment) == count(Claim) == count(ScreeningResponse) == count(Flag) == 0


def test_answering_again_in_the_same_browser_clears_nothing(clinic: Clinic) -> None:
    _, flag_id = hold_details.record_screening(a_hold(), answers(psychosis=True), NOW)
    assert flag_id is not None
    assert book_hold(a_filled_hold(), NOW, flag_id) == NotBooked(ScreeningOutcome.CALL_FIRST)


def test_abandoned_holds_go_within_a_day_with_their_answers(clinic: Clinic) -> None:
    a_filled_hold()
    assert hold_cleanup.delete_abandoned_holds(NOW + timedelta(hours=22)) == 0
    assert hold_cleanup.delete_abandoned_holds(NOW + timedelta(hours=24)) == 1
    assert count(ScreeningResponse) == count(BookingDraft) == count(Claim) == 0


def actions() -> list[str]:
    return list(db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))


def test_invariant_12_a_hold_is_on_record_from_its_first_time_to_its_end(clinic: Clinic) -> None:
    token = a_hold()
    holds.change_hold_time(token, "ahwatukee", local(14), LATER)
    hold_cleanup.delete_abandoned_holds(LATER + timedelta(hours=24))
    assert actions() == ["hold", "move_hold", "drop_hold"]


def test_invariant_12_answers_that_stop_a_booking_leave_its_hold_on_record(clinic: Clinic) -> None:
    hold_details.record_screening(a_hold(), answers(danger=True), NOW)
    assert actions() == ["hold", "drop_hold"]


def test_a_hold_is_kept_while_its_form_is_filled_in_and_looks_the_same(clinic: Clinic) -> None:
    token = a_filled_hold()
    version = holds.get_hold(token).version
    soon = NOW + timedelta(minutes=9)
    holds.extend_hold(token, soon)
    db.session.expire_all()
    hold = holds.get_hold(token)
    assert (hold.expires_at, hold.version) == (soon + HOLD, version)
    assert {claim.expires_at for claim in db.session.scalars(select(Claim))} == {soon + HOLD}


def test_filling_in_a_form_keeps_no_hold_that_has_expired(clinic: Clinic) -> None:
    token = a_hold()
    expires_at = NOW + HOLD
    holds.extend_hold(token, expires_at)
    db.session.expire_all()
    assert holds.get_hold(token).expires_at == expires_at


def test_nobody_keeps_a_time_by_typing_for_longer_than_a_hold_may_last(clinic: Clinic) -> None:
    token = a_hold()
    for minutes in range(9, 90, 9):
        holds.extend_hold(token, NOW + timedelta(minutes=minutes))
    db.session.expire_all()
    assert holds.get_hold(token).expires_at == NOW + MAX_HOLD
