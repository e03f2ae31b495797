"""Somebody who works at a test's clinic."""

from sqlalchemy import select

from booking.extensions import db
from booking.staff.models import Role, Staff


def first_staff(role: Role) -> Staff:
    """Return the first member of staff of a role."""
    return next(iter(db.session.scalars(select(Staff).filter_by(role=role).order_by(Staff.id))))
