"""A booking moves appointments that haven't arrived to other chairs, and what is listed can be booked."""

import random
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import select

from booking.appointments import attendance
from booking.appointments import operations as appointment_operations
from booking.appointments.exemptions import ClaimTerms
from booking.appointments.models import Appointment
from booking.appointments.patient_booking import book_for_patient
from booking.appointments.rules import Origin
from booking.audit.models import AuditEntry
from booking.calendars import availability
from booking.calendars import operations as calendars
from booking.calendars.local_days import iter_bits
from booking.calendars.operations import SlotTaken
from booking.calendars.rules import ResourceDemand, ResourceNeed
from booking.extensions import db
from booking.locations.rules import ResourceKind
from tests.builders import NOW, TOMORROW, Clinic, a_clinic, a_patient, local

EARLY = timedelta(hours=11)  # as long before its start as anyone checks in, or nearly


@pytest.fixture
def clinic(app: Flask) -> Clinic:
    return a_clinic(chairs=2)


def a_drip(minutes: int) -> ResourceDemand:
    """Return a demand for a chair and nothing else."""
    return ResourceDemand((ResourceNeed(ResourceKind.CHAIR, 0, minutes),), minutes, 15)


def book(
    starts_at: datetime, minutes: int = 60, now: datetime = NOW, prefer: int = 0
) -> Appointment:
    catalogue = availability.current_catalogue()
    return book_for_patient(
        a_patient(), catalogue.locations["ahwatukee"], catalogue.services["follow-up"],
        a_drip(minutes), starts_at, now, origin=Origin.DESK, actor="staff:1",
        terms=ClaimTerms((prefer,)),
    )  # fmt: skip


def listed(minutes: int, now: datetime = NOW) -> list[datetime]:
    """Return the starts of tomorrow's drips that are listed."""
    location = availability.current_catalogue().locations["ahwatukee"]
    wanted = [(location, a_drip(minutes))]
    [(_, day_starts)] = availability.list_starts_by_day(wanted, TOMORROW, TOMORROW, now)
    return [day_starts.free.day.cell_start(cell) for cell in iter_bits(day_starts.starts)]


def chair_of(appointment: Appointment) -> int:
    db.session.rollback()
    (chair,) = calendars.claimed_resource_ids(appointment.id)
    return chair


def reseated() -> list[int]:
    """Return the ids of appointments that got another chair, as the audit trail has them."""
    rows = select(AuditEntry.subject_id).where(AuditEntry.action == "reseat")
    return list(db.session.scalars(rows))


def two_halves() -> tuple[Appointment, Appointment]:
    """Book ten to eleven on one chair, and eleven to noon on the other."""
    location = availability.current_catalogue().locations["ahwatukee"]
    first_chair, second_chair = location.resources[ResourceKind.CHAIR]
    return book(local(10), prefer=first_chair), book(local(11), prefer=second_chair)


def test_two_halves_of_two_chairs_are_a_chair_for_both_hours(clinic: Clinic) -> None:
    first, second = two_halves()
    assert local(10) in listed(120)
    both = book(local(10), 120)
    assert chair_of(second) == chair_of(first) != chair_of(both)
    assert reseated() == [second.id]
    assert (second.starts_at, second.sequence, second.version) == (local(11), 0, 1)


def test_who_has_arrived_stays_and_the_time_is_listed_no_longer(clinic: Clinic) -> None:
    _, second = two_halves()
    listed(120)  # and remembered
    chair = chair_of(second)
    attendance.check_in(second.id, local(11) - EARLY, "staff:1")
    assert local(10) not in listed(120)
    with pytest.raises(SlotTaken):
        book(local(10), 120)
    assert chair_of(second) == chair
    assert reseated() == []


def test_a_claim_of_somebody_who_has_arrived_is_worked_around(clinic: Clinic) -> None:
    """Who is in a chair before the new appointment begins is in nobody's way after."""
    first, second = two_halves()
    attendance.check_in(first.id, local(10), "staff:1")
    book(local(10), 120, now=local(9, 59))
    assert reseated() == [second.id]


@pytest.mark.parametrize("seed", range(3))
def test_what_is_listed_can_be_booked_and_nothing_else(app: Flask, seed: int) -> None:
    """Nobody's time changes meanwhile, nor the chair of who has arrived."""
    a_clinic(chairs=3)
    chance, standing = random.Random(seed), dict[int, datetime]()
    arrived: dict[int, int] = {}
    location = availability.current_catalogue().locations["ahwatukee"]
    for _ in range(40):
        minutes = chance.choice([15, 30, 90, 150])
        starts = listed(minutes, local(8))
        every = [local(9) + timedelta(minutes=15 * n) for n in range(32)]
        starts_at = chance.choice(starts if starts and chance.random() < 0.7 else every)
        try:
            chair = chance.choice(location.resources[ResourceKind.CHAIR])
            appointment = book(starts_at, minutes, local(8), prefer=chair)
        except SlotTaken:
            assert starts_at not in starts
        else:
            assert starts_at in starts
            standing[appointment.id] = starts_at
        if standing and chance.random() < 0.5:
            _change(chance, standing, arrived)
        _assert_all_stand(standing, arrived)
    assert reseated() != []


def _change(chance: random.Random, standing: dict[int, datetime], arrived: dict[int, int]) -> None:
    key = chance.choice(list(standing))
    if key in arrived:
        return
    if chance.random() < 0.2:
        attendance.check_in(key, local(8), "staff:1")
        arrived[key] = chair_of(db.session.get_one(Appointment, key))
    else:
        appointment_operations.cancel(key, local(8), "staff:1", by_patient=True)
        del standing[key]


def _assert_all_stand(standing: dict[int, datetime], arrived: dict[int, int]) -> None:
    claims = calendars.claims_by_appointment(list(standing))
    assert {key: claim.starts_at for key, (claim,) in claims.items()} == standing
    assert {key: claims[key][0].resource_id for key in arrived} == arrived


def at_once(app: Flask, *steps: Callable[[], object]) -> list[str]:
    """Run the steps at one moment, each on a connection of its own; return what came of each."""
    start = Barrier(len(steps))

    def run(step: Callable[[], object]) -> str:
        with app.app_context():
            start.wait(60)
            try:
                step()
            except SlotTaken:
                return "taken"
            finally:
                db.session.remove()
            return "done"

    with ThreadPoolExecutor(len(steps)) as threads:
        return list(threads.map(run, steps))


def book_both_hours() -> Appointment:
    return book(local(10), 120)


@pytest.mark.parametrize("_round", range(3))
def test_at_once_one_gets_the_chair_that_others_make_room_for(
    app: Flask, clinic: Clinic, _round: int
) -> None:
    _, second = two_halves()
    outcomes = at_once(app, *[book_both_hours] * 5)
    assert Counter(outcomes) == {"done": 1, "taken": 4}
    assert reseated() == [second.id]


@pytest.mark.parametrize("_round", range(3))
def test_who_arrives_at_that_moment_stays_in_the_chair_they_have_then(
    app: Flask, clinic: Clinic, _round: int
) -> None:
    _, second = two_halves()
    before, key = chair_of(second), second.id
    outcomes = at_once(
        app,
        lambda: attendance.check_in(key, local(11) - EARLY, "staff:1"),
        *[book_both_hours] * 3,
    )
    has_moved = chair_of(second) != before
    assert outcomes[0] == "done"
    assert Counter(outcomes[1:]) == ({"done": 1, "taken": 2} if has_moved else {"taken": 3})


@pytest.mark.parametrize("_round", range(3))
def test_who_cancels_at_that_moment_frees_the_chair_they_have_then(
    app: Flask, clinic: Clinic, _round: int
) -> None:
    _, second = two_halves()
    key = second.id
    outcomes = at_once(
        app,
        lambda: appointment_operations.cancel(key, NOW, "staff:1", by_patient=True),
        *[book_both_hours] * 2,
    )
    assert outcomes[0] == "done"
    assert calendars.claimed_resource_ids(key) == ()
