"""What frees up is offered to one person at a time: who waited longest, by text, within the day."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from booking.appointments import rules
from booking.appointments.holds import create_hold
from booking.appointments.models import Appointment
from booking.audit.models import AuditEntry
from booking.calendars.local_days import PartOfDay
from booking.calendars.operations import SlotTaken
from booking.db.transactions import transaction
from booking.extensions import db
from booking.messaging import opt_outs
from booking.messaging.rules import Channel, within_sending_hours
from booking.patients import operations as patients
from booking.waitlist.offering import update_waitlist
from booking.waitlist.operations import join_waitlist
from booking.waitlist.rules import OfferStatus
from tests.builders import NOW, Clinic, a_booking, local
from tests.waitlist.conftest import FULL
from tests.waitlist.waiting import (
    HOLD,
    MINUTE,
    a_wish,
    claimed_starts,
    entry_of,
    free_up,
    holder_of,
    mark_sent,
    message_of,
    nine,
    offers,
    patient_of,
    somebody_waiting,
    tick,
)


def test_while_nothing_is_free_nobody_is_offered_anything(waiting: Appointment) -> None:
    assert tick(NOW) == []


def test_what_frees_up_is_held_for_whoever_waits_and_they_are_texted(
    waiting: Appointment, booked: list[Appointment]
) -> None:
    free_up(booked[1])
    (made,) = tick(NOW)
    assert holder_of(made) == waiting.id
    assert (made.starts_at, made.expires_at, made.status) == (nine(1), NOW + HOLD, OfferStatus.OPEN)
    message = message_of(made)
    assert (message.channel, message.recipient) == (Channel.SMS, patient_of(waiting).phone)
    assert message.body == (
        "Ahwatukee Clinic: a sooner visit here on Wed, Dec 2 at 9:00 AM MST? Held until 8:15 AM: "
        f"http://127.0.0.1:8000/o/{made.token}"
    )
    assert (message.immediate, message.expires_at) == (True, made.expires_at)
    assert nine(1) in claimed_starts()


def test_invariant_12_what_is_held_for_an_offer_and_let_go_is_on_record(
    waiting: Appointment, booked: list[Appointment]
) -> None:
    free_up(booked[1])
    (made,) = tick(NOW)
    of_hold = select(AuditEntry.action).filter_by(
        subject_kind="appointment", subject_id=made.hold_id
    )
    tick(NOW + HOLD)
    actions = db.session.scalars(of_hold.order_by(AuditEntry.id)).all()
    assert actions == ["hold", "release_hold"]


def test_the_time_is_nobody_elses_meanwhile(
    waiting: Appointment, booked: list[Appointment]
) -> None:
    free_up(booked[1])
    tick(NOW)
    with pytest.raises(SlotTaken):
        a_booking(nine(1))
    assert tick(NOW + MINUTE) == []


def test_the_first_who_joined_is_the_first_who_is_offered_it(
    clinic: Clinic, booked: list[Appointment]
) -> None:
    second = somebody_waiting(clinic, nine(FULL), NOW - MINUTE)
    first = somebody_waiting(clinic, nine(FULL + 1), NOW - 2 * MINUTE)
    free_up(booked[0])
    (made,) = tick(NOW)
    assert holder_of(made) == first.id
    mark_sent(made)
    (next_made,) = tick(NOW + HOLD)
    assert holder_of(next_made) == second.id
    assert [offer.status for offer in offers()] == [OfferStatus.EXPIRED, OfferStatus.OPEN]


def test_who_lets_it_go_by_is_not_offered_that_day_again_and_goes_to_the_end(
    waiting: Appointment, booked: list[Appointment]
) -> None:
    free_up(booked[1])
    (made,) = tick(NOW)
    mark_sent(made)
    assert tick(NOW + HOLD) == []
    assert entry_of(waiting).queued_at == NOW + HOLD
    free_up(booked[2])
    (other,) = tick(NOW + HOLD + MINUTE)
    assert other.starts_at == nine(2)


def test_whose_message_never_left_keeps_their_turn_and_nothing_more_is_held_for_an_hour(
    waiting: Appointment, booked: list[Appointment]
) -> None:
    free_up(booked[1])
    tick(NOW)
    assert tick(NOW + HOLD) == []
    assert offers()[0].status is OfferStatus.UNSENT
    assert entry_of(waiting).queued_at == NOW
    assert nine(1) not in claimed_starts()
    (made,) = tick(NOW + HOLD + timedelta(hours=1, minutes=1))
    assert (holder_of(made), made.starts_at) == (waiting.id, nine(1))


def test_several_free_times_go_to_several_people_at_once(
    clinic: Clinic, booked: list[Appointment]
) -> None:
    people = [somebody_waiting(clinic, nine(FULL + n), NOW + n * MINUTE) for n in range(3)]
    free_up(booked[0])
    free_up(booked[3])
    made = tick(NOW + 5 * MINUTE)
    assert [(holder_of(offer), offer.starts_at) for offer in made] == [
        (people[0].id, nine(0)),
        (people[1].id, nine(3)),
    ]


def test_a_day_at_the_other_location_is_offered_to_who_could_go_there(
    clinic: Clinic, booked: list[Appointment]
) -> None:
    appointment = a_booking(nine(FULL))
    join_waitlist(appointment.id, a_wish(clinic.location.id + 99), NOW, "online")
    free_up(booked[0])
    assert tick(NOW) == []


def test_an_afternoon_is_not_offered_to_who_asked_for_mornings(
    clinic: Clinic, booked: list[Appointment]
) -> None:
    appointment = a_booking(nine(FULL))
    afternoon = a_wish(clinic.location.id, parts=[PartOfDay.AFTERNOON])
    join_waitlist(appointment.id, afternoon, NOW, "online")
    free_up(booked[0])
    assert tick(NOW) == []
    join_waitlist(appointment.id, a_wish(clinic.location.id), NOW, "online")
    assert len(tick(NOW)) == 1


def test_a_time_that_begins_within_the_notice_is_not_offered(
    waiting: Appointment, booked: list[Appointment]
) -> None:
    free_up(booked[0])
    assert tick(nine(0) - timedelta(minutes=59)) == []


@pytest.mark.parametrize("now", [local(20, 55), local(23), local(7, 55)])
def test_at_night_nothing_is_offered_and_in_the_morning_it_is(
    waiting: Appointment, booked: list[Appointment], now: object
) -> None:
    free_up(booked[3])
    assert tick(now) == []  # type: ignore[arg-type]
    assert len(tick(local(8, day=nine(1).date()))) == 1


def test_in_the_night_of_where_they_live_nothing_is_offered(
    waiting: Appointment, booked: list[Appointment]
) -> None:
    with transaction():
        patient_of(waiting).time_zone = "Pacific/Honolulu"  # three hours behind Phoenix
    free_up(booked[3])
    assert tick(local(10, 45)) == []
    assert len(tick(local(11))) == 1


def test_the_message_of_an_offer_can_only_leave_within_the_sending_hours(
    waiting: Appointment, booked: list[Appointment]
) -> None:
    free_up(booked[3])
    (made,) = tick(local(20, 44))
    assert within_sending_hours(message_of(made).expires_at, "America/Phoenix")


def test_who_gets_no_texts_is_told_by_email(clinic: Clinic, booked: list[Appointment]) -> None:
    appointment = somebody_waiting(clinic, nine(FULL), sms_consent=False)
    free_up(booked[0])
    (made,) = tick(NOW)
    message = message_of(made)
    assert (message.channel, message.recipient) == (Channel.EMAIL, patient_of(appointment).email)


def test_who_said_stop_is_told_by_email(waiting: Appointment, booked: list[Appointment]) -> None:
    opt_outs.record_opt_out(str(patient_of(waiting).phone), "inbound", NOW)
    free_up(booked[0])
    (made,) = tick(NOW)
    assert message_of(made).channel is Channel.EMAIL


def test_who_can_be_told_in_no_way_is_offered_nothing_and_nothing_is_held(
    waiting: Appointment, booked: list[Appointment]
) -> None:
    opt_outs.record_opt_out(str(patient_of(waiting).phone), "inbound", NOW)
    with transaction():
        db.session.get_one(type(patient_of(waiting)), waiting.patient_id).email = None
        db.session.execute(db.text("UPDATE appointment_contact SET email = NULL"))
    free_up(booked[0])
    assert tick(NOW) == []
    assert nine(0) not in claimed_starts()


def test_no_offer_is_made_by_a_channel_that_nothing_is_sent_by(
    waiting: Appointment, booked: list[Appointment]
) -> None:
    free_up(booked[0])
    assert update_waitlist(NOW, HOLD, [Channel.EMAIL]) == 0
    assert update_waitlist(NOW, HOLD, [Channel.SMS]) == 1


def test_what_somebody_is_booking_is_offered_once_their_hold_is_over(
    waiting: Appointment, booked: list[Appointment]
) -> None:
    free_up(booked[0])
    create_hold("consultation", "ahwatukee", nine(0), NOW)
    assert tick(NOW + MINUTE) == []
    assert len(tick(NOW + rules.HOLD)) == 1


def test_consent_given_meanwhile_counts(clinic: Clinic, booked: list[Appointment]) -> None:
    appointment = somebody_waiting(clinic, nine(FULL), sms_consent=False)
    patient = patient_of(appointment)
    patients.record_consent(patient, str(patient.phone), "Text me", NOW, granted=True)
    free_up(booked[0])
    (made,) = tick(NOW)
    assert message_of(made).channel is Channel.SMS
