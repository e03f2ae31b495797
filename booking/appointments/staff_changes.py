"""Somebody leaves, or works in another role: what becomes of the appointments that need them."""

from collections.abc import Callable
from datetime import datetime

from booking.appointments.impossible import (
    MisfitAppointment,
    list_impossible_appointments,
    update_call_tasks,
)
from booking.appointments.resource_exchange import exchange_missing_resources
from booking.audit.rules import staff_actor
from booking.calendars import availability
from booking.calendars.catalogue import read_catalogue
from booking.db.transactions import transaction
from booking.extensions import db
from booking.staff import people
from booking.staff.models import Role


def list_depending_appointments(staff_id: int, now: datetime) -> list[MisfitAppointment]:
    """Return the appointments to come that could not take place as booked without a person, soonest first."""
    already = list_impossible_appointments(read_catalogue(), now)
    without = list_impossible_appointments(read_catalogue(without_staff_id=staff_id), now)
    return [impossible for number, impossible in without.items() if number not in already]


def retire_person(staff_id: int, now: datetime, manager_id: int) -> int:
    """Retire a person; return how many appointments the desk has to call about. Raises `OwnAccount`."""
    return _change(lambda: people.retire_person(staff_id, now, manager_id), now, manager_id)


def change_role(staff_id: int, role: Role, now: datetime, manager_id: int) -> int:
    """Give a person another role; return how many appointments the desk has to call about.

    Raises `OwnAccount`.
    """
    return _change(lambda: people.change_role(staff_id, role, now, manager_id), now, manager_id)


@transaction()
def _change(change: Callable[[], None], now: datetime, manager_id: int) -> int:
    """Make a change of who works here. What is interchangeable is exchanged, as by the clinic file."""
    before = list_impossible_appointments(read_catalogue(), now)
    change()
    db.session.flush()
    availability.increment_catalogue_version()
    catalogue = read_catalogue()
    missing = list_impossible_appointments(catalogue, now)
    exchange_missing_resources(catalogue, missing, now, staff_actor(manager_id))
    after = list_impossible_appointments(catalogue, now)
    update_call_tasks(before, after, now)
    return len(after.keys() - before.keys())
