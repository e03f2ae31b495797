"""An offer is taken once, in time, by whom it was made to; whatever else is told so and changes nothing."""

from datetime import timedelta
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient

from booking.appointments import operations as appointment_operations
from booking.appointments.guards import ChangeRefused
from booking.appointments.models import Appointment
from booking.appointments.patient_booking import book_for_patient
from booking.appointments.rules import Origin, Status
from booking.calendars import availability
from booking.calendars.outages import record_outage
from booking.db.versions import StaleVersion
from booking.extensions import db
from booking.locations.models import Outage
from booking.messaging.rules import MessageStatus
from booking.series.queries import list_sessions
from booking.waitlist.models import WaitlistOffer
from booking.waitlist.offers import OfferOver, UnknownOffer, accept_offer, decline_offer
from booking.waitlist.operations import join_waitlist
from booking.waitlist.rules import EntryStatus, OfferStatus
from tests.builders import NOW, Clinic, a_clinic
from tests.series.prescribed import a_booked_series
from tests.waitlist.conftest import FULL
from tests.waitlist.waiting import (
    HOLD,
    MINUTE,
    a_wish,
    claimed_starts,
    current,
    entry_of,
    holder_of,
    mark_sent,
    message_of,
    nine,
    offers,
    patient_of,
    somebody_waiting,
    tick,
)


@pytest.fixture
def offered(waiting: Appointment, booked: list[Appointment]) -> WaitlistOffer:
    """The first of the full days, freed and offered to who waits."""
    appointment_operations.cancel(booked[0].id, NOW, "online", by_patient=True)
    (made,) = tick(NOW)
    return made


def test_accepting_moves_the_appointment_and_frees_the_old_time(
    waiting: Appointment, offered: WaitlistOffer
) -> None:
    moved = accept_offer(offered.token, NOW + MINUTE, expected_version=waiting.version)
    assert (moved.id, moved.starts_at, moved.sequence) == (waiting.id, nine(0), 1)
    assert nine(FULL) not in claimed_starts()
    assert offers()[0].status is OfferStatus.ACCEPTED
    assert entry_of(waiting).status is EntryStatus.MOVED
    pending = db.select(Appointment).filter_by(status=Status.PENDING)
    assert db.session.scalars(pending).all() == []


def test_accepted_twice_it_moves_once(waiting: Appointment, offered: WaitlistOffer) -> None:
    version = waiting.version
    for _ in range(2):
        accept_offer(offered.token, NOW + MINUTE, expected_version=version)
    assert current(waiting).sequence == 1


def test_the_freed_old_time_goes_to_the_next_in_line(
    clinic: Clinic, waiting: Appointment, offered: WaitlistOffer
) -> None:
    other = somebody_waiting(clinic, nine(FULL + 1))
    accept_offer(offered.token, NOW + MINUTE)
    (made,) = tick(NOW + 2 * MINUTE)
    assert (holder_of(made), made.starts_at) == (other.id, nine(FULL))


@pytest.mark.parametrize("closed", [False, True])
def test_a_late_answer_changes_nothing(
    waiting: Appointment, offered: WaitlistOffer, closed: bool
) -> None:
    if closed:
        mark_sent(offered)
        tick(NOW + HOLD)
    with pytest.raises(OfferOver):
        accept_offer(offered.token, NOW + HOLD)
    assert current(waiting).starts_at == nine(FULL)
    assert entry_of(waiting).status is EntryStatus.WAITING


def test_whoever_is_late_loses_it_to_the_next_who_takes_it(
    clinic: Clinic, waiting: Appointment, offered: WaitlistOffer
) -> None:
    other = somebody_waiting(clinic, nine(FULL + 1))
    mark_sent(offered)
    (made,) = tick(NOW + HOLD)
    accept_offer(made.token, NOW + HOLD + MINUTE)
    with pytest.raises(OfferOver):
        accept_offer(offered.token, NOW + HOLD + MINUTE)
    assert current(other).starts_at == nine(0)
    assert current(waiting).starts_at == nine(FULL)


def test_declined_it_goes_to_the_next_and_the_turn_is_kept(
    clinic: Clinic, waiting: Appointment, offered: WaitlistOffer
) -> None:
    other = somebody_waiting(clinic, nine(FULL + 1))
    decline_offer(offered.token, NOW + MINUTE)
    decline_offer(offered.token, NOW + MINUTE)
    assert entry_of(waiting).queued_at == NOW
    (made,) = tick(NOW + 2 * MINUTE)
    assert holder_of(made) == other.id
    with pytest.raises(OfferOver):
        accept_offer(offered.token, NOW + 2 * MINUTE)


def test_a_time_that_is_closed_is_kept_no_more_and_the_turn_is_kept(
    clinic: Clinic, client: FlaskClient, waiting: Appointment, offered: WaitlistOffer
) -> None:
    mark_sent(offered)
    assert "A sooner time is kept for you" in client.get(f"/o/{offered.token}").text
    closed = Outage(
        location_id=clinic.location.id, starts_at=nine(0) - HOLD, ends_at=nine(1) - HOLD
    )
    record_outage(closed, NOW + MINUTE, "staff:1")
    assert tick(NOW + 2 * MINUTE) == []
    assert offers()[0].status is OfferStatus.WITHDRAWN
    assert nine(0) not in claimed_starts()
    assert entry_of(waiting).queued_at == NOW
    page = client.get(f"/o/{offered.token}").text
    assert "This time is no longer kept for you" in page
    assert "It can't be kept for you any more." in unescape(page)
    assert "You stay on the list" in page


def test_a_message_still_on_its_way_is_taken_back_with_the_offer(
    waiting: Appointment, offered: WaitlistOffer
) -> None:
    decline_offer(offered.token, NOW + MINUTE)
    assert message_of(offered).status is MessageStatus.RETIRED


def test_invariant_15_an_appointment_that_changed_since_it_was_shown_is_not_moved(
    waiting: Appointment, booked: list[Appointment], offered: WaitlistOffer
) -> None:
    shown = waiting.version
    appointment_operations.cancel(booked[3].id, NOW, "online", by_patient=True)
    appointment_operations.move(waiting.id, nine(3), NOW, "staff:1")
    with pytest.raises(StaleVersion):
        accept_offer(offered.token, NOW + MINUTE, expected_version=shown)
    assert current(waiting).starts_at == nine(3)
    assert offers()[0].status is OfferStatus.OPEN


def test_a_cancelled_appointment_takes_no_offer(
    waiting: Appointment, offered: WaitlistOffer
) -> None:
    appointment_operations.cancel(waiting.id, NOW, "online", by_patient=True)
    with pytest.raises(Exception, match="is_cancelled"):
        accept_offer(offered.token, NOW + MINUTE)
    assert current(waiting).status is Status.CANCELLED


def test_a_token_that_nobody_was_given_is_unknown(clinic: Clinic) -> None:
    for answer in (accept_offer, decline_offer):
        with pytest.raises(UnknownOffer):
            answer("nothing", NOW)


def sessions_of_a_series(clinic: Clinic) -> list[Appointment]:
    """Book six infusions, twice a week, 2 to 5 days apart, in a clinic with nothing else to do."""
    series = a_booked_series(clinic)
    sessions = [session.appointment for session in list_sessions(series.id)]
    return [appointment for appointment in sessions if appointment is not None]


def test_no_offer_breaks_the_gaps_of_a_series(app: Flask) -> None:
    clinic = a_clinic()
    _first, second, third, fourth, *_ = sessions_of_a_series(clinic)
    join_waitlist(third.id, a_wish(clinic.location.id), NOW, "online")
    (made,) = tick(NOW)
    assert made.local_date < third.local_date
    gaps = (made.local_date - second.local_date, fourth.local_date - made.local_date)
    assert all(timedelta(days=2) <= gap <= timedelta(days=5) for gap in gaps)
    assert accept_offer(made.token, NOW + MINUTE).local_date == made.local_date


def test_a_session_that_can_only_break_its_gaps_is_offered_nothing(app: Flask) -> None:
    clinic = a_clinic()
    first, second, *_ = sessions_of_a_series(clinic)
    only = a_wish(clinic.location.id, weekdays=[first.local_date.weekday()])
    join_waitlist(second.id, only, NOW, "online")
    assert tick(NOW) == []


def test_gaps_are_asked_again_when_it_is_accepted(app: Flask) -> None:
    clinic = a_clinic()
    *_, fifth, last = sessions_of_a_series(clinic)
    join_waitlist(last.id, a_wish(clinic.location.id), NOW, "online")
    (made,) = tick(NOW)
    day_before = made.starts_at - timedelta(days=1)
    doctor = f"staff:{clinic.practitioner.id}"
    appointment_operations.move(fifth.id, day_before, NOW, doctor, reason="Asked for")
    with pytest.raises(ChangeRefused):
        accept_offer(made.token, NOW + MINUTE)
    assert current(last).local_date == last.local_date
    assert offers()[0].status is OfferStatus.OPEN


def test_one_who_is_elsewhere_then_is_not_offered_it(
    clinic: Clinic, waiting: Appointment, booked: list[Appointment]
) -> None:
    a_clinic(slug="scottsdale")
    catalogue, patient = availability.current_catalogue(), patient_of(waiting)
    service = catalogue.services["follow-up"]
    book_for_patient(
        patient, catalogue.locations["scottsdale"], service, service.demand,
        nine(0) + timedelta(minutes=30), NOW, origin=Origin.DESK, actor="staff:1",
    )  # fmt: skip
    appointment_operations.cancel(booked[0].id, NOW, "online", by_patient=True)
    assert tick(NOW) == []
