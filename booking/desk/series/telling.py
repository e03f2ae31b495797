"""Whether a patient hears of what the desk did to their visits, as its notice goes on."""

from flask_babel import gettext as _

from booking.patients.models import Patient
from booking.reminders.recipients import is_reachable


def describe_telling(patient: Patient) -> str:
    """Return that a patient is told, or that somebody must call."""
    if is_reachable(patient):
        return str(_("The patient is told."))
    return str(_("The patient gets no messages: call them."))
