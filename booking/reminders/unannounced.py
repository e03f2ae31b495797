"""What the desk chose not to tell stays untold, with that reason on record; reminders go as ever."""

from collections.abc import Sequence
from dataclasses import replace

from booking.appointments.models import Appointment
from booking.messaging.operations import MessageDraft
from booking.messaging.rules import Reason
from booking.reminders.rules import REMINDER_KINDS


def skip_unannounced(
    appointment: Appointment, drafts: Sequence[MessageDraft]
) -> list[MessageDraft]:
    """Return an appointment's drafts, those that tell of its booking or change skipped where it is untold."""
    if not appointment.is_unannounced:
        return list(drafts)
    return [
        draft
        if draft.kind in REMINDER_KINDS
        else replace(draft, skip_reason=draft.skip_reason or Reason.BY_DESK)
        for draft in drafts
    ]
