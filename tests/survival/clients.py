"""Clients, each a process, that hold, book, move, cancel, plan series and look, and keep what they saw."""

import random
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

from booking import clock, create_app
from booking.appointments import hold_details, holds
from booking.appointments import operations as appointments
from booking.appointments.booking import Booked, book_hold, book_slot
from booking.calendars.operations import SlotTaken
from booking.calendars.slots import list_slots
from booking.db.transactions import OverlapError, transaction
from booking.extensions import db
from booking.patients.rules import Contact
from booking.screening.models import Suitability
from booking.screening.rules import Finding
from booking.series import operations as series_operations
from booking.series.preferences import Preferences
from booking.series.proposals import propose_plans
from booking.series.refusals import PlanChanged
from tests.builders import PHOENIX, a_patient, a_request, answers, local
from tests.databases import settings_for
from tests.forked import forkserver
from tests.series.prescribed import SIX, starts
from tests.survival.serial_model import Hour, Kind, Operation

HOURS = range(9, 16)  # consultations that don't meet: of each, one room and one practitioner
GROUP = 2  # days in which an appointment stays, so that each group is an object of its own


@dataclass(frozen=True, slots=True)
class ClientPlan:
    """What a client is to do: so many operations, or until so many seconds have passed."""

    number: int
    groups: int
    first_day: date  # local, of the first group; the same for all, should midnight pass meanwhile
    operations: int = 10**9
    seconds: float = 600.0
    looks: float = 0.3  # share of operations that only read
    series: float = 0.0  # share that plans and books a series
    practitioner_id: int = 0
    template_id: int = 0


@dataclass(slots=True)
class Seen:
    """What a client saw: its operations by group, series that were booked, and what must not have come."""

    operations: list[tuple[int, Operation]] = field(default_factory=list)
    series: dict[int, tuple[datetime, ...]] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)


class Client:
    """Does one thing after another, each of one appointment of its own."""

    def __init__(self, plan: ClientPlan) -> None:
        self.plan, self.dice, self.seen = plan, random.Random(plan.number), Seen()
        self.held: dict[str, int] = {}  # owner → group; its token is the owner
        self.booked: dict[str, tuple[int, int]] = {}  # owner → group, appointment id
        self.people = 0

    def run(self) -> Seen:
        """Do what is planned."""
        end = time.monotonic() + self.plan.seconds
        for _ in range(self.plan.operations):
            if time.monotonic() > end:
                break
            try:
                self._choose()()
            except Exception as error:  # noqa: BLE001 - whatever it is, the test says it
                self.seen.errors.append(f"{type(error).__name__}: {str(error)[:200]}")
            db.session.remove()
        return self.seen

    def _choose(self) -> Callable[[], None]:
        chance = self.dice.random()
        if chance < self.plan.looks:
            return self._look
        if chance < self.plan.looks + self.plan.series:
            return self._plan_series
        if self.held:
            return partial(self._end_hold, self.dice.choice(list(self.held)))
        if self.booked and self.dice.random() < 0.5:
            return partial(self._change, self.dice.choice(list(self.booked)))
        return self.dice.choice([self._hold, self._book])

    def _an_hour(self, group: int) -> tuple[Hour, datetime]:
        day = self.plan.first_day + timedelta(days=GROUP * group + self.dice.randrange(GROUP))
        hour = self.dice.choice(HOURS)
        return (day.isoformat(), hour), local(hour, day=day)

    def _a_group(self) -> int:
        return self.dice.randrange(self.plan.groups)

    def _person(self) -> Contact:
        self.people += 1
        number = 10_000 * self.plan.number + self.people
        return Contact("Test", f"P{number}", f"+1602{2000000 + number}", f"p{number}@example.com")

    def _record(
        self, group: int, kind: Kind, owner: str, hour: Hour, act: Callable[[], Any]
    ) -> Any:
        """Do something and keep it with its times; return None where it was refused."""
        invoked = time.monotonic()
        try:
            result = act()
        except (SlotTaken, OverlapError):
            result = None
        done = Operation(kind, owner, hour, invoked, time.monotonic(), result is not None)
        self.seen.operations.append((group, done))
        return result

    def _look(self) -> None:
        group = self._a_group()
        (day, _), start = self._an_hour(group)
        local_date, invoked = start.astimezone(PHOENIX).date(), time.monotonic()
        slots = list_slots("consultation", None, local_date, local_date, clock.now())
        free = {slot.local_start.hour for slot in slots if slot.local_start.minute == 0}
        looked = Operation(
            *(Kind.LOOK, "", (day, 0), invoked, time.monotonic()),
            seen=frozenset(free & set(HOURS)),
        )
        self.seen.operations.append((group, looked))

    def _hold(self) -> None:
        group, token = self._a_group(), f"c{self.plan.number}-{self.dice.getrandbits(60)}"
        hour, start = self._an_hour(group)
        hold = partial(holds.create_hold, "consultation", "ahwatukee", start, clock.now(), token)
        if self._record(group, Kind.TAKE, token, hour, hold):
            self.held[token] = group

    def _end_hold(self, token: str) -> None:
        """Book what is held, point it elsewhere, or give it up."""
        group, choice = self.held[token], self.dice.random()
        hour, start = self._an_hour(group)
        if choice < 0.2:
            change = partial(holds.change_hold_time, token, "ahwatukee", start, clock.now())
            self._record(group, Kind.SHIFT, token, hour, change)
            return
        del self.held[token]
        if choice < 0.4:
            release = partial(holds.release_hold, token, clock.now())
            self._record(group, Kind.FREE, token, hour, release)
            return
        hold_details.record_screening(token, answers(), clock.now())
        person = self._person()
        hold_details.record_contact(
            token, person, sms_consent=True, wording="Text me", now=clock.now()
        )
        booked = self._record(group, Kind.KEEP, token, hour, lambda: book_hold(token, clock.now()))
        if isinstance(booked, Booked):
            self.booked[token] = group, booked.appointment.id

    def _book(self) -> None:
        group = self._a_group()
        hour, start = self._an_hour(group)
        request = a_request(start, contact=self._person())
        invoked = time.monotonic()
        booked = None
        with suppress(SlotTaken, OverlapError):
            booked = book_slot(request, clock.now())
        is_done = isinstance(booked, Booked)
        owner = booked.appointment.token if isinstance(booked, Booked) else "nobody"
        taken = Operation(Kind.TAKE, owner, hour, invoked, time.monotonic(), is_done)
        self.seen.operations.append((group, taken))
        if isinstance(booked, Booked):
            self.booked[owner] = group, booked.appointment.id

    def _change(self, owner: str) -> None:
        group, appointment_id = self.booked[owner]
        hour, start = self._an_hour(group)
        if self.dice.random() < 0.6:
            move = partial(appointments.move, appointment_id, start, clock.now(), "online")
            self._record(group, Kind.SHIFT, owner, hour, move)
        else:
            del self.booked[owner]
            cancel = partial(
                appointments.cancel, appointment_id, clock.now(), "online", by_patient=True
            )
            self._record(group, Kind.FREE, owner, hour, cancel)

    def _plan_series(self) -> None:
        """Prescribe a series, plan it, and book the best plan whole, if nobody was quicker."""
        patient, now, actor = a_patient(), clock.now(), self.plan.practitioner_id
        with transaction():
            db.session.add(
                Suitability(
                    patient_id=patient.id, finding=Finding.SUITABLE, found_by_id=actor,
                    found_at=now - timedelta(days=1),
                )
            )  # fmt: skip
        series = series_operations.prescribe_series(
            *(patient, self.plan.template_id, SIX, Preferences(), "ahwatukee"),
            *(self.plan.first_day, actor, now),
        )
        proposal = propose_plans(series, clock.now())
        if not proposal.plans:
            return
        chosen = starts(proposal)
        try:
            series_operations.book_plan(series.id, chosen, clock.now(), f"staff:{actor}")
        except (PlanChanged, SlotTaken, OverlapError):
            self.seen.series[series.id] = ()
        else:
            times = tuple(start.starts_at.astimezone(UTC) for start in chosen)
            self.seen.series[series.id] = times


def run_clients(database_url: str, plans: list[ClientPlan]) -> list[Seen]:
    """Run each plan in a process of its own, all at once; return what they saw."""
    results: Any = forkserver.Queue()
    processes = [
        forkserver.Process(target=_run_client, args=(database_url, plan, results)) for plan in plans
    ]
    for process in processes:
        process.start()
    seen = [results.get(timeout=plans[0].seconds + 600) for _ in processes]
    for process in processes:
        process.join(30)
    return seen


def _run_client(database_url: str, plan: ClientPlan, results: Any) -> None:
    app = create_app(settings_for(database_url))
    with app.app_context():
        results.put(Client(plan).run())
        db.engine.dispose()
