"""Claims in the database, and answers kept only while they are true."""

from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, insert, select, update
from sqlalchemy.exc import IntegrityError

from booking.appointments import attendance, holds
from booking.appointments import operations as appointment_operations
from booking.appointments.rules import Outcome
from booking.calendars import availability
from booking.calendars import operations as calendars
from booking.calendars.local_days import iter_bits
from booking.calendars.models import CalendarDay, Claim
from booking.calendars.slot_cache import get_slot_cache as slot_memory
from booking.calendars.slots import list_slots
from booking.db.transactions import transaction
from booking.extensions import db
from tests.builders import NOW, TOMORROW, Clinic, a_booking, a_clinic, a_closure, local


@pytest.fixture
def clinic(app: Flask) -> Clinic:
    return a_clinic()


def starts(day_offset: int = 0) -> list[str]:
    day = TOMORROW + timedelta(days=day_offset)
    slots = list_slots("consultation", ["ahwatukee"], day, day, NOW)
    return [slot.local_start.strftime("%H:%M") for slot in slots]


def test_invariant_1_the_database_refuses_a_second_claim(clinic: Clinic) -> None:
    appointment = a_booking(local(10))
    claim = db.session.scalars(
        select(Claim).filter_by(appointment_id=appointment.id).order_by(Claim.id)
    ).first()
    assert claim is not None
    row = {
        "appointment_id": appointment.id,
        "resource_id": claim.resource_id,
        "starts_at": claim.ends_at - timedelta(minutes=5),
        "ends_at": claim.ends_at + timedelta(minutes=5),
    }
    with pytest.raises(IntegrityError, match="no_overlap"), transaction():
        db.session.execute(insert(Claim).values(row))


def test_invariant_1_the_database_refuses_to_move_a_claim_onto_another(
    clinic: Clinic,
) -> None:
    first, second = a_booking(local(10)), a_booking(local(12))
    with pytest.raises(IntegrityError, match="no_overlap"), transaction():
        db.session.execute(
            update(Claim)
            .where(Claim.appointment_id == second.id)
            .values(starts_at=first.starts_at, ends_at=first.ends_at)
        )


def test_claims_that_only_touch_are_allowed(clinic: Clinic) -> None:
    a_booking(local(10))
    a_booking(local(11))
    assert db.session.scalar(select(func.count()).select_from(Claim)) == 4


def test_a_booked_time_is_offered_no_longer(clinic: Clinic) -> None:
    assert "10:00" in starts()
    a_booking(local(10))
    assert not {"09:15", "10:00", "10:45"} & set(starts())
    assert {"09:00", "11:00"} <= set(starts())


def test_a_cancelled_time_is_offered_again(clinic: Clinic) -> None:
    appointment = a_booking(local(10))
    appointment_operations.cancel(appointment.id, NOW, "online", by_patient=True)
    assert "10:00" in starts()


def free_at(hour: int, minute: int, now: datetime) -> bool:
    """Tell whether a follow-up can be booked tomorrow at that time, at the desk."""
    catalogue = availability.current_catalogue()
    location, demand = catalogue.locations["ahwatukee"], catalogue.services["follow-up"].demand
    [(_, answer)] = availability.list_starts_by_day([(location, demand)], TOMORROW, TOMORROW, now)
    return local(hour, minute) in map(answer.free.day.cell_start, iter_bits(answer.starts))


def test_an_appointment_that_is_over_early_frees_the_rest_and_keeps_its_past(
    clinic: Clinic,
) -> None:
    appointment, over = a_booking(local(10)), local(10, 20)
    attendance.check_in(appointment.id, local(9, 50), "test")
    attendance.fulfil(appointment.id, Outcome.SEEN, over, "test")
    assert free_at(10, 30, over)
    claims = calendars.claims_by_appointment([appointment.id])[appointment.id]
    assert {(claim.starts_at, claim.ends_at) for claim in claims} == {(local(10), over)}


def test_an_appointment_that_is_over_before_its_time_claims_nothing(clinic: Clinic) -> None:
    appointment = a_booking(local(10))
    attendance.check_in(appointment.id, local(9, 30), "test")
    attendance.fulfil(appointment.id, Outcome.DECLINED, local(9, 50), "test")
    assert calendars.claimed_resource_ids(appointment.id) == ()
    assert free_at(10, 0, local(9, 50))


def test_what_a_no_show_leaves_of_the_time_is_free(clinic: Clinic) -> None:
    appointment, seen = a_booking(local(10)), local(10, 15)
    assert not free_at(10, 30, seen)
    attendance.mark_no_show(appointment.id, seen, "test")
    assert free_at(10, 30, seen)
    assert {
        claim.ends_at for claim in calendars.claims_by_appointment([appointment.id])[appointment.id]
    } == {seen}


def test_a_closed_day_offers_nothing(clinic: Clinic) -> None:
    assert starts()
    a_closure(clinic.location, TOMORROW)
    assert not starts()


def test_notice_is_kept(clinic: Clinic) -> None:
    assert starts(-1)[0] == "10:00"  # it is 08:00, two hours' notice


def test_nothing_is_offered_past_the_horizon(clinic: Clinic) -> None:
    assert starts(59)
    assert not starts(60)


def test_a_hold_blocks_until_it_expires_and_then_no_longer(clinic: Clinic) -> None:
    holds.create_hold("consultation", "ahwatukee", local(10), NOW)
    assert "10:00" not in starts()
    later = NOW + timedelta(minutes=10)
    slots = list_slots("consultation", None, TOMORROW, TOMORROW, later)
    assert local(10) in [slot.starts_at for slot in slots]


def test_whoever_claims_deletes_the_expired_claims_in_the_way(clinic: Clinic) -> None:
    appointment = holds.create_hold("consultation", "ahwatukee", local(10), NOW)
    a_booking(local(10), NOW + timedelta(minutes=11))
    assert calendars.claimed_resource_ids(appointment.id) == ()


def test_each_claim_counts_the_days_version_up(clinic: Clinic) -> None:
    appointment = a_booking(local(10))
    key = (clinic.location.id, TOMORROW)
    before = db.session.get_one(CalendarDay, key).version
    appointment_operations.cancel(appointment.id, NOW, "online", by_patient=True)
    assert db.session.get_one(CalendarDay, key).version == before + 1


def test_a_booking_reaches_another_process_memory(clinic: Clinic, app: Flask) -> None:
    assert "10:00" in starts()
    kept = dict(slot_memory().days)
    a_booking(local(10))
    slot_memory().days.update(kept)  # as in a process that did not see the booking
    assert "10:00" not in starts()


def test_unknown_names_are_refused(clinic: Clinic) -> None:
    with pytest.raises(availability.UnknownSlug):
        list_slots("massage", None, TOMORROW, TOMORROW, NOW)
    with pytest.raises(availability.UnknownSlug):
        list_slots("consultation", ["tucson"], TOMORROW, TOMORROW, NOW)


def test_slots_carry_their_own_dates_offset(app: Flask) -> None:
    a_clinic(zone="America/Denver")
    before = TOMORROW.replace(month=10, day=31, year=2026)
    slots = list_slots(
        "consultation",
        None,
        before,
        before + timedelta(days=1),
        NOW - timedelta(days=40),
    )
    offsets = {
        slot.local_start.date(): slot.local_start.strftime("%H:%M%z") for slot in slots[::-1]
    }
    assert sorted(offsets.values()) == ["09:00-0600", "09:00-0700"]
