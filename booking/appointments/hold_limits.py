"""How many times one address may hold at once."""

from datetime import datetime

from sqlalchemy import ColumnElement, func, select

from booking.appointments.models import Appointment
from booking.appointments.rules import (
    Status,
)
from booking.db.statements import lock_name
from booking.extensions import db


class TooManyHolds(Exception):
    """So many times are held from one address that it gets no other for now."""


def require_hold_limit(held_from: str, most_holds: int, now: datetime) -> None:
    """Raise `TooManyHolds` when an address holds as many times as it may; those at once are counted too."""
    lock_name(f"holds {held_from}")
    open_holds = select(func.count()).where(*open_hold_conditions(held_from, now))
    if (db.session.scalar(open_holds) or 0) >= most_holds:
        raise TooManyHolds


def open_hold_conditions(held_from: str, now: datetime) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions of a hold that is kept now, made from an address."""
    return (
        Appointment.held_from == held_from,
        Appointment.status == Status.PENDING,
        Appointment.expires_at > now,
    )
