"""Fifty wait and one time frees up: offers are answered late, twice, by several processes, some killed.

One person gets it, and nothing is lost. A hundred rounds instead of two:
`WAITLIST_ROUNDS=100 make test TESTS=tests/waitlist/test_race.py`
"""

import os
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import delete, func, insert, select, update

from booking.appointments import operations as appointment_operations
from booking.appointments.models import Appointment
from booking.appointments.rules import Status
from booking.calendars.models import Claim
from booking.db.transactions import transaction
from booking.extensions import db
from booking.messaging.models import Message
from booking.messaging.rules import MessageStatus
from booking.waitlist.models import WaitlistEntry, WaitlistOffer
from booking.waitlist.offering import update_waitlist
from booking.waitlist.rules import EntryStatus, OfferStatus
from tests.builders import NOW, Clinic, a_booking, a_clinic
from tests.waitlist.racer import Order, Racers, Step
from tests.waitlist.waiting import HOLD, a_small_clinic, a_wish, nine

PEOPLE, RACERS, PATIENCE = 50, 4, 8
ROUNDS = int(os.environ.get("WAITLIST_ROUNDS", "2"))
SLOT, LATER = nine(0), nine(1)
STAFF = "staff:1"
DEATHS = 0.1  # of those that may die
LONGEST_LIFE = (
    0.06  # seconds after which the last of those that die is killed: most are done by then
)


@dataclass
class Round:
    """One time that frees up, until somebody has it."""

    racers: Racers
    chance: random.Random
    now: datetime = NOW
    expiries: dict[str, datetime] = field(default_factory=dict)  # by token, of all offers seen

    def run(self) -> int:
        """Return whose appointment got the time, by its id."""
        for step in range(PATIENCE + 1):
            self.now += timedelta(seconds=self.chance.randint(1, 60))
            orders = self._orders(is_last=step >= PATIENCE)
            self._check_late_ones(orders, self.racers.run(orders))
            mark_all_sent()
            assert_nothing_is_held_twice(self.now)
            if winner := winner_id():
                self._answer_all_again(winner)
                return winner
        return self.run()  # the last acceptance was killed before it was done

    def _check_late_ones(self, orders: list[Order], outcomes: list[str]) -> None:
        """Whoever is late is told so, whatever else happens at that moment."""
        assert {
            outcome
            for order, outcome in zip(orders, outcomes, strict=True)
            if order.step is Step.ACCEPT and order.now >= self.expiries[order.token]
        } <= {"OfferOver"}

    def _orders(self, *, is_last: bool) -> list[Order]:
        open_offer = find_open_offer(self.now)
        if open_offer is None:
            return [self._tick() for _ in range(RACERS)]
        token = open_offer.token
        self.expiries[token] = open_offer.expires_at
        fate = "accept" if is_last else self.chance.choice(["accept", "late", "late", "decline"])
        accept = self._mortal(Order(Step.ACCEPT, self.now, token))
        if fate == "late":
            self.now += HOLD
            late = Order(Step.ACCEPT, self.now, token)
            return self._shuffled(late, late, self._tick(), self._an_old_answer())
        if fate == "decline":
            decline = Order(Step.DECLINE, self.now, token)
            return self._shuffled(decline, accept, self._tick(), self._an_old_answer())
        twice = Order(Step.ACCEPT, self.now, token)
        return self._shuffled(accept, twice, self._tick(), self._an_old_answer())

    def _tick(self) -> Order:
        return self._mortal(Order(Step.TICK, self.now))

    def _an_old_answer(self) -> Order:
        """Answer an offer of which it is too late, if there was one, else look for free times."""
        late_tokens = list(self.expiries)[:-1]
        if not late_tokens:
            return self._tick()
        return Order(Step.ACCEPT, self.now, self.chance.choice(late_tokens))

    def _mortal(self, order: Order) -> Order:
        """Let some be killed at it."""
        if self.chance.random() > DEATHS:
            return order
        return Order(order.step, order.now, order.token, self.chance.uniform(0, LONGEST_LIFE))

    def _shuffled(self, *orders: Order) -> list[Order]:
        return self.chance.sample(orders, len(orders))

    def _answer_all_again(self, winner: int) -> None:
        """The winner's link answers as before, everybody else's that it is over."""
        for token in self.expiries:
            outcomes = self.racers.run([Order(Step.ACCEPT, self.now, token)] * RACERS)
            assert set(outcomes) in ({f"moved {winner}"}, {"OfferOver"})


def list_open_offers(now: datetime) -> list[WaitlistOffer]:
    """Return the offers that can be answered; one that is over may wait for a tick to close it."""
    db.session.rollback()
    still_open = (WaitlistOffer.status == OfferStatus.OPEN, WaitlistOffer.expires_at > now)
    return list(db.session.scalars(select(WaitlistOffer).where(*still_open)))


def find_open_offer(now: datetime) -> WaitlistOffer | None:
    offers = list_open_offers(now)
    assert len(offers) <= 1
    return offers[0] if offers else None


def winner_id() -> int | None:
    db.session.rollback()
    at_the_slot = select(Appointment.id).filter_by(starts_at=SLOT, status=Status.BOOKED)
    return db.session.scalars(at_the_slot).one_or_none()


def mark_all_sent() -> None:
    """Be the provider that takes every message."""
    with transaction():
        planned = update(Message).where(Message.status == MessageStatus.PLANNED)
        db.session.execute(planned.values(status=MessageStatus.SENT, sent_at=NOW))


def assert_nothing_is_held_twice(now: datetime) -> None:
    """At most one has the time, and what is open has its hold and its message."""
    open_offer = find_open_offer(now)
    holders = set(db.session.scalars(select(Claim.appointment_id).filter_by(starts_at=SLOT)))
    assert len(holders) <= 1
    assert open_offer is None or {open_offer.hold_id} == holders
    told = select(Message.topic).where(Message.kind == "offer")
    made = select(WaitlistOffer.id)
    topics = [f"offer:{number}" for number in db.session.scalars(made)]
    assert sorted(db.session.scalars(told)) == sorted(topics)


def assert_one_has_it(winner: int, people: list[int]) -> None:
    """All others have their own time still, and wait on."""
    db.session.rollback()
    rows = db.session.execute(
        select(Appointment.id, Appointment.starts_at, Appointment.status)
    ).all()
    assert sorted(map(tuple, rows)) == [
        (number, SLOT if number == winner else LATER, Status.BOOKED) for number in sorted(people)
    ]
    claims = db.session.execute(
        select(Claim.appointment_id, Claim.starts_at, func.count(), func.count(Claim.expires_at))
        .group_by(Claim.appointment_id, Claim.starts_at)
        .order_by(Claim.appointment_id)
    ).all()
    assert list(map(tuple, claims)) == [
        (number, SLOT if number == winner else LATER, 2, 0) for number in sorted(people)
    ]
    states = dict(
        db.session.execute(select(WaitlistEntry.appointment_id, WaitlistEntry.status)).all()
    )
    assert states == {
        number: EntryStatus.MOVED if number == winner else EntryStatus.WAITING for number in people
    }
    assert offers_by_status().get(OfferStatus.ACCEPTED) == 1
    assert OfferStatus.OPEN not in offers_by_status()


def offers_by_status() -> dict[OfferStatus, int]:
    counted = select(WaitlistOffer.status, func.count()).group_by(WaitlistOffer.status)
    return dict(db.session.execute(counted).all())


def wait_anew(people: list[int], here: Clinic, chance: random.Random) -> None:
    """Put everybody in line, in an order of chance."""
    with transaction():
        for table in (WaitlistOffer, WaitlistEntry):
            db.session.execute(delete(table))
        db.session.execute(delete(Message).where(Message.kind == "offer"))
        wish = a_wish(here.location.id).to_dict()
        rows = [
            {
                "appointment_id": number, "wish": wish, "status": EntryStatus.WAITING,
                "joined_at": NOW, "queued_at": NOW - timedelta(minutes=place),
            }
            for place, number in enumerate(chance.sample(people, len(people)))
        ]  # fmt: skip
        db.session.execute(insert(WaitlistEntry), rows)


@pytest.fixture
def racers(app: Flask) -> Iterator[Racers]:
    running = Racers(str(app.config["DATABASE_URL"]), RACERS)
    yield running
    running.stop()


def test_of_fifty_who_wait_one_gets_the_time_and_nothing_is_lost(
    app: Flask, racers: Racers
) -> None:
    here = a_small_clinic()
    there = a_clinic(slug="scottsdale", rooms=PEOPLE, practitioners=PEOPLE)
    people = [a_booking(LATER, location="scottsdale").id for _ in range(PEOPLE)]
    for number in range(ROUNDS):
        chance = random.Random(number)  # the same rounds each time
        wait_anew(people, here, chance)
        winner = Round(racers, chance).run()
        update_waitlist(NOW + timedelta(hours=12), HOLD, [])
        assert_one_has_it(winner, people)
        appointment_operations.move(winner, LATER, NOW, STAFF, location=there.location.slug)
