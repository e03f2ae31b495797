"""What the reminder rules on a form would send, for its page."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from booking import clock
from booking.desk.day.views import last_used_location
from booking.locations import operations as locations
from booking.reminders.previews import MessagePreview, preview_rules
from booking.reminders.rules import ReminderRule


def list_previews(rules: Iterable[Mapping[str, Any]]) -> Sequence[MessagePreview]:
    """Return the words of each rule, for the location whose day was looked at last."""
    location = locations.get_location(last_used_location().id)
    return preview_rules([ReminderRule.from_dict(rule) for rule in rules], location, clock.now())
