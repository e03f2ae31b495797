"""A clinic's days, one after another: what everybody does, at which moment."""

import random
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
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
from simulation.checks import list_broken, list_untrue
from simulation.killing import killed_at
from simulation.patients import Patients
from simulation.provider import CALM, STORM, Provider
from simulation.staff import Team

PHOENIX = "America/Phoenix"  # the demo's zone, whose clocks never change
# Where a clinic is, by its seed, and its first Monday. Clocks go back in the second, forward in the third.
STARTS = (
    (date(2026, 11, 2), PHOENIX),
    (date(2026, 10, 26), "America/Denver"),
    (date(2027, 3, 8), "America/New_York"),
)
BEGINS, ENDS = 7, 20  # hours in which staff is there
# How long before a visit a clinic reminds, by its seed: a day, or eleven hours, in the night for some.
DAY, EVENING = "minutes_before = 1440", "minutes_before = 660"
MOMENTS = (  # of a day at which everybody acts; the scheduler wakes once an hour at night
    *(time(hour) for hour in (*range(BEGINS), *range(ENDS, 24))),
    *(time(hour, minute) for hour in range(BEGINS, ENDS) for minute in (0, 30)),
)
DELIVERY_REPORTS: tuple[list[str], ...] = (
    ["sent", "delivered"],
    ["delivered", "sent"],
    ["sent", "delivered", "sent"],
    ["sent"],
    [],
)
KILLS = 0.1  # of ticks
# Who books in half an hour, by six seeds each: a clinic of thirty appointments a day, and three small ones.
BOOKS = (0.5, 0.1, 0.05, 0.15)
CHANGES = 0.2  # people who change their mind, to one that books
ANSWERS = 0.2  # of texts
STORMY_DAYS, CLOSED_DAYS, RENAMED_DAYS = 0.15, 0.05, 0.15
JOBS_AT_NIGHT = ("send", "seal", "tell_of_failures")
HOUSEKEEPING = 12  # the hour in which hourly jobs run


@dataclass
class Simulation:
    """A clinic from an empty database on; `broken` says day by day what should not be."""

    app: Flask
    seed: int
    broken: list[str] = field(default_factory=list)
    kills: int = 0

    def __post_init__(self) -> None:
        self.first_day, zone = STARTS[self.seed % len(STARTS)]
        self.zone = ZoneInfo(zone)
        self.now = self._at(self.first_day, time())
        self.books = BOOKS[self.seed // 6 % len(BOOKS)]
        self.dice = random.Random(self.seed)
        self.provider = Provider(self.seed)
        self.patients, self.team = Patients(self.dice), Team(self.dice)
        self.stops: dict[str, list[tuple[datetime, bool]]] = defaultdict(list)
        senders = dict.fromkeys((Channel.SMS, Channel.EMAIL), self.provider)
        self.jobs = scheduler.list_jobs(self.app, senders)
        self.checked = 0  # of what the provider took
        self.seen = 0  # of what the provider took: reported on, and perhaps answered

    def run(self, days: int) -> None:
        """Load the clinic and live through its days; stops at the first that breaks anything."""
        with self._own_clock():
            load_clinic(self._clinic_file(), self.now, "simulation")
            for day in range(days):
                self._live_through(self.first_day + timedelta(days=day))
                if self.broken:
                    return

    def _clinic_file(self) -> str:
        file = CLINIC_FILE.read_text().replace(PHOENIX, self.zone.key)
        return file.replace(DAY, EVENING) if self.seed % 2 else file

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

    def _at(self, day: date, moment: time) -> datetime:
        """Return when the clinic's clocks show a time; one that they skip is the next they show."""
        return datetime.combine(day, moment, self.zone).astimezone(UTC)

    def _live_through(self, day: date) -> None:
        is_stormy = self.dice.random() < STORMY_DAYS
        self.provider.trouble_share = STORM if is_stormy else CALM
        for moment in sorted(MOMENTS):
            self.now = self._at(day, moment)
            self._tick()
            self._act()
        self.provider.trouble_share = 0
        for _ in range(4):  # what a storm left
            self.now += timedelta(minutes=16)
            self._tick(can_die=False)
        wrongs = list_broken(
            self.provider.accepted, self.stops, self.patients.agreed_phones, self.now
        )
        self.broken = [f"{day}: {wrong}" for wrong in (*self.broken, *wrongs)]
        db.session.remove()

    def _tick(self, *, can_die: bool = True) -> None:
        """Run the scheduler's jobs; now and then it is killed in one of them, and starts anew at the next."""
        hour, has_died = self.now.astimezone(self.zone).hour, False
        for name, (seconds, job) in self.jobs.items():
            if seconds >= scheduler.HOURLY and hour != HOUSEKEEPING:
                continue
            if BEGINS <= hour < ENDS or name in JOBS_AT_NIGHT:
                dies = can_die and self.dice.random() < KILLS / len(self.jobs)
                self.kills, has_died = self.kills + dies, has_died or dies
                with killed_at(self.dice.randint(1, 60) if dies else None):
                    job(self.now)
                db.session.remove()
        new, self.checked = (
            self.provider.accepted[self.checked :],
            len(self.provider.accepted),
        )
        if not has_died:
            self.broken += list_untrue(new)

    def _act(self) -> None:
        """Let patients and staff do what they do in half an hour; patients in the evening, too."""
        clock_time = self.now.astimezone(self.zone).time()
        if clock_time.hour >= BEGINS:
            self._answer_texts()
            if self.dice.random() < self.books:
                self.patients.book_consultation(self.now)
            if self.dice.random() < self.books * CHANGES:
                self.patients.change_mind(self.now)
        if BEGINS <= clock_time.hour < ENDS:
            self._let_staff_act(clock_time)
        db.session.remove()

    def _let_staff_act(self, clock_time: time) -> None:
        self.team.run_the_day(self.now)
        if clock_time == time(12):
            self.team.heal_missed_sessions(self.now)
            if self.dice.random() < CLOSED_DAYS:
                self.team.close(self.now)
            if self.dice.random() < RENAMED_DAYS:
                self.team.rename(self.now)

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
