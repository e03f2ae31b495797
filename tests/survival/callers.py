"""Programs that book, move and cancel through the API for as long as a test breaks things under them.

Each asks again with the same key until it is answered, as a program should that lost an answer, and keeps
what it was told. `check_kept` compares that with the database: nothing lost, nothing twice, nothing invented.
"""

import json
import random
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from http.client import HTTPConnection, HTTPException
from itertools import count
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from booking import clock
from booking.appointments.models import Appointment, AppointmentContact
from booking.appointments.rules import Status
from booking.calendars.models import Claim
from booking.extensions import db
from tests.builders import PHOENIX, local
from tests.interchange.asking import body

PAUSE = 0.05  # seconds before asking again
PATIENCE = 120.0  # seconds until a program gives up, and knows nothing of what it asked
_people = count(1)


@dataclass(slots=True)
class Told:
    """What all programs together were told: of each appointment by its token, its status and start."""

    appointments: dict[str, tuple[str, datetime]] = field(default_factory=dict)
    unanswered: set[str] = field(default_factory=set)  # phones and tokens of which nobody knows
    wrong: list[tuple[int, str]] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)  # that changes took, asked again or not
    asked_again: int = 0


class Caller(threading.Thread):
    """One program: books, and now and then moves or cancels what it has booked."""

    def __init__(self, port: int, seed: int, told: Told, days: int = 50) -> None:
        super().__init__(daemon=True)
        self.port, self.told, self.days = port, told, days
        self.dice, self.own, self.ended = random.Random(seed), list[str](), threading.Event()

    def run(self) -> None:
        """Ask until the test ends it."""
        while not self.ended.is_set():
            self.change_something()

    def change_something(self) -> None:
        """Book a time that may be taken, or move or cancel one of one's own."""
        if not self.own or self.dice.random() < 0.6:
            self._book(next(_people))
            return
        token = self.dice.choice(self.own)
        path = f"/api/v1/appointments/{token}"
        if self.dice.random() < 0.7:
            asked = {"start": self._a_start().isoformat(), "location": "ahwatukee"}
            self._ask(f"{path}/move", asked, token)
        else:
            self.own.remove(token)
            self._ask(f"{path}/cancel", {}, token)

    def _book(self, number: int) -> None:
        who = {"patient__phone": f"+1602{2000000 + number}", "patient__family_name": f"P{number}"}
        mail = f"person{number}@example.com"
        asked = body(start=self._a_start().isoformat(), patient__email=mail, **who)
        if token := self._ask("/api/v1/appointments", asked, who["patient__phone"]):
            self.own.append(token)

    def _a_start(self) -> datetime:
        day = first_day() + timedelta(days=self.dice.randrange(self.days))
        return local(self.dice.randrange(9, 16), 15 * self.dice.randrange(4), day).astimezone(
            PHOENIX
        )

    def _ask(self, path: str, asked: dict[str, Any], subject: str) -> str | None:
        """Return the token of the appointment as it is now; None where it was refused or nobody answered."""
        key, began = f"{self.dice.random()}", time.monotonic()
        while time.monotonic() < began + PATIENCE:
            status, answer = self._post(path, asked, key)
            if status in (200, 201):
                self.told.seconds.append(time.monotonic() - began)
                return self._keep(answer)
            if status not in (0, 503):
                if status != 409:
                    self.told.wrong.append((status, str(answer)))
                return None
            self.told.asked_again += 1
            time.sleep(PAUSE)
        self.told.unanswered.add(subject)
        return None

    def _keep(self, answer: dict[str, Any]) -> str:
        token = str(answer["manage_url"]).rpartition("/")[2]
        start = datetime.fromisoformat(answer["start"]).astimezone(UTC)
        self.told.appointments[token] = (answer["status"], start)
        return token

    def _post(self, path: str, asked: dict[str, Any], key: str) -> tuple[int, Any]:
        """Return status and answer; status 0 where the connection broke."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {"Content-Type": "application/json", "Idempotency-Key": key}
        try:
            connection.request("POST", path, json.dumps(asked), headers)
            response = connection.getresponse()
            text = response.read()
            is_json = "json" in (response.getheader("Content-Type") or "")
            return response.status, json.loads(text) if is_json else text
        except (OSError, HTTPException):
            return 0, None
        finally:
            connection.close()


def first_day() -> date:
    """Return the first day that is asked for: beyond any notice."""
    return clock.now().astimezone(PHOENIX).date() + timedelta(days=3)


def end_callers(callers: list[Caller]) -> None:
    """Let each finish what it asks for, and end."""
    for caller in callers:
        caller.ended.set()
    for caller in callers:
        caller.join(PATIENCE)


def check_kept(told: Told) -> None:
    """Compare what programs were told with the database of this context."""
    db.session.rollback()
    rows = db.session.scalars(select(Appointment)).all()
    there = {row.token: (_as_api_says(row.status), row.starts_at) for row in rows}
    assert told.wrong == []
    sure = {token: it for token, it in told.appointments.items() if token not in told.unanswered}
    assert {token: there.get(token) for token in sure} == sure
    invented = there.keys() - told.appointments.keys() - set(_tokens_of(told.unanswered))
    assert invented == set()
    assert count_overlaps() == 0
    assert count_repeated() == 0


def _as_api_says(status: Status) -> str:
    return status.value


def _tokens_of(phones: set[str]) -> list[str]:
    contacts = select(Appointment.token).join(
        AppointmentContact, AppointmentContact.appointment_id == Appointment.id
    )
    return list(db.session.scalars(contacts.where(AppointmentContact.phone.in_(phones))))


def count_overlaps() -> int:
    """Return how many pairs of claims overlap on one resource."""
    one, other = aliased(Claim), aliased(Claim)
    overlapping = (
        (one.resource_id == other.resource_id)
        & (one.id < other.id)
        & (one.starts_at < other.ends_at)
        & (other.starts_at < one.ends_at)
    )
    return db.session.scalar(select(func.count()).select_from(one).join(other, overlapping)) or 0


def count_repeated() -> int:
    """Return how many phones have booked more than once: each program's person books once."""
    phones = select(AppointmentContact.phone).group_by(AppointmentContact.phone)
    repeated = phones.having(func.count() > 1).subquery()
    return db.session.scalar(select(func.count()).select_from(repeated)) or 0
