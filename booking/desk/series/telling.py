"""Whether a patient hears of what the desk did to their visits, as its notice goes on."""

from flask_babel import gettext as _

from booking.patients.models import Patient
from booking.reminders.recipients import is_booking_confirmed, is_reachable


def describe_telling(patient: Patient, *, only_booked: bool) -> str:
    """Return that a patient is told, or that somebody must; what is `only_booked` by the reminder rules."""
    if not is_reachable(patient):
        return str(_("The patient gets no messages: call them."))
    if only_booked and not is_booking_confirmed(patient):
        return str(_("By the reminder rules no message says so: tell the patient."))
    return str(_("The patient is told."))
