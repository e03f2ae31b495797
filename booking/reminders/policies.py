"""The reminder rules as they are kept: by versions, of which the newest is in force; reads only."""

from sqlalchemy import func, select

from booking.extensions import db
from booking.reminders.dated_rules import DatedRule, date_rules
from booking.reminders.models import ReminderPolicy
from booking.reminders.rules import ReminderRule


def list_dated_rules() -> list[DatedRule]:
    """Return the reminder rules in force, and since when; none before a clinic file was loaded."""
    policies = db.session.scalars(select(ReminderPolicy).order_by(ReminderPolicy.version))
    return date_rules(
        (policy.created_at, [ReminderRule.from_dict(data) for data in policy.rules])
        for policy in policies
    )


def current_policy_version() -> int:
    """Return the version of the reminder rules in force, 0 before any."""
    return db.session.scalar(select(func.max(ReminderPolicy.version))) or 0
