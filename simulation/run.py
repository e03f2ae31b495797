"""A clinic's days, one after another: what everybody does, at which moment."""

import random
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from hashlib import sha256
from zoneinfo import ZoneInfo

from flask import Flask
from sqlalchemy import select

from booking import clock, scheduler
from booking.appointments.models import Appointment
from booking.audit import operations as audit
from booking.audit.rules import SealKeys
from booking.clinic.operations import load_clinic
from booking.demo.operations import CLINIC_FILE
from booking.extensions import db
from booking.messaging.inbound import record_status
from booking.messaging.rules import Channel
from simulation.checks import list_broken
from simulation.killing import killed_at
from simulation.patients import Patients
from simulation.provider import CALM, STORM, Provider
from simulation.staff import Team

ZONE = ZoneInfo("America/Phoenix")
FIRST_DAY = datetime(2026, 11, 2, 7, tzinfo=UTC)  # a Monday's midnight in Phoenix
MOMENTS = (  # of a day at which everybody acts; the scheduler wakes once an hour at night
    *(time(hour) for hour in (*range(7), *range(20, 24))),
    *(time(hour, minute) for hour in range(7, 20) for minute in (0, 30)),
)
DELIVERY_REPORTS: tuple[list[str], ...] = (
    ["sent", "delivered"],
    ["delivered", "sent"],
    ["sent", "delivered", "sent"],
    ["sent"],
    [],
)
KILLS = 0.1  # of ticks
BOOKS, CHANGES = 0.5, 0.1  # in half an hour
ANSWERS = 0.2  # of texts
STORMY_DAYS, CLOSED_DAYS = 0.15, 0.05
JOBS_AT_NIGHT = ("send", "seal", "tell_of_failures")
HOUSEKEEPING = 12  # the hour in which hourly jobs run


@dataclass
class Simulation:
    """A clinic from an empty database on; `broken` says day by day what should not be."""

    app: Flask
    seed: int
    now: datetime = FIRST_DAY
    broken: list[str] = field(default_factory=list)
    kills: int = 0

    def __post_init__(self) -> None:
        self.dice = random.Random(self.seed)
        self.provider = Provider(self.seed)
        self.patients, self.team = Patients(self.dice), Team(self.dice)
        self.stops: dict[str, list[tuple[datetime, bool]]] = defaultdict(list)
        senders = dict.fromkeys((Channel.SMS, Channel.EMAIL), self.provider)
        self.jobs = scheduler.list_jobs(self.app, senders)
        self.seen = 0  # of what the provider took: reported on, and perhaps answered

    def run(self, days: int) -> None:
        """Load the clinic and live through its days; stops at the first that breaks anything."""
        with self._own_clock():
            load_clinic(CLINIC_FILE.read_text(), self.now, "simulation")
            for day in range(days):
                self._live_through(FIRST_DAY + timedelta(days=day))
                if self.broken:
                    return

    def digest(self) -> str:
        """Return what two runs of one seed share: who was told when, and how each appointment ended."""
        told = sorted(
            (taken.at.isoformat(), taken.message.id, taken.message.recipient)
            for taken in self.provider.accepted
        )
        appointments = db.session.execute(
            select(Appointment.id, Appointment.starts_at, Appointment.status).order_by(
                Appointment.id
            )
        )
        return sha256(repr((told, [tuple(row) for row in appointments])).encode()).hexdigest()[:16]

    @contextmanager
    def _own_clock(self) -> Iterator[None]:
        real = clock.now
        clock.now = lambda: self.now
        try:
            yield
        finally:
            clock.now = real

    def _live_through(self, midnight: datetime) -> None:
        is_stormy = self.dice.random() < STORMY_DAYS
        self.provider.trouble_share = STORM if is_stormy else CALM
        for moment in sorted(MOMENTS):
            self.now = midnight + timedelta(hours=moment.hour, minutes=moment.minute)
            self._tick()
            if 7 <= moment.hour < 20:
                self._act()
        self.provider.trouble_share = 0
        for _ in range(4):  # what a storm left
            self.now += timedelta(minutes=16)
            self._tick(can_die=False)
        today = f"{midnight.astimezone(ZONE):%Y-%m-%d}"
        wrongs = list_broken(self.provider.accepted, self.stops, self.now)
        self.broken += [f"{today}: {wrong}" for wrong in wrongs]
        db.session.remove()

    def _tick(self, *, can_die: bool = True) -> None:
        """Run the scheduler's jobs; now and then it is killed in one of them, and starts anew at the next."""
        hour = self.now.astimezone(ZONE).hour
        for name, (seconds, job) in self.jobs.items():
            if seconds >= scheduler.HOURLY and hour != HOUSEKEEPING:
                continue
            if 7 <= hour < 20 or name in JOBS_AT_NIGHT:
                dies = can_die and self.dice.random() < KILLS / len(self.jobs)
                self.kills += dies
                with killed_at(self.dice.randint(1, 60) if dies else None):
                    job(self.now)
                db.session.remove()

    def _act(self) -> None:
        """Let patients and staff do what they do in half an hour."""
        self._answer_texts()
        if self.dice.random() < BOOKS:
            self.patients.book_consultation(self.now)
        if self.dice.random() < CHANGES:
            self.patients.change_mind(self.now)
        self.team.run_the_day(self.now)
        if self.now.astimezone(ZONE).time() == time(12):
            self.team.heal_missed_sessions(self.now)
            if self.dice.random() < CLOSED_DAYS:
                self.team.close(self.now)
        db.session.remove()

    def _answer_texts(self) -> None:
        """Report on texts that were taken, in any order, and let some of their readers answer."""
        new, self.seen = self.provider.accepted[self.seen :], len(self.provider.accepted)
        texts = [taken for taken in new if taken.message.channel is Channel.SMS]
        for taken in sorted(texts, key=lambda each: each.message.id):
            for status in self.dice.choice(DELIVERY_REPORTS):
                record_status(taken.message.id, taken.provider_id, status, None, self.now)
            if self.dice.random() < ANSWERS:
                said = self.patients.answer(taken.message.recipient, self.now)
                if said in ("STOP", "START"):
                    self.stops[taken.message.recipient].append((self.now, said == "STOP"))

    def verify(self) -> None:
        """Seal what is left, and compare the audit trail with its seals (invariant 12)."""
        keys = SealKeys.from_settings(self.app.config["AUDIT_KEY"], self.app.config["SECRET_KEY"])
        audit.seal_entries(self.now, keys)
        audit.verify_trail(keys)
