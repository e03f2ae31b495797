"""What the JSON API answers about appointments."""

from typing import Any
from zoneinfo import ZoneInfo

from flask import current_app, url_for

from booking.appointments.models import Appointment
from booking.appointments.operations import location_of


def appointment_to_dict(appointment: Appointment) -> dict[str, Any]:
    """Return an appointment as JSON; times carry the offset of the zone in which they were promised."""
    zone = ZoneInfo(appointment.time_zone)
    return {
        "reference": appointment.reference,
        "status": appointment.status.value,
        "start": appointment.starts_at.astimezone(zone).isoformat(),
        "end": appointment.ends_at.astimezone(zone).isoformat(),
        "location": location_of(appointment).slug,
        "manage_url": current_app.config["PUBLIC_URL"].rstrip("/")
        + url_for("site.show_appointment", token=appointment.token),
    }
