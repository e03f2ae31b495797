"""What the JSON API answers about appointments."""

from typing import Any
from zoneinfo import ZoneInfo

from flask import url_for

from booking.appointments.models import Appointment
from booking.calendars.location_calendars import LocationCalendar
from booking.reminders.contexts import public_address


def appointment_to_dict(appointment: Appointment, location: LocationCalendar) -> dict[str, Any]:
    """Return an appointment at its location as JSON; times carry the offset promised for them."""
    zone = ZoneInfo(appointment.time_zone)
    return {
        "reference": appointment.reference,
        "status": appointment.status.value,
        "start": appointment.starts_at.astimezone(zone).isoformat(),
        "end": appointment.ends_at.astimezone(zone).isoformat(),
        "location": location.slug,
        "manage_url": public_address(url_for("site.show_appointment", token=appointment.token)),
    }
