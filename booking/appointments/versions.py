"""An appointment's version counts what was written to it: a form that showed another is outdated."""

from sqlalchemy.orm.attributes import flag_modified

from booking.appointments.models import Appointment


def increment_version(appointment: Appointment) -> None:
    """Count the version up with the next flush, though no column of the appointment itself has changed."""
    flag_modified(appointment, "note")
