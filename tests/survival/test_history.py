"""What many clients saw of one calendar has an order in which all of it is true, on either database.

`CLIENTS=16 OPERATIONS=20000 make test TESTS=tests/survival/test_history.py` is the long run.
"""

import os
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from math import inf

import pytest
from flask import Flask
from sqlalchemy import select

from booking.appointments.models import Appointment
from booking.appointments.rules import Status
from booking.calendars.models import Claim
from booking.extensions import db
from booking.series.queries import list_sessions
from tests.builders import PHOENIX, Clinic, a_clinic
from tests.series.prescribed import SIX, a_template
from tests.survival.callers import count_overlaps, first_day
from tests.survival.clients import GROUP, HOURS, ClientPlan, Seen, run_clients
from tests.survival.serial_model import Held, Kind, Operation, has_serial_order

CLIENTS = int(os.environ.get("CLIENTS", "3"))
OPERATIONS = int(os.environ.get("OPERATIONS", "210"))
GROUPS = max(2, CLIENTS // 2)
DAY = "2026-12-01"


def plans(clinic: Clinic, start: date) -> Iterator[ClientPlan]:
    for number in range(CLIENTS):
        yield ClientPlan(
            number, GROUPS, start, OPERATIONS // CLIENTS, seconds=7200, series=0.02,
            practitioner_id=clinic.practitioner.id, template_id=1,
        )  # fmt: skip


def held_now(start: date) -> dict[int, Held]:
    """Return who holds which hour by the database, by group, the first of which begins on `start`."""
    held = defaultdict(set)
    consultations = select(Appointment).where(
        Appointment.id.in_(select(Claim.appointment_id)), Appointment.is_infusion.is_(False),
        Appointment.status.in_((Status.PENDING, Status.BOOKED)),
    )  # fmt: skip
    for row in db.session.scalars(consultations):
        hour = (row.local_date.isoformat(), row.starts_at.astimezone(PHOENIX).hour)
        held[(row.local_date - start).days // GROUP].add((row.token, hour))
    return {group: frozenset(held[group]) for group in range(GROUPS)}


def histories(seen: list[Seen], start: date) -> dict[int, list[Operation]]:
    """Return what all clients did by group, and at its end what the database says."""
    operations = defaultdict(list)
    for client in seen:
        for group, operation in client.operations:
            operations[group].append(operation)
    for group, held in held_now(start).items():
        operations[group].append(Operation(Kind.ALL, "", ("", 0), inf, inf, seen=held))
    return operations


def test_invariants_1_and_3_what_clients_saw_happened_in_some_order(app: Flask) -> None:
    clinic = a_clinic(chairs=2)
    a_template(SIX)
    start = first_day()
    seen = run_clients(str(app.config["DATABASE_URL"]), list(plans(clinic, start)))
    assert [error for client in seen for error in client.errors] == []
    done = histories(seen, start)
    assert len({operation.kind for group in done.values() for operation in group}) == len(Kind)
    assert [group for group in done if not has_serial_order(done[group], HOURS)] == []
    assert count_overlaps() == 0
    check_series({number: times for client in seen for number, times in client.series.items()})


def check_series(series: dict[int, tuple[object, ...]]) -> None:
    """A series is booked whole, at the times that were acknowledged, or not at all (invariant 6)."""
    db.session.rollback()
    there = {
        number: tuple(
            each.appointment.starts_at for each in list_sessions(number) if each.appointment
        )
        for number in series
    }
    assert there == series


def an_operation(kind: Kind, owner: str, hour: int, at: float, **more: object) -> Operation:
    return replace(Operation(kind, owner, (DAY, hour), at, at + 1), **more)  # type: ignore[arg-type]


TAKEN = an_operation(Kind.TAKE, "ana", 9, 0)


@pytest.mark.parametrize(
    ("later", "is_true"),
    [
        (an_operation(Kind.TAKE, "ben", 9, 2), False),
        (an_operation(Kind.TAKE, "ben", 9, 0.5, is_done=False), True),
        (an_operation(Kind.TAKE, "ben", 10, 0.5, is_done=False), False),
        (an_operation(Kind.LOOK, "", 0, 2, seen=frozenset(HOURS) - {9}), True),
        (an_operation(Kind.LOOK, "", 0, 2, seen=frozenset(HOURS)), False),
        (an_operation(Kind.LOOK, "", 0, 0.5, seen=frozenset(HOURS)), True),
        (an_operation(Kind.KEEP, "ana", 0, 2, is_done=False), False),
        (an_operation(Kind.ALL, "", 0, 2, seen=frozenset()), False),
        (an_operation(Kind.ALL, "", 0, 2, seen=frozenset({("ana", (DAY, 9))})), True),
    ],
)
def test_a_history_that_cannot_be_true_is_seen(later: Operation, is_true: bool) -> None:
    assert has_serial_order([TAKEN, later], HOURS) is is_true
