"""What of an appointment can be undone now, for the pages that offer it."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from flask_babel import gettext as _

from booking import clock
from booking.appointments.models import Appointment, AppointmentChange
from booking.appointments.queries import find_appointment
from booking.appointments.rules import Action
from booking.appointments.undoing import find_undoable_change
from booking.desk.blueprint import blueprint
from booking.desk.submitting import parse_undo_category
from booking.reminders.recipients import find_channel_recipient
from booking.web.formats import format_local_time


@dataclass(frozen=True, slots=True)
class UndoableChange:
    """A change of an appointment that can be undone, and what to say beside the button."""

    change: AppointmentChange
    appointment: Appointment
    now: datetime

    @property
    def name(self) -> str:
        """What was done, as a button's name goes on for those who don't see what it stands beside."""
        return describe_undoable_action(self.change.action)

    @property
    def made_at(self) -> str:
        """When it was done, by the location's clock."""
        return format_local_time(self.change.made_at, self._zone)

    @property
    def notice(self) -> str:
        """When the patient is told, where nobody was yet and somebody will be; else nothing."""
        notice_at = self.change.notice_at
        if notice_at is None or self.appointment.starts_at <= notice_at:
            return ""
        if self.appointment.is_unannounced:
            return str(_("The patient is told nothing of it."))
        if find_channel_recipient(self.appointment) is None:
            return str(_("The patient gets no messages: call them."))
        if notice_at <= self.now:
            return str(_("The patient is told in a moment."))
        at = format_local_time(notice_at, self._zone)
        return str(_("The patient is told at %(time)s, if it is not undone.", time=at))

    @property
    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self.appointment.time_zone)


def find_undoable(appointment_id: int) -> UndoableChange | None:
    """Return the change of an appointment that can be undone now, if there is one."""
    appointment, now = find_appointment(appointment_id), clock.now()
    change = find_undoable_change(appointment, now) if appointment else None
    return UndoableChange(change, appointment, now) if change and appointment else None


def find_undoable_beside(category: str) -> UndoableChange | None:
    """Return what can be undone beside a notice of this category, if anything can."""
    appointment_id = parse_undo_category(category)
    return find_undoable(appointment_id) if appointment_id is not None else None


def describe_undoable_action(action: Action) -> str:
    """Return an action as the button's object, after "Undo": "the move"."""
    words: dict[Action, str] = {
        Action.MOVE: _("the move"),
        Action.CANCEL: _("the cancellation"),
        Action.CHECK_IN: _("the check-in"),
        Action.FULFIL: _("the outcome"),
        Action.MARK_NO_SHOW: _("the no-show"),
        Action.RECORD_STEP: _("the last step"),
        Action.CHANGE_LENGTH: _("the change of length"),
    }
    return str(words[action])


blueprint.add_app_template_global(find_undoable_beside)
